#include "bad_input.h"

namespace tiercel::audit {

std::string_view problem_of(ParseStatus status) {
  switch (status) {
    case ParseStatus::kTooDeep:
      return "too_deep";
    case ParseStatus::kTooLarge:
      return "too_large";
    default:
      return "not_json";
  }
}

std::string_view describe_problem(std::string_view code) {
  if (code == "too_deep") {
    return "nested deeper than the limit";
  }
  if (code == "too_large") {
    return "larger than limits.max_event";
  }
  if (code == "wrong_kind") {
    return "not an audit event: its kind is not Event";
  }
  if (code == "not_audit_list") {
    return "JSON, but neither an EventList with items, nor an Event, nor an array of them";
  }
  if (code == "truncated") {
    return "the body ends before its JSON does";
  }
  if (code == "trailing_garbage") {
    return "something follows the JSON value";
  }
  return "not valid JSON";
}

}  // namespace tiercel::audit
