#include "redact_plain.h"

#include <algorithm>
#include <array>

#include "tiercel/alert/redactor.h"

#include "redact_chars.h"
#include "redact_prefilter.h"
#include "redact_surrogates.h"
#include "redact_tokens.h"

// A text inside a text is scanned one level deeper; RedactScope bounds levels and cost.
// NOLINTBEGIN(misc-no-recursion)

namespace tiercel::alert {

namespace {

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
