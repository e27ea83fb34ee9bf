#include "regular_expression.h"

#include <cstdint>
#include <cstring>
#include <utility>

#include <re2/re2.h>

#include "tiercel/base/json_text.h"

namespace tiercel::condition {

namespace {

bool is_utf8(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    std::uint64_t eight = 0;
    if (text.size() - at >= sizeof eight) {
      std::memcpy(&eight, text.data() + at, sizeof eight);
      if ((eight & 0x8080808080808080U) == 0) {
        at += sizeof eight;
        continue;
      }
    }
    std::size_t bad = 0;
    const std::size_t length = base::utf8_sequence(text.substr(at), &bad);
    if (length == 0) {
      return false;
    }
    at += length;
  }
  return true;
}

// What Perl has and POSIX has not, with its replacement.
std::string hint_for(std::string_view pattern) {
  if (pattern.find("(?i)") != std::string_view::npos) {
    return "; flags such as (?i) are not available: apply tolower() to the field";
  }
  if (pattern.find("(?") != std::string_view::npos) {
    return "; only plain groups ( ) are available";
  }
  for (const auto& [perl, posix] :
       {std::pair<std::string_view, std::string_view>{"\\d", "[0-9]"},
        std::pair<std::string_view, std::string_view>{"\\w", "[[:alnum:]_]"},
        std::pair<std::string_view, std::string_view>{"\\s", "[[:space:]]"}}) {
    if (pattern.find(perl) != std::string_view::npos) {
      return "; write " + std::string(posix) + " instead of " + std::string(perl);
    }
  }
  return {};
}

}  // namespace

RegularExpression::RegularExpression(std::shared_ptr<const re2::RE2> compiled)
    : compiled_(std::move(compiled)) {}

base::Result<RegularExpression> RegularExpression::make(std::string_view pattern) {
  RE2::Options options;
  options.set_posix_syntax(true);
  options.set_log_errors(false);
  auto compiled =
      std::make_shared<const RE2>(re2::StringPiece(pattern.data(), pattern.size()), options);
  if (!compiled->ok()) {
    return base::Error{"bad_regex",
                       "invalid regular expression: " + compiled->error() + hint_for(pattern), ""};
  }
  return RegularExpression(std::move(compiled));
}

bool RegularExpression::matches(std::string_view text) const {
  if (is_utf8(text)) {
    return RE2::FullMatch(re2::StringPiece(text.data(), text.size()), *compiled_);
  }
  return RE2::FullMatch(base::to_valid_utf8(text), *compiled_);
}

}  // namespace tiercel::condition
