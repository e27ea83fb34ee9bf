#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tiercel/base/diagnostic.h"
#include "tiercel/condition/expr.h"

#include "scopes.h"
#include "source_files.h"
#include "traced_text.h"

namespace tiercel::rules {

/// Every condition text that was parsed, by the number that its Places carry.
/// Number 0 is no text.
class TextTable {
 public:
  TextTable(const SourceFiles& files, const Scopes& scopes) : files_(files), scopes_(scopes) {}

  /// `label`: `rule "x"` or `macro "x"`. The number of the text.
  std::uint32_t add(std::string label, TracedText text);
  [[nodiscard]] const TracedText& text(std::uint32_t number) const { return entries_[number].text; }

  [[nodiscard]] base::Location locate(condition::Place place) const;
  /// A diagnostic at the place, with what encloses it and where a list was used.
  [[nodiscard]] base::Diagnostic diagnose(condition::Place place) const;

 private:
  struct Entry {
    std::string label;
    TracedText text;
  };
  const SourceFiles& files_;
  const Scopes& scopes_;
  std::vector<Entry> entries_{Entry{}};
};

}  // namespace tiercel::rules
