#pragma once

#include <cstdint>
#include <string>

#include <nlohmann/json.hpp>

#include "tiercel/base/one_line.h"

namespace tiercel::app {

// Members of what was answered on the admin port, where another program may listen: of a member
// that is not there, or not of this type, and of what is no object, 0 or nothing.

template <class Json>
[[nodiscard]] const Json& member(const Json& of, const char* name) {
  static const Json kNone;
  const auto found = of.is_object() ? of.find(name) : of.end();
  return of.is_object() && found != of.end() ? *found : kNone;
}

template <class Json>
[[nodiscard]] std::uint64_t number(const Json& of, const char* name) {
  const Json& value = member(of, name);
  if (value.is_number_unsigned()) {
    return value.template get<std::uint64_t>();
  }
  const double read = value.is_number() ? value.template get<double>() : 0;
  return read > 0 && read < 1e19 ? static_cast<std::uint64_t>(read) : 0;
}

/// On one line, whatever it holds.
template <class Json>
[[nodiscard]] std::string text(const Json& of, const char* name) {
  const Json& value = member(of, name);
  return value.is_string() ? base::one_line(value.template get_ref<const std::string&>())
                           : std::string();
}

template <class Json>
[[nodiscard]] bool is_true(const Json& of, const char* name) {
  const Json& value = member(of, name);
  return value.is_boolean() && value.template get<bool>();
}

}  // namespace tiercel::app
