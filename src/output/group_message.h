#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tiercel/store/feed.h"

namespace tiercel::output {

/// What a group's message tells of the alerts that it stands for.
struct GroupFacts {
  std::string key;  ///< "rule=Attach/Exec Pod, ka.target.namespace=web"
  std::uint64_t count = 0;
  std::int64_t first = 0;                             ///< ns since the epoch
  std::int64_t last = 0;                              ///< the same
  std::vector<std::array<std::uint8_t, 16>> samples;  ///< ids of the first few
  std::array<std::uint8_t, 16> last_id{};
  std::uint8_t worst = 0;  ///< smallest priority of all, the worse the smaller
};

/// The id of the message for a group that begins with `first`: the same for the same alerts,
/// sorted by the first one's time.
[[nodiscard]] std::array<std::uint8_t, 16> group_id(const store::StoredAlert& first,
                                                    const GroupFacts& facts);

/// The body for a group of several alerts: the first one's with an id of its own, the members
/// group.… in output_fields, its text made from `message_template` where there is one, and
/// behind it how many there were.
///
/// REQUIRES: the body of `first` is an alert of ours.
[[nodiscard]] std::string group_body(const store::StoredAlert& first, const GroupFacts& facts,
                                     std::string_view message_template);

}  // namespace tiercel::output
