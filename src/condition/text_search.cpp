#include "text_search.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

namespace tiercel::condition {

std::string folded(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(), fold);
  return result;
}

bool contains(std::string_view text, std::string_view needle) {
  // memmem is linear; std::string_view::find is not, and both texts may be hostile.
  return needle.empty() ||
         (needle.size() <= text.size() &&
          memmem(text.data(), text.size(), needle.data(), needle.size()) != nullptr);
}

bool contains_folded(std::string_view text, std::string_view needle) {
  if (needle.empty()) {
    return true;
  }
  std::array<char, 4096> window;
  if (needle.size() > window.size() / 2) {
    return contains(folded(text), needle);
  }
  // Folded piece by piece; consecutive pieces overlap by all but one byte of the needle.
  while (text.size() >= needle.size()) {
    const std::size_t size = std::min(text.size(), window.size());
    std::transform(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(size), window.begin(),
                   fold);
    if (contains({window.data(), size}, needle)) {
      return true;
    }
    text.remove_prefix(size == text.size() ? size : size - needle.size() + 1);
  }
  return false;
}

std::optional<std::uint64_t> parse_unsigned(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) {
    text.remove_prefix(1);
  }
  std::uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stopped, problem] = std::from_chars(text.data(), end, number);
  if (text.empty() || problem != std::errc{} || stopped != end) {
    return std::nullopt;
  }
  return negative ? std::uint64_t{0} - number : number;
}

}  // namespace tiercel::condition
