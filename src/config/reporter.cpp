#include "tiercel/config/reporter.h"

#include <utility>

namespace tiercel::config {

void Reporter::add(base::Severity severity, Code code, Place place, std::string message,
                   Notes notes) {
  if (++counts_[static_cast<std::size_t>(severity)] > kMost) {
    return;
  }
  base::Diagnostic diagnostic;
  diagnostic.severity = severity;
  diagnostic.code = to_text(code);
  diagnostic.location = sources_.locate(place);
  diagnostic.message = std::move(message);
  diagnostic.notes = std::move(notes);
  diagnostic.snippet = sources_.line(place);
  diagnostic.caret = place.column == 0 ? 0 : place.column - 1;
  diagnostics_.add(std::move(diagnostic));
}

void Reporter::error(Code code, Place place, std::string message, Notes notes) {
  add(base::Severity::kError, code, place, std::move(message), std::move(notes));
}

void Reporter::warning(Code code, Place place, std::string message, Notes notes) {
  add(base::Severity::kWarning, code, place, std::move(message), std::move(notes));
}

void Reporter::note(Code code, Place place, std::string message, Notes notes) {
  add(base::Severity::kNote, code, place, std::move(message), std::move(notes));
}

void Reporter::ignore(std::string key, Place place, std::string_view hint) {
  ignored_.push_back({std::move(key), place, std::string(hint)});
}

void Reporter::report_ignored() {
  if (ignored_.empty()) {
    return;
  }
  std::string message = "no effect here: ";
  Notes notes;
  for (std::size_t at = 0; at < ignored_.size(); ++at) {
    message += at == 0 ? "" : ", ";
    message += ignored_[at].key;
    if (!ignored_[at].hint.empty()) {
      notes.push_back(ignored_[at].key + ": " + ignored_[at].hint);
    }
  }
  warning(Code::kIgnoredKeys, ignored_.front().place, std::move(message), std::move(notes));
  ignored_.clear();
}

}  // namespace tiercel::config
