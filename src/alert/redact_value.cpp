#include <utility>

#include "tiercel/alert/redactor.h"
#include "tiercel/audit/json.h"
#include "tiercel/base/arena.h"
#include "tiercel/base/json_text.h"

#include "redact_chars.h"
#include "redact_commands.h"
#include "redact_engine.h"
#include "redact_prefilter.h"
#include "redact_surrogates.h"

// A text inside a text is scanned one level deeper; RedactScope bounds levels and cost.
// NOLINTBEGIN(misc-no-recursion)

namespace tiercel::alert {

namespace {

constexpr std::size_t kNone = std::string_view::npos;
constexpr std::size_t kLongestKey = 10;  // stringData
constexpr CharSet kWordEnds(" \t\r\n\"'");

/// A text that is rewritten step by step.
class Steps {
 public:
  explicit Steps(std::string_view text) : text_(text) {}

  [[nodiscard]] std::string_view text() const { return changed_ ? held_ : text_; }
  void take(std::string& next) {
    held_ = std::move(next);
    changed_ = true;
    next.clear();
  }
  [[nodiscard]] bool write(std::string& out) {
    if (changed_) {
      out = std::move(held_);
    }
    return changed_;
  }

 private:
  std::string_view text_;
  std::string held_;
  bool changed_ = false;
};

bool mask_whole(std::string& out) {
  out = kMask;
  return true;
}

// Whether a brace or bracket is followed by a string's quote, escaped or not.
bool may_hold_json(std::string_view text, bool& escaped) {
  bool plain = false;
  for (std::size_t at = text.find('{'); at != kNone; at = text.find('{', at + 1)) {
    const std::size_t next = kSpaceSet.skip(text, at + 1);
    if (next == text.size()) {
      break;
    }
    plain = plain || text[next] == '"';
    escaped = escaped || text[next] == '\\';
    at = next - 1;
  }
  return plain;
}

// JSON whose quotes are escaped, without the string around it.
void unescape_step(Steps& steps, const RedactScope& scope, std::string& scratch) {
  base::Arena arena;
  const std::string_view decoded = audit::decode_string(steps.text(), arena);
  if (decoded == steps.text() || !redact_value(decoded, scope.inner(), scratch)) {
    return;
  }
  std::string escaped;
  base::append_json_escaped(escaped, scratch);
  steps.take(escaped);
}

// A manifest whose line ends are escaped: of its kind and its data one begins another line
// than the first.
bool may_hold_yaml(std::string_view text) {
  if (text.find("kind") == kNone || text.find("data") == kNone) {
    return false;
  }
  for (std::size_t at = text.find("\\n"); at != kNone; at = text.find("\\n", at + 2)) {
    const std::size_t word = text.find_first_not_of(" -\\\"'", at + 2);
    const std::string_view key = text.substr(std::min(word, text.size()), kLongestKey);
    if (key.starts_with("kind") || key.starts_with("data") || key == "stringData") {
      return true;
    }
    at = std::min(word, text.size()) - 2;
  }
  return false;
}

bool is_percent_encoded(std::string_view text) {
  for (std::size_t at = text.find('%'); at != kNone; at = text.find('%', at + 1)) {
    const std::string_view code = text.substr(at + 1, 2);
    if (code == "22" || code == "3A" || code == "3a" || code == "3D" || code == "3d") {
      return true;
    }
  }
  return false;
}

}  // namespace

bool redact_any(std::string_view text, const RedactScope& scope, ArgumentState& state,
                JsonVerdict& verdict, std::string& out) {
  verdict.well_formed = false;
  note_first_word(text, state);
  const bool known = scope.data || scope.lenient || state.next != ArgumentState::Next::kPlain;
  // Inside a Secret data needs no pattern.
  const bool may_be_data = (scope.secret || scope.depth > 0) && text.find('{') != kNone;
  if (text.empty() || (!known && state.habits == 0 && !may_be_data && !may_hold_credential(text))) {
    return false;
  }
  if (!scope.take(text.size())) {
    return mask_whole(out);
  }
  const auto mended = without_surrogates(text);
  text = mended ? std::string_view(*mended) : text;
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  const bool opens = first != kNone && (text[first] == '{' || text[first] == '[');
  bool escaped = false;
  const bool inside = may_hold_json(text, escaped);
  Steps steps(text);
  std::string scratch;
  if (opens || inside) {
    const bool changed = redact_json(text, scope, verdict, scratch);
    verdict.well_formed = verdict.well_formed && opens;
    if (verdict.well_formed && state.next == ArgumentState::Next::kPlain) {
      if (changed) {
        out = std::move(scratch);
      }
      return changed;
    }
    if (changed) {
      steps.take(scratch);
    }
  }
  if (scope.data) {
    return mask_whole(out);
  }
  if (escaped || may_hold_yaml(steps.text())) {
    unescape_step(steps, scope, scratch);
  }
  if (redact_yaml_secret(steps.text(), scope, scratch)) {
    steps.take(scratch);
  }
  if (redact_plain(steps.text(), scope, state, scratch)) {
    steps.take(scratch);
  }
  if (!state.is_word && redact_percent_words(steps.text(), scope, scratch)) {
    steps.take(scratch);
  }
  return steps.write(out);
}

bool redact_percent_words(std::string_view text, const RedactScope& scope, std::string& out) {
  if (!is_percent_encoded(text)) {
    return false;
  }
  std::string written;
  std::string masked;
  std::size_t copied = 0;
  std::size_t end = 0;
  for (std::size_t at = text.find('%'); at != kNone; at = text.find('%', end)) {
    std::size_t begin = at;
    while (begin > end && !kWordEnds.has(text[begin - 1])) {
      --begin;
    }
    end = kWordEnds.find(text, at);
    if (redact_percent_encoded(text.substr(begin, end - begin), scope.inner(), masked)) {
      written.append(text, copied, begin - copied);
      written += masked;
      copied = end;
    }
  }
  if (copied == 0) {
    return false;
  }
  written.append(text, copied);
  out = std::move(written);
  return true;
}

bool redact_value(std::string_view text, const RedactScope& scope, std::string& out) {
  ArgumentState state;
  JsonVerdict verdict;
  return redact_any(text, scope, state, verdict, out);
}

}  // namespace tiercel::alert

// NOLINTEND(misc-no-recursion)
