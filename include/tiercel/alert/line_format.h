#pragma once

#include <string>
#include <string_view>

namespace tiercel::alert {

/// How an output writes an alert's line; names and meaning as in falco.yaml.
struct LineFormat {
  bool json = false;
  bool include_output = true;
  bool include_tags = true;
  bool include_message = false;
  bool include_output_fields = true;
  bool include_alert_id = true;
  bool include_apiserver = true;
  bool include_rules_hash = true;
  bool escape_text = true;  ///< text lines: no value can forge a line
};

/// Appends the line for a stored alert (JSON with all members but `message`), newline
/// included. A body that is no alert of ours is copied as it is.
void append_line(std::string& out, std::string_view body, const LineFormat& format);

}  // namespace tiercel::alert
