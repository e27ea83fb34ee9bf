#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "tiercel/base/same_text.h"

namespace tiercel::base {

/// Texts with a number each, made once and then only looked up: what rules name, asked for
/// every event. Flat, with no division and no chain of nodes to follow; a text that is not
/// there usually costs the look at one slot.
///
/// Lifetime: holds its own copies. Immutable after the last add(); then any thread.
class TextTable {
 public:
  static constexpr std::uint32_t kNone = 0xFFFFFFFFU;

  /// The number of `text`: its own from before, or the next one (0, 1, 2 …).
  std::uint32_t add(std::string_view text);

  /// The number of `text`, or kNone.
  [[nodiscard]] std::uint32_t find(std::string_view text) const {
    if (slots_.empty()) {
      return kNone;
    }
    const std::uint64_t hash = hash_of(text);
    for (std::size_t at = hash >> shift_;; at = (at + 1) & (slots_.size() - 1)) {
      const Slot& slot = slots_[at];
      if (slot.number == kNone || (slot.check == static_cast<std::uint32_t>(hash) &&
                                   same_text(texts_[slot.number], text))) {
        return slot.number;
      }
    }
  }
  [[nodiscard]] std::size_t size() const { return texts_.size(); }
  [[nodiscard]] bool empty() const { return texts_.empty(); }
  /// In the order of their numbers.
  [[nodiscard]] const std::vector<std::string>& texts() const { return texts_; }

 private:
  struct Slot {
    std::uint32_t check = 0;  // the hash's low half: spares most comparisons of unequal texts
    std::uint32_t number = kNone;
  };

  // The names in rules are short. Every byte of up to 24 counts; longer ones are left to the
  // library.
  static std::uint64_t hash_of(std::string_view text) {
    constexpr std::uint64_t kOdd = 0x9E3779B97F4A7C15U;
    const char* const begin = text.data();
    const std::size_t size = text.size();
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    if (size > 24) {
      first = std::hash<std::string_view>{}(text);
    } else if (size >= 8) {
      first = word_at(begin) ^ std::rotl(word_at(begin + (size - 8) / 2), 23);
      last = word_at(begin + size - 8);
    } else if (size >= 4) {
      first = half_word_at(begin);
      last = half_word_at(begin + size - 4);
    } else if (size != 0) {
      first = static_cast<unsigned char>(begin[0]);
      last = static_cast<std::uint64_t>(static_cast<unsigned char>(begin[size / 2])) << 8U |
             static_cast<unsigned char>(begin[size - 1]);
    }
    std::uint64_t hash = (first ^ size) * kOdd;
    hash = (hash ^ hash >> 32U ^ last) * kOdd;
    return hash ^ hash >> 29U;
  }
  void place(std::uint32_t number);
  void grow();

  std::vector<Slot> slots_;  // a power of two of them, at most half full
  unsigned shift_ = 63;
  std::vector<std::string> texts_;
};

}  // namespace tiercel::base
