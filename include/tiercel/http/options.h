#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace tiercel::http {

/// Where to listen. An empty host is all interfaces, IPv6 and IPv4; "::" is that too;
/// otherwise a numeric address (with or without brackets) or a name, of which all
/// addresses are taken. Port 0 lets the system choose.
struct Address {
  std::string host;
  std::uint16_t port = 0;
};

/// What one peer, and all together, can cost. Sizes in bytes.
struct Limits {
  std::uint32_t connections = 4096;
  std::uint32_t connections_per_peer = 1024;
  std::uint32_t header_bytes = 64U << 10U;
  /// Counts what is inside a compressed body too, so a small bomb cannot pass.
  std::uint64_t body_bytes = std::uint64_t{1} << 30U;
  /// From a request's first byte to the end of its header; also the TLS handshake.
  std::chrono::milliseconds header_timeout{10'000};
  /// Time spent waiting for the bytes of one body, in all. The apiserver itself gives
  /// up after 30 s. Time in which we do not read (because we evaluate) is not counted.
  std::chrono::milliseconds body_timeout{60'000};
  /// Between two requests of a connection. The apiserver closes idle ones after 90 s.
  std::chrono::milliseconds idle_timeout{300'000};
  std::chrono::milliseconds write_timeout{30'000};
  /// A body slower than this many bytes a second for as long as the grace is cut, whatever came
  /// before.
  std::uint32_t minimum_rate = 1024;
  std::chrono::milliseconds rate_grace{10'000};
  /// After an answer given before the body was read: how much of the rest is read and
  /// thrown away, so that the client sees the answer instead of a reset.
  std::uint64_t drain_bytes = std::uint64_t{64} << 20U;
  std::chrono::milliseconds drain_timeout{5'000};
  /// Up to this declared rest the connection is kept after an early answer.
  std::uint64_t keep_alive_drain_bytes = std::uint64_t{1} << 20U;
};

/// TLS 1.2 and 1.3, ALPN http/1.1. PEM files.
struct TlsOptions {
  bool enabled = false;
  std::string certificate_file{};  ///< the certificate, then those that signed it
  std::string key_file{};          ///< empty: the key stands in certificate_file
  /// Not empty: clients prove themselves with a certificate signed by one of these.
  std::string client_ca_file{};
  /// False: a client may show none; one that it shows must be good all the same.
  bool client_certificate_required = true;
};

struct ServerOptions {
  std::string name = "http";  ///< for messages and thread names
  std::vector<Address> addresses;
  /// A Unix socket to listen on too, without TLS; its file can be opened by owner and group.
  std::string unix_path{};
  /// Listening sockets that somebody else has opened, the service manager: they are taken instead
  /// of addresses and path, and closed at the end. Empty: none.
  std::vector<int> inherited{};
  std::uint32_t threads = 1;
  Limits limits;
  TlsOptions tls;
  /// Told of handshakes that fail for want of a good client certificate: whose, and why.
  /// Runs on: io thread.
  std::function<void(const std::string& peer, std::string_view reason)> on_refused_peer{};
  /// The config keys that messages about an unusable port and an unusable Unix socket name.
  std::string port_setting = "webserver.listen_port";
  std::string unix_setting{};
  /// Whether requests turned away here, and connections closed, count among the metrics rejected_…
  /// and drains_cut_short_….
  bool counts_rejections = true;
};

}  // namespace tiercel::http
