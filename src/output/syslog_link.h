#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "tiercel/base/error.h"

#include "descriptor.h"

struct ssl_ctx_st;
struct ssl_st;

namespace tiercel::output {

struct SyslogPeer {
  enum class Transport : std::uint8_t { kLocal, kUdp, kTcp, kTls };
  Transport transport = Transport::kLocal;
  std::string socket = "/dev/log";
  std::string host;
  std::string port;
  std::chrono::milliseconds timeout{10'000};  ///< of connecting, and of each write
  bool insecure = false;                      ///< no check of the peer's certificate
  std::string ca_file;                        ///< PEM; empty: the system's
  std::string client_cert;                    ///< PEM; empty: none
  std::string client_key;
  std::string server_name;  ///< what the certificate must name; empty: the host
};

/// A connection to a syslog daemon.
///
/// Syslog acknowledges nothing. Over TCP and TLS settle() waits until the peer's system has
/// everything, so that a cut network loses nothing; what a daemon has received and loses by
/// itself nobody can know. Over UDP it looks whether the last datagram was refused.
///
/// Runs on: one thread. Waits end early once `interrupt` becomes readable.
class SyslogLink {
 public:
  SyslogLink(SyslogPeer peer, int interrupt);
  ~SyslogLink();
  SyslogLink(const SyslogLink&) = delete;
  SyslogLink& operator=(const SyslogLink&) = delete;

  /// Reads certificates and the like: what can be wrong before the peer is asked.
  [[nodiscard]] base::Result<void> prepare();
  /// Connects where it is not, and sees whether the peer has closed meanwhile.
  [[nodiscard]] base::Result<void> connect();
  /// The code of an error that tells of the datagram before: over UDP a closed port is heard of
  /// late.
  static constexpr const char* kEarlierRefused = "earlier_refused";

  /// One datagram, or bytes of the stream.
  [[nodiscard]] base::Result<void> send(std::string_view bytes);
  [[nodiscard]] base::Result<void> settle();
  void close();

 private:
  enum class Ready : std::uint8_t { kYes, kTimeout, kInterrupted };
  [[nodiscard]] Ready wait(short events, std::chrono::steady_clock::time_point deadline) const;
  [[nodiscard]] base::Error error(std::string what) const;
  [[nodiscard]] base::Error not_ready(Ready ready) const;
  [[nodiscard]] base::Error refused() const;
  [[nodiscard]] base::Result<void> connect_local();
  [[nodiscard]] base::Result<void> connect_remote();
  [[nodiscard]] base::Result<void> connect_tls();
  [[nodiscard]] base::Result<void> send_stream(std::string_view bytes);
  [[nodiscard]] base::Result<void> send_tls(std::string_view bytes);
  [[nodiscard]] bool is_closed_by_peer() const;
  // Waits for what a TLS call asked for; an error where it failed for good.
  [[nodiscard]] base::Result<void> wait_tls(int result,
                                            std::chrono::steady_clock::time_point deadline);

  const SyslogPeer peer_;
  const int interrupt_;
  Descriptor socket_;
  std::unique_ptr<ssl_ctx_st, void (*)(ssl_ctx_st*)> context_;
  std::unique_ptr<ssl_st, void (*)(ssl_st*)> tls_;
};

}  // namespace tiercel::output
