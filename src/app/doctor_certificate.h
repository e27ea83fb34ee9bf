#pragma once

#include <string>
#include <vector>

namespace tiercel::app {

/// What a PEM file of certificates says of its first one.
struct CertificateFacts {
  std::string problem;  ///< why it cannot be used; empty where it can be read
  std::string subject;
  std::vector<std::string> names;  ///< subject alternative names
  long days_left = 0;              ///< negative: expired
  bool is_not_yet_valid = false;
  bool is_in_order = true;  ///< each that follows signed the one before
  std::size_t count = 0;
};
[[nodiscard]] CertificateFacts read_certificate(const std::string& path);
/// Whether the first certificate of the file is good for this host name or address.
[[nodiscard]] bool certificate_names(const std::string& path, const std::string& host);

}  // namespace tiercel::app
