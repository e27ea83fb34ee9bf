#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "output_template.h"

namespace tiercel::alert {

/// The `output_fields` object of a rule's JSON alerts: one entry for each distinct field
/// of the template, then the extra fields of append_output, which overwrite equal keys.
/// Contract: add() and add_extra(), then finish() once, then render().
class OutputFields {
 public:
  explicit OutputFields(bool redact = false) : redact_(redact) {}
  void add(audit::FieldId id, const audit::FieldSet& fields);
  /// False when a problem of kind kError was added.
  bool add_extra(const AppendOutput::ExtraField& extra, audit::FieldSet& fields,
                 std::span<const std::string> static_names, std::vector<TemplateProblem>& out);
  void finish();
  void render(audit::FieldMap& map, RedactionMemo& memo, std::string& out) const;

 private:
  /// How an entry's value is written.
  enum class Form : std::uint8_t { kNull, kEventTime, kSigned, kCleanText, kPlain, kMessage };
  struct Entry {
    std::string head;  // what stands before the value: ,"key":
    Form form = Form::kNull;
    audit::FieldId id{};
    FieldPolicy policy = FieldPolicy::kKeep;
    std::unique_ptr<const OutputTemplate> message;  // for kMessage
  };
  [[nodiscard]] Entry entry_of(audit::FieldId id, const audit::FieldSet& fields) const;
  static base::Value shown(const Entry& entry, audit::FieldMap& map, RedactionMemo& memo);
  static void append(const Entry& entry, audit::FieldMap& map, RedactionMemo& memo,
                     std::string& out);

  bool redact_;
  std::map<std::string, Entry> by_key_;  // empty after finish()
  std::vector<Entry> entries_;           // in byte order of the keys
};

}  // namespace tiercel::alert
