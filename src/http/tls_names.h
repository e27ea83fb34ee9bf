#pragma once

#include <chrono>
#include <string>
#include <vector>

#include <openssl/types.h>

namespace tiercel::http {

/// The certificate that the peer has proved to own.
struct PeerCertificate {
  /// The common name of its subject, then the DNS names and URIs it is issued for. Empty where it
  /// showed none. Names with a NUL or another control character are left out: they mean one thing
  /// here and another in a log.
  std::vector<std::string> names{};
  /// Until its notAfter; without a certificate for ever.
  std::chrono::seconds good_for = std::chrono::seconds::max();
};
[[nodiscard]] PeerCertificate peer_certificate(const SSL* ssl);

}  // namespace tiercel::http
