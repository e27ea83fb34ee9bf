#include "text_table.h"

#include <algorithm>
#include <utility>

namespace tiercel::rules {

std::uint32_t TextTable::add(std::string label, TracedText text) {
  entries_.push_back({std::move(label), std::move(text)});
  return static_cast<std::uint32_t>(entries_.size() - 1);
}

base::Location TextTable::locate(condition::Place place) const {
  if (place.text == 0 || place.text >= entries_.size()) {
    return {};
  }
  return files_.locate(entries_[place.text].text.spot(place.offset).origin);
}

base::Diagnostic TextTable::diagnose(condition::Place place) const {
  base::Diagnostic diagnostic;
  if (place.text == 0 || place.text >= entries_.size()) {
    return diagnostic;
  }
  const Entry& entry = entries_[place.text];
  const TracedText::Spot spot = entry.text.spot(place.offset);
  files_.place(diagnostic, spot.origin);
  for (std::uint32_t number = spot.scope; number != 0; number = scopes_[number].parent) {
    const Scopes::Scope& scope = scopes_[number];
    diagnostic.within.push_back(scope.label);
    if (scope.label.starts_with("list ")) {
      const base::Location used = files_.locate(scope.used_at);
      diagnostic.notes.push_back("the items of " + scope.label + " are put into the condition at " +
                                 used.file + ":" + std::to_string(used.line) + ":" +
                                 std::to_string(used.column));
    }
  }
  diagnostic.within.push_back(entry.label);
  std::reverse(diagnostic.within.begin(), diagnostic.within.end());
  return diagnostic;
}

}  // namespace tiercel::rules
