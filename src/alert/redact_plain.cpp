#include "redact_plain.h"

#include <algorithm>
#include <array>

#include "tiercel/alert/redactor.h"

#include "redact_chars.h"
#include "redact_names.h"
#include "redact_prefilter.h"
#include "redact_surrogates.h"
#include "redact_tokens.h"

// A text inside a text is scanned one level deeper; RedactScope bounds levels and cost.
// NOLINTBEGIN(misc-no-recursion)

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

enum class Trigger : std::uint8_t {
  kNone,
  kEquals,
  kColon,
  kDash,
  kPercent,
  kQuestion,
  kTag,
  kAt,
  kDollar,
  kWord
};

constexpr std::array<Trigger, 256> make_triggers() {
  std::array<Trigger, 256> table{};
  const auto fill = [&](unsigned char from, unsigned char to, Trigger trigger) {
    for (unsigned c = from; c <= to; ++c) {
      table[c] = trigger;
    }
  };
  fill('0', '9', Trigger::kWord);
  fill('A', 'Z', Trigger::kWord);
  fill('a', 'z', Trigger::kWord);
  table['='] = Trigger::kEquals;
  table[':'] = Trigger::kColon;
  table['-'] = Trigger::kDash;
  table['%'] = Trigger::kPercent;
  table['?'] = Trigger::kQuestion;
  table['>'] = Trigger::kTag;
  table['@'] = Trigger::kAt;
  table['$'] = Trigger::kDollar;
  return table;
}
constexpr std::array<Trigger, 256> kTriggers = make_triggers();

constexpr CharSet kLineEnds("\r\n");
constexpr CharSet kArgumentEnds(" \t\r\n\"'");
constexpr CharSet kHeaderEnds("\r\n\"'");
constexpr CharSet kMemberEnds(" \t\r\n\"',}]");
constexpr CharSet kAssignmentEnds(" \t\r\n\";&");
constexpr CharSet kParameterEnds(" \t\r\n\"&");
constexpr CharSet kQueryEnds(" \t\r\n\"'<>\\");

}  // namespace

void PlainRedactor::run() {
  if (first_argument()) {
    return;
  }
  while (at_ < text_.size()) {
    switch (kTriggers[static_cast<unsigned char>(text_[at_])]) {
      case Trigger::kEquals:
        equals(1);
        break;
      case Trigger::kColon:
        colon();
        break;
      case Trigger::kDash:
        dash();
        break;
      case Trigger::kPercent:
        // An equals sign that is percent-encoded, outside of a URI.
        if (at(at_ + 1) == '3' && (at(at_ + 2) | 0x20) == 'd') {
          equals(3);
        } else {
          ++at_;
        }
        break;
      case Trigger::kQuestion:
        query();
        break;
      case Trigger::kTag:
        tag();
        break;
      case Trigger::kAt:
        data_source();
        break;
      case Trigger::kDollar:
        hash();
        break;
      case Trigger::kWord:
        word();
        break;
      case Trigger::kNone:
        ++at_;
        break;
    }
  }
}

void PlainRedactor::run_shapes() {
  while (at_ < text_.size()) {
    const char c = text_[at_];
    if (c == ':') {
      user_info();
    } else if (c == '-' && begins_word(at_)) {
      mask(at_, at_ + private_key_block(text_.substr(at_)));
    } else if (c == '$') {
      hash();
    } else if (!is_alnum(c) || !begins_token(at_) || !shape()) {
      ++at_;
    }
  }
}

bool PlainRedactor::write(std::string& out) {
  if (!changed_) {
    return false;
  }
  out_.append(text_, copied_);
  out = std::move(out_);
  return true;
}

void PlainRedactor::mask(std::size_t begin, std::size_t end) {
  at_ = std::max(end, at_ + 1);
  if (begin >= end) {
    return;
  }
  changed_ = true;
  out_.append(text_, copied_, begin - copied_);
  out_ += kMask;
  copied_ = end;
}

void PlainRedactor::looked_in_vain(std::size_t bytes) {
  if (!scope_.spend(bytes)) {
    mask(at_, text_.size());
  }
}

