#pragma once

#include <string>
#include <string_view>

#include "tiercel/base/json_text.h"

namespace tiercel::alert {

/// Appends "name":"value".
inline void append_member(std::string& out, std::string_view name, std::string_view value) {
  base::append_json_string(out, name);
  out += ':';
  base::append_json_string(out, value);
}

}  // namespace tiercel::alert
