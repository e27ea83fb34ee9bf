#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "tiercel/base/text_table.h"

namespace tiercel::condition {

/// A fixed set of texts. Looked up without allocation, and only when one of that length
/// exists. Immutable; any thread.
class TextSet {
 public:
  explicit TextSet(std::span<const std::string> texts) {
    for (const std::string& text : texts) {
      table_.add(text);
      lengths_ |= length_bit(text);
    }
  }

  [[nodiscard]] bool contains(std::string_view text) const {
    return (lengths_ & length_bit(text)) != 0 && table_.find(text) != base::TextTable::kNone;
  }
  [[nodiscard]] std::size_t size() const { return table_.size(); }

 private:
  // One bit for each length; all from 63 on share the last.
  static std::uint64_t length_bit(std::string_view text) {
    return std::uint64_t{1} << std::min<std::size_t>(text.size(), 63);
  }

  base::TextTable table_;
  std::uint64_t lengths_ = 0;
};

}  // namespace tiercel::condition
