#include <utility>

#include "tiercel/alert/redactor.h"
#include "tiercel/audit/json.h"
#include "tiercel/base/arena.h"
#include "tiercel/base/json_text.h"

#include "redact_commands.h"
#include "redact_engine.h"
#include "redact_prefilter.h"
#include "redact_surrogates.h"

// A text inside a text is scanned one level deeper; RedactScope bounds levels and cost.
// NOLINTBEGIN(misc-no-recursion)

namespace tiercel::alert {

namespace {

constexpr std::size_t kNone = std::string_view::npos;

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
    const std::size_t next = text.find_first_not_of(" \t\r\n", at + 1);
    if (next == kNone) {
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

// A manifest whose line ends are escaped.
bool may_hold_yaml(std::string_view text) {
  return text.find("\\n") != kNone && text.find("kind") != kNone && text.find("data") != kNone;
}

bool is_percent_encoded(std::string_view text) {
  for (const std::string_view code : {"%3A", "%3a", "%22", "%3D", "%3d"}) {
    if (text.find(code) != kNone) {
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
  if (text.empty() || (!known && !state.glued_p && !may_be_data && !may_hold_credential(text))) {
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
  constexpr std::string_view kStops = " \t\r\n\"'";
  if (!is_percent_encoded(text)) {
    return false;
  }
  std::string written;
  std::string masked;
  bool changed = false;
  for (std::size_t from = 0; from < text.size();) {
    const std::size_t begin = std::min(text.find_first_not_of(kStops, from), text.size());
    const std::size_t end = std::min(text.find_first_of(kStops, begin), text.size());
    const std::string_view word = text.substr(begin, end - begin);
    const bool credential =
        word.find('%') != kNone && redact_percent_encoded(word, scope.inner(), masked);
    written.append(text, from, begin - from);
    written += credential ? std::string_view(masked) : word;
    changed = changed || credential;
    from = end;
  }
  if (changed) {
    out = std::move(written);
  }
  return changed;
}

bool redact_value(std::string_view text, const RedactScope& scope, std::string& out) {
  ArgumentState state;
  JsonVerdict verdict;
  return redact_any(text, scope, state, verdict, out);
}

}  // namespace tiercel::alert

// NOLINTEND(misc-no-recursion)