PlainRedactor::Name PlainRedactor::name_before(std::size_t separator) const {
  std::size_t end = separator;
  const std::size_t least = std::max(copied_, end > kMostBlanks ? end - kMostBlanks : 0);
  bool quoted = false;
  while (end > least) {
    const char c = text_[end - 1];
    quoted = quoted || is_quote(c);
    if (!is_blank(c) && !is_quote(c) && c != '\\' && c != ']' && c != ':') {
      break;
    }
    --end;
  }
  std::size_t begin = end;
  const std::size_t first = std::max(copied_, end > kMostName ? end - kMostName : 0);
  while (begin > first && is_name_char(text_[begin - 1])) {
    --begin;
  }
  return {text_.substr(begin, end - begin), begin, quoted};
}

bool PlainRedactor::begins_line(std::size_t at) const {
  const std::size_t least = at > kMostBlanks ? at - kMostBlanks : 0;
  while (at > least && (is_blank(text_[at - 1]) || text_[at - 1] == '-')) {
    --at;
  }
  return at == 0 || text_[at - 1] == '\n';
}

bool PlainRedactor::begins_word(std::size_t at) const {
  if (at == 0) {
    return true;
  }
  const char before = text_[at - 1];
  return is_space(before) || is_quote(before) || before == '(' || before == ',' || before == '[' ||
         before == '=' || before == ':';
}

// Also behind an escape: %3Dghp_…, \nghp_….
bool PlainRedactor::begins_token(std::size_t at) const {
  if (at == 0) {
    return true;
  }
  const char before = text_[at - 1];
  if (!is_alnum(before) && before != '_' && before != '-') {
    return true;
  }
  const bool percent = at >= 3 && text_[at - 3] == '%' && is_hex(before) && is_hex(text_[at - 2]);
  return percent || (at >= 2 && text_[at - 2] == '\\');
}

// The end of the text in quotes that begins at `begin`, whose quotes may be escaped once
// or more: it ends at a quote with as many backslashes, or fewer. `content` is where it
// begins; `begin` itself when no quote stands there.
std::size_t PlainRedactor::quoted_end(std::size_t begin, std::size_t& content) const {
  std::size_t quote = begin;
  while (at(quote) == '\\') {
    ++quote;
  }
  const char mark = at(quote);
  content = begin;
  if (!is_quote(mark)) {
    return begin;
  }
  content = quote + 1;
  const std::size_t unit = quote - begin + 1;
  std::size_t run = 0;
  for (std::size_t index = content; index < text_.size(); ++index) {
    const char c = text_[index];
    if (c == mark && (run / unit) % 2 == 0) {
      return index - run % unit;
    }
    run = c == '\\' ? run + 1 : 0;
  }
  return text_.size();
}

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
    mask_argument(ArgumentState::Next::kUser, value, find_end(value, kArgumentEnds));
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

void PlainRedactor::query() {
  if (at_ < query_seen_) {
    ++at_;
    return;
  }
  std::size_t end = find_end(at_ + 1, kQueryEnds);
  // \u0026 is how a JSON writer writes the ampersand.
  while (text_.substr(end).starts_with("\\u0026")) {
    end = find_end(end + 1, kQueryEnds);
  }
  const std::string_view parameters = text_.substr(at_ + 1, end - at_ - 1);
  std::string masked;
  if (parameters.find('=') == std::string_view::npos) {
    // Flags and tokens may stand there all the same.
    query_seen_ = end;
    ++at_;
  } else if (redact_uri(parameters, true, scope_.inner(), masked)) {
    changed_ = true;
    out_.append(text_, copied_, at_ + 1 - copied_);
    out_ += masked;
    copied_ = end;
    at_ = end;
  } else {
    at_ = end;
  }
}

bool redact_plain(std::string_view text, const RedactScope& scope, ArgumentState& state,
                  std::string& out) {
  PlainRedactor redactor(text, scope, state);
  redactor.run();
  return redactor.write(out);
}

bool redact_shapes(std::string_view text, const RedactScope& scope, std::string& out) {
  if (!scope.lenient && !may_hold_shape(text)) {
    return false;
  }
  const auto mended = without_surrogates(text);
  ArgumentState state;
  PlainRedactor redactor(mended ? std::string_view(*mended) : text, scope, state);
  redactor.run_shapes();
  return redactor.write(out);
}

}  // namespace tiercel::alert

// NOLINTEND(misc-no-recursion)
