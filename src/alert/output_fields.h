#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "output_template.h"

namespace tiercel::alert {

/// The `output_fields` object of a rule's JSON alerts: one entry for each distinct field
/// of the template, then the extra fields of append_output, which overwrite equal keys.
/// Contract: add() and add_extra(), then finish() once, then render().
class OutputFields {
 public:
  void add(audit::FieldId id, const audit::FieldSet& fields);
  /// False when a problem was added.
  bool add_extra(const AppendOutput::ExtraField& extra, audit::FieldSet& fields,
                 std::span<const std::string> static_names, std::vector<TemplateProblem>& out);
  void finish();
  void render(audit::FieldMap& map, std::string& out) const;

 private:
  struct Entry {
    std::string head;  // "key": with the comma before it
    const audit::Field* field = nullptr;
    std::optional<audit::FieldId> id;              // a field's value; nothing: null
    std::shared_ptr<const OutputTemplate> format;  // or a rendered text
  };
  static void append_value(const Entry& entry, audit::FieldMap& map, std::string& out);

  std::map<std::string, Entry> by_key_;
  std::vector<Entry> entries_;
};

/// The text with control characters, noncharacters and invalid UTF-8 as U+FFFD.
[[nodiscard]] std::string clean_text(std::string_view text);

}  // namespace tiercel::alert
