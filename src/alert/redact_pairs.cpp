#include <algorithm>
#include <array>

#include "redact_chars.h"
#include "redact_names.h"
#include "redact_plain.h"
#include "redact_tokens.h"

// Names with values: behind an equals sign, behind a colon.

namespace tiercel::alert {

namespace {

// Names that are believed before a colon without a blank, where a user name such as
// system:serviceaccount:token:default could stand too.
bool is_plain_password_name(std::string_view name) {
  constexpr std::array<std::string_view, 8> kNames{"password", "passwd",  "pwd",     "pass",
                                                   "apikey",   "api_key", "api-key", "passphrase"};
  return std::any_of(kNames.begin(), kNames.end(), [&](std::string_view known) {
    return std::equal(known.begin(), known.end(), name.begin(), name.end(),
                      [](char a, char b) { return a == (b >= 'A' && b <= 'Z' ? b | 0x20 : b); });
  });
}

bool is_header_name(std::string_view name) {
  constexpr std::string_view kAuthorization = "authorization";
  constexpr std::string_view kCookie = "cookie";
  return (name.size() >= kAuthorization.size() &&
          equal_ignoring_case(name.substr(name.size() - kAuthorization.size()), kAuthorization)) ||
         (name.size() >= kCookie.size() &&
          equal_ignoring_case(name.substr(name.size() - kCookie.size()), kCookie));
}

constexpr CharSet kLineEnds("\r\n");
constexpr CharSet kArgumentEnds(" \t\r\n\"'");
constexpr CharSet kHeaderEnds("\r\n\"'");
constexpr CharSet kMemberEnds(" \t\r\n\"',}]");
constexpr CharSet kAssignmentEnds(" \t\r\n\";&");
constexpr CharSet kParameterEnds(" \t\r\n\"&");

}  // namespace

void PlainRedactor::mask_block(std::size_t line_end, std::size_t indent) {
  std::size_t end = line_end;
  while (end < text_.size()) {
    const std::size_t begin = end + 1;
    const std::size_t word = std::min(text_.find_first_not_of(" \t\r", begin), text_.size());
    if (word < text_.size() && text_[word] != '\n' && word - begin <= indent) {
      break;
    }
    end = std::min(text_.find('\n', word), text_.size());
  }
  mask(line_end + 1, end);
}

void PlainRedactor::mask_value(std::size_t begin, bool whole_line, const CharSet& stops) {
  std::size_t content = begin;
  const std::size_t quoted = quoted_end(begin, content);
  if (content != begin) {
    // Three quotes around a text that may have several lines.
    const std::string_view three = text_.substr(begin, 3);
    const bool tripled = quoted == content && (three == "\"\"\"" || three == "'''");
    const std::size_t last = tripled ? text_.find(three, begin + 3) : quoted;
    mask(tripled ? begin + 3 : content, std::min(last, text_.size()));
    return;
  }
  const std::size_t block = private_key_block(text_.substr(begin));
  if (block != 0) {
    mask(begin, begin + block);
    return;
  }
  const std::size_t word_end = find_end(begin, whole_line ? kLineEnds : stops);
  const std::string_view value = text_.substr(begin, word_end - begin);
  if (whole_line || !is_worth_masking(value)) {
    mask(is_worth_masking(value) ? begin : word_end, word_end);
    return;
  }
  for (const std::string_view scheme : {"bearer", "basic", "token"}) {
    if (equal_ignoring_case(value, scheme) && is_blank(at(word_end))) {
      mask(begin, find_end(kBlankSet.skip(text_, word_end), stops));
      return;
    }
  }
  mask(begin, word_end);
}

void PlainRedactor::equals(std::size_t length) {
  const Name name = name_before(at_);
  std::size_t value = at_ + length;
  if (name.text.ends_with("from-literal")) {
    const std::size_t end = find_end(value, kSpaceSet);
    const std::size_t inner = text_.substr(value, end - value).find('=');
    mask(inner == std::string_view::npos ? end : value + inner + 1, end);
    return;
  }
  if (name.text == "--user" || name.text == "--proxy-user") {
    mask_argument(user_and_password(), value, find_end(value, kArgumentEnds));
    at_ = std::max(at_, value);
    return;
  }
  if (!is_credential_name(name.text) && !is_named_attribute(name.text, name.begin)) {
    at_ = value;
    return;
  }
  while (at(value) == '=' || at(value) == '>' || (is_blank(at(value)) && value < text_.size())) {
    ++value;
  }
  if (state_.is_word && text_.front() == '-' && name.begin <= 2) {
    const bool worth = is_worth_masking(text_.substr(std::min(value, text_.size())));
    mask(worth ? value : text_.size(), text_.size());
    return;
  }
  // A name at the beginning of a text alone may have no line's end near it.
  const std::size_t near = name.begin - std::min(name.begin, kMostBlanks + 1);
  const bool lines = begins_line(name.begin) && text_.find('\n', near) != std::string_view::npos;
  mask_value(value, lines && length == 1, length == 1 ? kAssignmentEnds : kParameterEnds);
}

// `invalid continue token: the key …`: behind these names a word of lower-case letters is
// one of the sentence, unless it is a header's scheme.
bool PlainRedactor::is_prose(std::string_view name, std::size_t value) const {
  constexpr std::array<std::string_view, 6> kNames{"token",         "secret",     "auth",
                                                   "authorization", "credential", "credentials"};
  if (std::none_of(kNames.begin(), kNames.end(), [&](std::string_view known_name) {
        return equal_ignoring_case(name, known_name);
      })) {
    return false;
  }
  std::size_t end = value;
  while (at(end) >= 'a' && at(end) <= 'z') {
    ++end;
  }
  const std::string_view word = text_.substr(value, end - value);
  const bool scheme = is_header_name(name) && is_blank(at(end)) &&
                      (word == "token" || word == "bearer" || word == "basic");
  return !scheme && end > value &&
         (end == text_.size() || is_space(text_[end]) || text_[end] == ',');
}

// `-H X-Api-Key:…`, without a blank behind the colon; not the tag of an image.
bool PlainRedactor::is_header(std::string_view name, std::size_t begin, std::size_t value) const {
  const std::size_t first = begin - std::min(begin, kMostBlanks);
  const std::string_view before = text_.substr(first, begin - first);
  const std::string_view flag = before.substr(0, before.find_last_not_of(" \t\"'") + 1);
  return (flag.ends_with("-H") || flag.ends_with("--header")) && value < text_.size() &&
         is_credential_name(name);
}

void PlainRedactor::colon() {
  if (at(at_ + 1) == '/' && at(at_ + 2) == '/') {
    user_info();
    return;
  }
  const Name name = name_before(at_);
  if (name.text.empty()) {
    ++at_;
    return;
  }
  std::size_t value = at_ + 1;
  if (has_habit(kColonPairs) && !is_space(at(value))) {
    mask(value, find_end(value, kArgumentEnds));
    return;
  }
  while (is_space(at(value)) && value < text_.size() && value < at_ + kMostBlanks) {
    ++value;
  }
  const bool apart = value != at_ + 1 || name.quoted;
  const bool credential = apart ? is_credential_name(name.text)
                                : is_header(name.text, name.begin, value) ||
                                      (is_plain_password_name(name.text) &&
                                       (name.begin == 0 || text_[name.begin - 1] != ':'));
  const char first = at(value);
  const bool begins = begins_line(name.begin) && !name.quoted;
  if (!begins && !name.quoted && is_prose(name.text, value)) {
    ++at_;
    return;
  }
  if (!credential || first == '=' || first == '{' || first == '[' || value == text_.size()) {
    ++at_;
    return;
  }
  const std::size_t line_end = begins ? std::min(text_.find('\n', at_ + 1), text_.size()) : 0;
  if (begins && value > line_end) {
    // Nothing stands behind it on its line: what follows is another line's matter.
    ++at_;
    return;
  }
  if (begins && (first == '|' || first == '>') && line_end - value <= 3) {
    std::size_t line = name.begin;
    while (line > 0 && text_[line - 1] != '\n' && name.begin - line < kMostBlanks) {
      --line;
    }
    mask_block(line_end, name.begin - line);
    return;
  }
  if (is_header_name(name.text) && !is_quote(first) && first != '\\') {
    mask(value, find_end(value, kHeaderEnds));
    return;
  }
  mask_value(value, begins, name.quoted ? kMemberEnds : kArgumentEnds);
}

}  // namespace tiercel::alert
