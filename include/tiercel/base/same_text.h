#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace tiercel::base {

/// Eight bytes as a number; REQUIRES: they are readable.
inline std::uint64_t word_at(const char* at) {
  std::uint64_t eight = 0;
  std::memcpy(&eight, at, sizeof eight);
  return eight;
}
/// Four bytes as a number; REQUIRES: they are readable.
inline std::uint32_t half_word_at(const char* at) {
  std::uint32_t four = 0;
  std::memcpy(&four, at, sizeof four);
  return four;
}

/// What `==` says, for the short names that an event is full of: a call of memcmp costs more
/// than comparing them.
inline bool same_text(std::string_view a, std::string_view b) {
  const std::size_t size = a.size();
  if (size != b.size()) {
    return false;
  }
  if (size >= 8) {
    for (std::size_t at = 0; at + 8 < size; at += 8) {
      if (word_at(a.data() + at) != word_at(b.data() + at)) {
        return false;
      }
    }
    return word_at(a.data() + size - 8) == word_at(b.data() + size - 8);
  }
  if (size >= 4) {
    return half_word_at(a.data()) == half_word_at(b.data()) &&
           half_word_at(a.data() + size - 4) == half_word_at(b.data() + size - 4);
  }
  for (std::size_t at = 0; at < size; ++at) {
    if (a[at] != b[at]) {
      return false;
    }
  }
  return true;
}

}  // namespace tiercel::base
