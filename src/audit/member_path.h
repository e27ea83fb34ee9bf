#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

#include "tiercel/audit/event.h"
#include "tiercel/audit/field.h"

#include "walk.h"

namespace tiercel::audit {

/// A member's name as a template argument, so that a row can say its whole path.
template <std::size_t size>
struct Name {
  // NOLINTNEXTLINE(google-explicit-constructor): a literal is meant to become a Name
  constexpr Name(const char (&literal)[size]) { std::copy_n(literal, size, text); }
  [[nodiscard]] constexpr std::string_view view() const { return {text, size - 1}; }

  char text[size]{};
};

/// The value at a path below a member of the event; missing when there is none.
template <Member top, Name... names>
Json value_at(const FieldInput& input) {
  Json at = input.event.member(top);
  ((at = at.member(names.view())), ...);
  return at;
}

/// The text of the value at the path.
/// DIFFERS FROM FALCO: objects and arrays print as received, always. In Falco a string
/// inside that another field has read before is printed escaped in another way.
template <Member top, Name... names>
base::Value text_at(const FieldInput& input, base::Arena& arena) {
  return value_at<top, names...>(input).value(arena);
}

/// The elements of the array at the path; absent when it is none.
template <Member top, Name... names>
base::Value texts_at(const FieldInput& input, base::Arena& arena) {
  return element_texts(value_at<top, names...>(input), arena);
}

/// The text of the member of that object which the field's argument names.
template <Member top, Name... names>
base::Value keyed_text_at(const FieldInput& input, base::Arena& arena) {
  return value_at<top, names...>(input).member(input.argument.text).value(arena);
}

/// The elements of the array that the field's argument names in that object.
template <Member top, Name... names>
base::Value keyed_texts_at(const FieldInput& input, base::Arena& arena) {
  return element_texts(value_at<top, names...>(input).member(input.argument.text), arena);
}

}  // namespace tiercel::audit
