#include "redact_surrogates.h"

#include <algorithm>

#include "redact_chars.h"

namespace tiercel::alert {

namespace {

constexpr std::size_t kNone = std::string_view::npos;
constexpr std::size_t kLength = 6;

bool is_surrogate(std::string_view text, char least, char most) {
  return text.size() >= kLength && text[0] == '\\' && text[1] == 'u' && (text[2] | 0x20) == 'd' &&
         (text[3] | 0x20) >= least && (text[3] | 0x20) <= most && is_hex(text[4]) &&
         is_hex(text[5]);
}

// Where the next one begins that is no half of a pair.
std::size_t find_surrogate(std::string_view text, std::size_t from) {
  for (std::size_t at = text.find("\\u", from); at != kNone; at = text.find("\\u", at)) {
    const std::string_view rest = text.substr(at);
    const bool first = is_surrogate(rest, '8', '9') || is_surrogate(rest, 'a', 'b');
    const bool pair =
        first && is_surrogate(text.substr(std::min(at + kLength, text.size())), 'c', 'f');
    if (!pair && (first || is_surrogate(rest, 'c', 'f'))) {
      return at;
    }
    at += pair ? 2 * kLength : 2;
  }
  return kNone;
}

}  // namespace

std::optional<std::string> without_surrogates(std::string_view text) {
  std::size_t found = find_surrogate(text, 0);
  if (found == kNone) {
    return std::nullopt;
  }
  std::string out;
  std::size_t copied = 0;
  for (; found != kNone; found = find_surrogate(text, copied)) {
    out.append(text, copied, found - copied);
    out += "\xEF\xBF\xBD";
    copied = found + kLength;
  }
  out.append(text, copied);
  return out;
}

}  // namespace tiercel::alert
