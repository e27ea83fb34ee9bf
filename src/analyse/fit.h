#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "facts.h"

namespace tiercel::analyse {

/// What a rule of a policy can ask for beyond the kind of request.
enum class By : std::uint8_t { kUser, kGroup, kSpace, kName, kPath };
inline constexpr std::size_t kBys = 5;

/// What a request must be for a rule to decide about it, beyond what is known of it: one text of
/// each list that is not empty.
struct Fit {
  bool is_possible = true;
  bool is_vague = false;  ///< fits some of these requests; which ones has no words
  std::array<std::vector<std::string>, kBys> lists;

  std::vector<std::string>& operator[](By by) { return lists[static_cast<std::size_t>(by)]; }
  [[nodiscard]] std::size_t conditions() const {
    return static_cast<std::size_t>(
        std::count_if(lists.begin(), lists.end(), [](const auto& list) { return !list.empty(); }));
  }
};

[[nodiscard]] Fit fit_of(const PolicyRule& rule, const Facts& facts);

/// Whether an entry of a rule's `resources` names what these requests are for.
[[nodiscard]] Tri entry_fits(const std::string& entry, const Facts& facts);
/// Whether an entry of `nonResourceURLs` names the path of all of these requests.
[[nodiscard]] bool url_fits(const std::string& url, const Known& path);

}  // namespace tiercel::analyse
