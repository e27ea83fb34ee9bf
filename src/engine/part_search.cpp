#include "part_search.h"

#include <algorithm>
#include <numeric>

namespace tiercel::engine {

PartSearch::PartSearch(std::span<const std::string> parts) : parts_(parts.size()) {
  if (parts.empty()) {
    return;
  }
  grow(parts);
  link();
}

// Each state in its turn gets its children, from the parts in order that begin with its text.
void PartSearch::grow(std::span<const std::string> parts) {
  std::vector<std::uint32_t> order(parts.size());
  std::iota(order.begin(), order.end(), 0U);
  std::sort(order.begin(), order.end(),
            [&](std::uint32_t a, std::uint32_t b) { return parts[a] < parts[b]; });
  struct Range {
    std::size_t begin;
    std::size_t end;
    std::size_t depth;
  };
  std::vector<Range> ranges{{0, order.size(), 0}};
  states_.emplace_back();
  bytes_.push_back('\0');
  for (std::size_t state = 0; state < ranges.size(); ++state) {
    auto [at, end, depth] = ranges[state];
    states_[state].first_child = static_cast<std::uint32_t>(ranges.size());
    if (at < end && parts[order[at]].size() == depth) {
      states_[state].part = order[at++];
    }
    while (at < end) {
      const char byte = parts[order[at]][depth];
      const std::size_t begin = at;
      while (at < end && parts[order[at]][depth] == byte) {
        ++at;
      }
      ranges.push_back({begin, at, depth + 1});
      states_.emplace_back();
      bytes_.push_back(byte);
    }
  }
  states_.emplace_back().first_child = static_cast<std::uint32_t>(ranges.size());
}

void PartSearch::link() {
  for (std::uint32_t child = states_[0].first_child; child < states_[1].first_child; ++child) {
    from_root_[static_cast<unsigned char>(bytes_[child])] = child;
  }
  // What a state falls back to is nearer to the root, so done before it.
  for (std::uint32_t state = 1; state + 1 < states_.size(); ++state) {
    for (std::uint32_t child = states_[state].first_child; child < states_[state + 1].first_child;
         ++child) {
      const std::uint32_t fallback = after(states_[state].fallback, bytes_[child]);
      states_[child].fallback = fallback;
      states_[child].next_end =
          states_[fallback].part != kNone ? fallback : states_[fallback].next_end;
    }
  }
}

// 0 where there is none.
std::uint32_t PartSearch::child(std::uint32_t state, char byte) const {
  const auto begin = bytes_.begin() + states_[state].first_child;
  const auto end = bytes_.begin() + states_[state + 1].first_child;
  const auto found = std::find(begin, end, byte);
  return found == end ? 0 : static_cast<std::uint32_t>(found - bytes_.begin());
}

std::uint32_t PartSearch::after(std::uint32_t state, char byte) const {
  while (state != 0) {
    if (const std::uint32_t next = child(state, byte); next != 0) {
      return next;
    }
    state = states_[state].fallback;
  }
  return from_root_[static_cast<unsigned char>(byte)];
}

void PartSearch::begin(Scratch& scratch) const {
  if (scratch.seen.size() < parts_) {
    scratch.seen.resize(parts_, 0);
  }
  ++scratch.search;
}

void PartSearch::find(std::string_view text, std::uint32_t base, Scratch& scratch,
                      std::vector<std::uint32_t>& found) const {
  std::uint32_t state = 0;
  for (const char byte : text) {
    state = after(state, byte);
    // Behind a part that was found before, all further ones were too.
    std::uint32_t end = states_[state].part != kNone ? state : states_[state].next_end;
    while (end != kNone && scratch.seen[states_[end].part] != scratch.search) {
      scratch.seen[states_[end].part] = scratch.search;
      found.push_back(base + states_[end].part);
      end = states_[end].next_end;
    }
  }
}

}  // namespace tiercel::engine
