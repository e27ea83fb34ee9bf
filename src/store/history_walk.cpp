#include "history_walk.h"

#include <algorithm>
#include <charconv>
#include <string_view>

namespace tiercel::store {

namespace {

constexpr std::size_t kIdBytes = 16;
constexpr std::size_t kTimeBytes = 6;

// The least id of this millisecond.
std::string id_at(std::int64_t milliseconds) {
  std::string id(kIdBytes, '\0');
  auto rest = static_cast<std::uint64_t>(std::max<std::int64_t>(milliseconds, 0));
  for (std::size_t at = kTimeBytes; at-- > 0; rest >>= 8U) {
    id[at] = static_cast<char>(rest & 0xFFU);
  }
  return id;
}

// Of an id as text; the least where it is none.
std::int64_t milliseconds_of(std::string_view id) {
  std::int64_t milliseconds = 0;
  (void)std::from_chars(id.data(), id.data() + std::min(id.size(), 2 * kTimeBytes), milliseconds,
                        16);
  return milliseconds;
}

std::string id_text(const StoredAlert& alert) {
  return {reinterpret_cast<const char*>(alert.id.data()), alert.id.size()};
}

}  // namespace

IdRange untimed() { return {"", id_at(1)}; }

IdRange timed(const Query& query) {
  // Just below the first id of its millisecond; the exact time is compared for each alert.
  std::string low = id_at(query.since ? std::max<std::int64_t>(*query.since / 1'000'000, 1) : 1);
  low.resize(kTimeBytes);
  std::string high(kIdBytes + 1, '\xFF');
  if (query.until) {
    high = id_at(std::max<std::int64_t>(*query.until / 1'000'000, 0) + 1);
  }
  if (!query.ids.empty()) {
    // An id says its time: nothing else need be read.
    const auto [first, last] = std::minmax_element(query.ids.begin(), query.ids.end());
    low = std::max(low, id_at(milliseconds_of(*first)).substr(0, kTimeBytes));
    high = std::min(high, id_at(milliseconds_of(*last) + 1));
  }
  return {low, high};
}

base::Result<const StoredAlert*> HistoryWalk::look() {
  while (at_ == page_.alerts.size()) {
    if (is_over_) {
      return static_cast<const StoredAlert*>(nullptr);
    }
    if (auto read = segment_.read_ids(range_.low, range_.high, order_, page_); !read) {
      return read.error();
    }
    at_ = 0;
    is_over_ = !page_.more;
    if (!page_.alerts.empty()) {
      (order_ == Order::kUp ? range_.low : range_.high) = id_text(page_.alerts.back());
    }
  }
  return static_cast<const StoredAlert*>(&page_.alerts[at_]);
}

}  // namespace tiercel::store
