#include "reporter.h"

#include <utility>

#include "tiercel/base/nearest.h"

namespace tiercel::rules {

void Reporter::report(Code code, Origin origin, std::string message, Texts within, Texts notes) {
  base::Diagnostic diagnostic = diagnostic_of(code, std::move(message));
  files_.place(diagnostic, origin);
  diagnostic.within = std::move(within);
  diagnostic.notes = std::move(notes);
  report(std::move(diagnostic));
}

void Reporter::report(base::Diagnostic diagnostic) {
  const base::Location& at = diagnostic.location;
  if (!seen_.emplace(at.file, at.line, at.column, diagnostic.code, diagnostic.message).second) {
    return;
  }
  errors_ += diagnostic.severity == base::Severity::kError ? 1U : 0U;
  if (diagnostics_ != nullptr) {
    diagnostics_->add(std::move(diagnostic));
  }
}

std::string labelled(std::string_view kind, std::string_view name) {
  std::string label(kind);
  label += " \"";
  label += name;
  label += '"';
  return label;
}

Reporter::Texts suggestion(std::string_view name, const std::vector<std::string_view>& known) {
  const std::string_view nearest = base::nearest_name(name, known);
  if (nearest.empty()) {
    return {};
  }
  return {"did you mean '" + std::string(nearest) + "'?"};
}

}  // namespace tiercel::rules
