#pragma once

#include <span>

namespace tiercel::audit::tests {

/// One field of one event, and what it must be: absent, or its JSON form.
struct FieldCase {
  const char* id;
  const char* field;
  const char* event;
  const char* want;
};

/// What Falco's plugins were seen to answer (X001 to X099).
[[nodiscard]] std::span<const FieldCase> observed_field_cases();
/// The corners of the rules, and the fields of ours.
[[nodiscard]] std::span<const FieldCase> further_field_cases();
/// Each name that follows ka.req.pod. and ka.workload., read from rich_pod_spec();
/// `event` is unused.
[[nodiscard]] std::span<const FieldCase> pod_cases();
/// A pod spec for which every field of a pod is present.
[[nodiscard]] const char* rich_pod_spec();

}  // namespace tiercel::audit::tests
