#include "scalar.h"

#include <array>
#include <cstring>
#include <string_view>

namespace tiercel::audit {

namespace {

constexpr bool is_space(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }

constexpr std::array<bool, 256> make_number_bytes() {
  std::array<bool, 256> table{};
  for (const char c : std::string_view("0123456789+-.eE")) {
    table[static_cast<unsigned char>(c)] = true;
  }
  return table;
}
constexpr std::array<bool, 256> kNumberByte = make_number_bytes();

bool is_word(std::string_view text) {
  if (text == "true" || text == "false" || text == "null") {
    return true;
  }
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) {
    text.remove_prefix(1);
  }
  if (text.size() != 3) {
    return false;
  }
  char lower[3];
  for (std::size_t at = 0; at < 3; ++at) {
    lower[at] = static_cast<char>(text[at] | 0x20);
  }
  const std::string_view word(lower, 3);
  return word == "nan" || word == "inf";
}

}  // namespace

bool is_scalar(const char* begin, const char* end) {
  while (end > begin && is_space(end[-1])) {
    --end;
  }
  if (begin == end) {
    return false;
  }
  const char first = *begin;
  if ((first >= '0' && first <= '9') || first == '-') {
    const char* at = begin + 1;
    while (at < end && kNumberByte[static_cast<unsigned char>(*at)]) {
      ++at;
    }
    const bool has_digit = first != '-' || (begin + 1 < end && begin[1] >= '0' && begin[1] <= '9');
    if (at == end && has_digit) {
      return true;
    }
  }
  return is_word({begin, static_cast<std::size_t>(end - begin)});
}

}  // namespace tiercel::audit
