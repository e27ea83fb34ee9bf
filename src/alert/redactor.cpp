#include "tiercel/alert/redactor.h"

#include "redact_engine.h"

namespace tiercel::alert {

void redact_text(std::string& text, std::size_t start) {
  if (start >= text.size()) {
    return;
  }
  const std::string_view shown = std::string_view(text).substr(start);
  std::size_t budget = RedactScope::budget_for(shown.size());
  RedactScope scope;
  scope.budget = &budget;
  std::string masked;
  if (redact_value(shown, scope, masked)) {
    text.replace(start, std::string::npos, masked);
  }
}

void mask_bytes(std::string& bytes) {
  std::size_t budget = RedactScope::budget_for(bytes.size());
  RedactScope scope;
  scope.lenient = true;
  scope.budget = &budget;
  JsonVerdict verdict;
  std::string masked;
  if (redact_json(bytes, scope, verdict, masked)) {
    bytes = std::move(masked);
  }
  if (verdict.well_formed) {
    return;
  }
  // A second look that trusts neither quotes nor brackets.
  ArgumentState state;
  if (redact_yaml_secret(bytes, scope, masked)) {
    bytes = std::move(masked);
  }
  if (redact_plain(bytes, scope, state, masked)) {
    bytes = std::move(masked);
  }
}

}  // namespace tiercel::alert
