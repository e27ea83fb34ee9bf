#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tiercel::alert {

/// An alert's stored JSON taken apart: which bytes are which member. Made for what we
/// wrote ourselves; bytes that are anything else give nothing.
///
/// Lifetime: looks into the text it was made from. Runs on: any thread.
struct AlertView {
  // Insides of JSON strings, still escaped:
  std::string_view alert_id;
  std::string_view apiserver;  ///< empty where it is not said
  std::string_view hostname;
  std::string_view output;  ///< time, priority and message: the text alert
  std::string_view priority;
  std::string_view rule;
  std::string_view rules_hash;  ///< empty in alerts of a version that had none
  std::string_view selftest;    ///< the mark of a self-test where output_fields are left out
  std::string_view source;
  std::string_view time;
  // JSON as it stands:
  std::string_view output_fields;  ///< an object
  std::string_view tags;           ///< an array

  [[nodiscard]] static std::optional<AlertView> parse(std::string_view body);

  /// The text alert without its newline, control characters escaped or not.
  void append_text(std::string& out, bool escape) const;
  /// The message alone, unescaped: `output` without time and priority. Of a self-test that has no
  /// `output` its mark and rule.
  [[nodiscard]] std::string message() const;
  /// The members of output_fields in their order: name unescaped, value as JSON. Stops at the
  /// first false.
  template <class Take>
  void for_each_field(Take take) const {
    std::string_view rest = output_fields;
    std::string name;
    std::string_view value;
    while (next_field(rest, name, value)) {
      if (!take(std::string_view(name), value)) {
        return;
      }
    }
  }
  /// The value of one field as JSON; empty where there is none.
  [[nodiscard]] std::string field_json(std::string_view name) const;
  /// The same as text: a string unescaped, a list with commas between, null as nothing.
  [[nodiscard]] std::optional<std::string> field_text(std::string_view name) const;
  [[nodiscard]] std::vector<std::string> tag_list() const;

 private:
  static bool next_field(std::string_view& rest, std::string& name, std::string_view& value);
};

/// The inside of a JSON string as the text it stands for. An escape that is none stays.
[[nodiscard]] std::string unescape_json(std::string_view inside);
/// A JSON value as text: a string unescaped, a list's elements with commas between, null
/// as nothing, everything else as it stands.
[[nodiscard]] std::string json_value_text(std::string_view json);

}  // namespace tiercel::alert
