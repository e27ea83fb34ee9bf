#include "tiercel/base/text_table.h"

#include <algorithm>

namespace tiercel::base {

std::uint32_t TextTable::add(std::string_view text) {
  const std::uint32_t known = find(text);
  if (known != kNone) {
    return known;
  }
  const auto number = static_cast<std::uint32_t>(texts_.size());
  texts_.emplace_back(text);
  if (texts_.size() * 2 > slots_.size()) {
    grow();
  } else {
    place(number);
  }
  return number;
}

void TextTable::place(std::uint32_t number) {
  const std::uint64_t hash = hash_of(texts_[number]);
  std::size_t at = hash >> shift_;
  while (slots_[at].number != kNone) {
    at = (at + 1) & (slots_.size() - 1);
  }
  slots_[at] = {static_cast<std::uint32_t>(hash), number};
}

void TextTable::grow() {
  const std::size_t wanted = std::max<std::size_t>(4, slots_.size() * 2);
  slots_.assign(wanted, {});
  shift_ = 64U - static_cast<unsigned>(std::countr_zero(wanted));
  for (std::uint32_t number = 0; number < texts_.size(); ++number) {
    place(number);
  }
}

}  // namespace tiercel::base
