#include <algorithm>
#include <array>
#include <utility>

#include "redact_chars.h"
#include "redact_commands.h"
#include "redact_names.h"
#include "redact_plain.h"
#include "redact_tokens.h"

// The words of a text: tokens known by their shape, and flags with the word behind them.
// A text inside a text is scanned one level deeper; RedactScope bounds levels and cost.
// NOLINTBEGIN(misc-no-recursion)

namespace tiercel::alert {

namespace {

using Next = ArgumentState::Next;

constexpr CharSet kArgumentEnds(" \t\r\n\"'");
constexpr CharSet kAuthorityEnds("/?#\"'<> \t\r\n\\");
constexpr CharSet kAddressEnds("\"'<> \t\r\n\\");
constexpr CharSet kEncodedEnds(" \t\r\n\"'&;,\\");
constexpr CharSet kCredentialEnds(" \t\r\n\"',;\\)");
constexpr CharSet kPairEnds(" \t\r\n\"'`@;|&\\)");

char separator_of(ArgumentState::Next next) {
  switch (next) {
    case Next::kUser:
      return ':';
    case Next::kPercentUser:
      return '%';
    case Next::kCommaUser:
      return ',';
    case Next::kLiteral:
      return '=';
    default:
      return '\0';
  }
}

// Whether what stands before a slash may be `user:password`: behind the colon is no port.
bool has_password(std::string_view authority) {
  const std::size_t colon = authority.find(':');
  return colon != std::string_view::npos && authority.front() != '[' &&
         authority.find_first_not_of("0123456789", colon + 1) != std::string_view::npos;
}

}  // namespace

// scheme://user:password@host
void PlainRedactor::user_info() {
  if (at(at_ + 1) != '/' || at(at_ + 2) != '/') {
    ++at_;
    return;
  }
  constexpr std::size_t kLongUser = 20;
  const std::size_t begin = at_ + 3;
  std::size_t end = find_end(begin, kAuthorityEnds);
  std::string_view authority = text_.substr(begin, end - begin);
  if (has_password(authority) && authority.find('@') == std::string_view::npos) {
    // Marks that a password should not have: it ends at an @ all the same.
    authority = text_.substr(begin, 2 * kMostName);
    authority = authority.substr(0, kAddressEnds.find(authority, 0));
    end = begin + authority.size();
  }
  std::size_t sign = authority.rfind('@');
  if (sign == std::string_view::npos && scope_.lenient && end == text_.size() &&
      authority.find(':') != std::string_view::npos) {
    // What is cut here may have been a password.
    sign = authority.size();
  }
  if (sign == std::string_view::npos) {
    at_ = begin;
    return;
  }
  const std::size_t password = authority.substr(0, sign).find(':');
  if (password != std::string_view::npos) {
    mask(begin + password + 1, begin + sign);
  } else if (sign >= kLongUser) {
    mask(begin, begin + sign);
  } else {
    at_ = begin;
  }
}

bool PlainRedactor::shape() {
  const std::string_view rest = text_.substr(at_);
  std::size_t length = credential_token(rest, scope_.lenient);
  if (length == 0 && rest.front() == 'e' && at_ >= web_token_seen_) {
    std::size_t fruitless = 0;
    length = web_token(rest, scope_.lenient, fruitless);
    web_token_seen_ = at_ + fruitless;
  }
  if (length != 0) {
    mask(at_, at_ + length);
  }
  return length != 0;
}

bool PlainRedactor::base64() {
  if (at_ < base64_seen_) {
    return false;
  }
  const std::size_t end = kBase64Set.skip(text_, at_);
  base64_seen_ = end;
  // What is cut here may have gone on.
  const std::size_t least = scope_.lenient && end == text_.size() ? 8 : 20;
  if (end - at_ < least) {
    return false;
  }
  if (!scope_.spend(end - at_)) {
    mask(at_, end);
    return true;
  }
  const auto decoded = decoded_base64(text_.substr(at_, end - at_));
  std::string masked;
  if (!decoded || !redact_value(*decoded, scope_.inner(), masked)) {
    return false;
  }
  mask(at_, find_end(end, kEncodedEnds));
  return true;
}

// `Bearer …`, `Basic …` outside of a header.
bool PlainRedactor::scheme_word() {
  for (const std::string_view scheme : {"bearer", "basic"}) {
    const std::size_t after = at_ + scheme.size();
    if (!equal_ignoring_case(text_.substr(at_, scheme.size()), scheme) || !is_blank(at(after))) {
      continue;
    }
    const std::size_t begin = kBlankSet.skip(text_, after);
    const std::size_t end = find_end(begin, kCredentialEnds);
    const std::string_view value = text_.substr(begin, end - begin);
    // Prose says "bearer token" too: a word of lower-case letters is none.
    const bool word = std::all_of(value.begin(), value.end(),
                                  [](char c) { return (c >= 'a' && c <= 'z') || c == ':'; });
    if (value.size() >= 6 && !(word && value.size() < 20)) {
      mask(begin, end);
      return true;
    }
  }
  return false;
}

void PlainRedactor::hash() {
  const std::size_t length = password_hash(text_.substr(at_));
  mask(at_, at_ + length);
}

// A word that says what the next one is.
void PlainRedactor::keyword(std::string_view word) {
  const std::size_t next = kBlankSet.skip(text_, at_);
  if (at(next) == '=' || at(next) == ':') {
    return;
  }
  if (announces_credential(word, state_)) {
    follow_flag(Next::kCredential);
    return;
  }
  if (announces_user(word, state_)) {
    follow_flag(Next::kThenCredential);
    return;
  }
  const std::size_t begin = at_ - word.size();
  constexpr std::string_view kIdentified = "identified ";
  const bool by = equal_ignoring_case(word, "by") && begin >= kIdentified.size() &&
                  equal_ignoring_case(text_.substr(begin - kIdentified.size(), kIdentified.size()),
                                      kIdentified);
  const std::size_t quote =
      by || announces_quoted(word) ? text_.find_first_not_of(" \t(", at_) : std::string_view::npos;
  if (quote != std::string_view::npos && quote > at_ && is_quote(text_[quote])) {
    std::size_t content = quote;
    const std::size_t end = quoted_end(quote, content);
    mask(content, end);
  }
}

void PlainRedactor::word() {
  if (!begins_token(at_)) {
    ++at_;
    return;
  }
  const std::string_view rest = text_.substr(at_);
  const char c = static_cast<char>(rest.front() | 0x20);
  if (shape() || (c == 'b' && scheme_word()) || base64()) {
    return;
  }
  const std::uint32_t habits = std::exchange(state_.habits, 0U);
  note_program(rest, state_);
  const bool pipes = (state_.habits & kColonPairs) != 0;
  state_.habits |= habits;
  const std::size_t begin = at_;
  if (pipes) {
    piped_pair(begin);
  }
  at_ = kWordSet.skip(text_, begin);
  if ((habits & kSlashPair) != 0 && at(at_) == '/' &&
      (begin == 0 || is_space(text_[begin - 1]) || is_quote(text_[begin - 1]))) {
    mask(at_ + 1, find_end(at_ + 1, kPairEnds));
    return;
  }
  if (at_ < text_.size() ? is_blank(text_[at_]) || text_[at_] == '(' : state_.is_word) {
    keyword(text_.substr(begin, at_ - begin));
  }
}

// `echo user:password | chpasswd`: what stands before the program, each word from its first
// colon on. A password may hold any sign but those that end a word.
void PlainRedactor::piped_pair(std::size_t program) {
  constexpr std::string_view kNewLine = "\\n";  // as printf has it
  const std::size_t least = std::max(copied_, program - std::min(program, 2 * kMostName));
  const std::string_view before = text_.substr(least, program - least);
  const std::size_t pipe = before.rfind('|');
  if (pipe == std::string_view::npos) {
    return;
  }
  for (std::size_t begin = least; begin < least + pipe;) {
    const std::size_t end = std::min(find_end(begin, kArgumentEnds), least + pipe);
    const std::string_view pair = text_.substr(begin, end - begin);
    const std::size_t colon = std::min(pair.find(':'), pair.size());
    const std::size_t line = std::min(pair.find(kNewLine, colon), pair.size());
    const bool is_next = pair.find(':', line) != std::string_view::npos;
    if (colon < pair.size()) {
      mask(begin + colon + 1, is_next ? begin + line : end);
    }
    begin = is_next ? begin + line + kNewLine.size() : end + 1;
  }
}

// What stands behind -u.
Next PlainRedactor::user_and_password() const {
  if (has_habit(kCommaUser)) {
    return Next::kCommaUser;
  }
  return has_habit(kPercentUser) ? Next::kPercentUser : Next::kUser;
}

void PlainRedactor::flag() {
  const std::size_t begin = at_;
  std::size_t name_begin = begin;
  while (at(name_begin) == '-' && name_begin < begin + 2) {
    ++name_begin;
  }
  std::size_t end = name_begin;
  while (is_name_char(at(end)) && end < name_begin + kMostName) {
    ++end;
  }
  const std::string_view name = text_.substr(name_begin, end - name_begin);
  const bool is_short = name_begin == begin + 1;
  at_ = std::max(end, begin + 1);
  const bool glued_p = has_habit(kGluedP);
  if (glued_p && is_short && name.starts_with('p') && name.size() > 1) {
    at_ = begin + 1;
    mask(begin + 2, find_end(begin, kArgumentEnds));
    return;
  }
  if (is_short && name.starts_with('u') && name.size() > 1 && at(end) == ':') {
    mask_argument(Next::kUser, begin + 2, find_end(begin, kArgumentEnds));
    return;
  }
  if (end < text_.size() && !is_space(text_[end])) {
    at_ = glued_p && is_short && name == "p" ? at_ : std::max(name_begin, begin + 1);
    if (glued_p && is_short && name == "p") {
      mask(end, find_end(end, kSpaceSet));
    }
    return;
  }
  if (name == "p" || name == "pw") {
    if (at(kBlankSet.skip(text_, end)) == '-') {
      return;
    }
    if (!state_.plain_p && !is_plain_p(text_.substr(0, begin))) {
      follow_flag(Next::kMaybe);
    }
  } else if (name == "P" && has_habit(kUpperP)) {
    follow_flag(Next::kMaybe);
  } else if (name == "u" || name == "user" || name == "proxy-user") {
    follow_flag(user_and_password());
  } else if (name == "U" && has_habit(kPercentUser)) {
    follow_flag(Next::kPercentUser);
  } else if (name == "from-literal") {
    follow_flag(Next::kLiteral);
  } else if ((name == "a" && has_habit(kFlagA)) || (name == "w" && has_habit(kFlagW)) ||
             is_credential_name(name)) {
    follow_flag(Next::kCredential);
  }
}

// The value stands behind blanks, or is the next element.
void PlainRedactor::follow_flag(ArgumentState::Next next) {
  const std::size_t begin = kBlankSet.skip(text_, at_);
  if (begin == text_.size()) {
    state_.next = next;
    at_ = begin;
    return;
  }
  std::size_t content = begin;
  std::size_t end = quoted_end(begin, content);
  if (content == begin) {
    end = find_end(begin, kSpaceSet);
  }
  mask_argument(next, content, end);
}

void PlainRedactor::mask_argument(ArgumentState::Next next, std::size_t begin, std::size_t end) {
  const std::string_view value = text_.substr(begin, end - begin);
  if (value.starts_with('-') || (next == Next::kMaybe && !is_password_argument(value)) ||
      !is_worth_masking(value)) {
    looked_in_vain(value.size());
    return;
  }
  note_program(value, state_);
  if (next == Next::kThenCredential) {
    at_ = end;
    follow_flag(Next::kCredential);
    return;
  }
  if (const char separator = separator_of(next); separator != '\0') {
    const std::size_t sign = value.find(separator);
    const bool numbers = value.find_first_not_of("0123456789:") == std::string_view::npos;
    if (sign != std::string_view::npos && !numbers) {
      mask(begin + sign + 1, end);
    } else {
      looked_in_vain(value.size());
    }
    return;
  }
  mask(begin, end);
}

bool PlainRedactor::first_argument() {
  const Next next = state_.next;
  state_.next = Next::kPlain;
  if (next == Next::kPlain || text_.empty()) {
    return false;
  }
  mask_argument(next, 0, text_.size());
  return changed_ && copied_ == text_.size();
}

void PlainRedactor::dash() {
  if (!begins_word(at_) && !begins_token(at_)) {
    ++at_;
    return;
  }
  const std::size_t length = private_key_block(text_.substr(at_));
  if (length != 0) {
    mask(at_, at_ + length);
  } else if (begins_word(at_)) {
    flag();
  } else {
    ++at_;
  }
}

}  // namespace tiercel::alert

// NOLINTEND(misc-no-recursion)
