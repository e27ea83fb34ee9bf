#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <nats/nats.h>

#include "tiercel/base/error.h"

#include "nats_link.h"

namespace tiercel::output {

template <class T, void (*Destroy)(T*)>
struct NatsDestroyer {
  void operator()(T* one) const { Destroy(one); }
};
using NatsConnection =
    std::unique_ptr<natsConnection, NatsDestroyer<natsConnection, &::natsConnection_Destroy>>;

struct NatsUrl {
  std::string host;
  std::string port = "4222";
  bool is_tls = false;
  /// Without credentials: parse() takes none.
  [[nodiscard]] std::string text() const { return "nats://" + host + ":" + port; }
  /// "[nats://|tls://]HOST[:PORT]"; nothing where it is anything else.
  [[nodiscard]] static std::optional<NatsUrl> parse(std::string_view text);
};

/// A connection, or why there is none.
struct NatsAttempt {
  NatsConnection connection;
  base::Error error;
};

/// What can be wrong before a server is asked.
[[nodiscard]] base::Result<void> check_nats_peer(const NatsPeer& peer);
/// Blocks until the server has taken us, or the time is over (twice, where it accepts the
/// connection at its end). Reads the secrets' files.
[[nodiscard]] NatsAttempt connect_to_nats(const NatsPeer& peer, const NatsUrl& url,
                                          std::chrono::milliseconds timeout);
/// What the library says of this thread's last call.
[[nodiscard]] std::string last_nats_text(natsStatus status);

}  // namespace tiercel::output
