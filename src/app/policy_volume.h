#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tiercel/analyse/policy.h"
#include "tiercel/audit/decode.h"
#include "tiercel/base/error.h"

namespace tiercel::app {

/// What of recorded events a policy would record, and in how many bytes.
struct PolicyVolume {
  std::uint64_t events = 0;    ///< read
  std::uint64_t bytes = 0;     ///< of them
  std::uint64_t recorded = 0;  ///< by the policy
  std::uint64_t recorded_bytes = 0;
  std::uint64_t guessed = 0;  ///< of those recorded, whose bodies the log lacks: a mean was taken
  std::uint64_t unmeasured = 0;  ///< reads recorded with responses that the log lacks: not in bytes
  std::uint64_t unreadable = 0;
  std::int64_t first = 0;  ///< nanoseconds
  std::int64_t last = 0;
};
[[nodiscard]] base::Result<PolicyVolume> measure_volume(const analyse::Policy& policy,
                                                        const std::vector<std::string>& files,
                                                        const audit::DecodeLimits& limits);
/// As comments of YAML.
[[nodiscard]] std::string to_text(const PolicyVolume& volume);

}  // namespace tiercel::app
