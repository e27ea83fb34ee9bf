#pragma once

#include <chrono>
#include <string>

namespace tiercel::support {

/// A certificate and its key, as PEM text. Made anew in each test: no key is ever committed.
struct Certificate {
  std::string certificate;
  std::string key;
};
struct CertificateOptions {
  std::string common_name = "tiercel test";
  std::chrono::seconds good_for = std::chrono::hours(24);
  std::chrono::seconds begins = -std::chrono::hours(24);
  std::string usage = {};               ///< extendedKeyUsage, as "serverAuth"; none: any
  const Certificate* issuer = nullptr;  ///< signs it, without an authority key id; none: itself
};
/// For 127.0.0.1 and localhost.
[[nodiscard]] Certificate make_certificate(const CertificateOptions& options);
/// The same, self-signed.
[[nodiscard]] Certificate make_certificate(const std::string& common_name = "tiercel test",
                                           std::chrono::seconds good_for = std::chrono::hours(24),
                                           std::chrono::seconds begins = -std::chrono::hours(24));
/// The certificate of `shown` with a key that claims to be its, and is that of `held`.
[[nodiscard]] Certificate with_key_of(const Certificate& shown, const Certificate& held);

}  // namespace tiercel::support
