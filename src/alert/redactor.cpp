#include "tiercel/alert/redactor.h"

#include <utility>

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

void redact_name(std::string& text) {
  std::size_t budget = RedactScope::budget_for(text.size());
  RedactScope scope;
  scope.budget = &budget;
  std::string masked;
  if (redact_shapes(text, scope, masked)) {
    text = std::move(masked);
  }
}

}  // namespace tiercel::alert
