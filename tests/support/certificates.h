#pragma once

#include <chrono>
#include <string>

namespace tiercel::support {

/// A fresh self-signed certificate for 127.0.0.1 and localhost and its key, as PEM text.
/// Made anew in each test: no key is ever committed.
struct Certificate {
  std::string certificate;
  std::string key;
};
[[nodiscard]] Certificate make_certificate(const std::string& common_name = "tiercel test",
                                           std::chrono::seconds good_for = std::chrono::hours(24),
                                           std::chrono::seconds begins = -std::chrono::hours(24));

}  // namespace tiercel::support
