#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "tiercel/audit/field.h"

namespace tiercel::audit::tests {

/// Decodes one event, as an item of a list so that it needs no kind, and calls `visit` with it.
/// False when it cannot be taken.
bool with_event(std::string_view json, const std::function<void(const AuditEvent&)>& visit);

/// A value as tests compare it: absent, or its JSON form (lists as arrays).
[[nodiscard]] std::string print(const base::Value& value);

/// Resolves `ka.uri.param[command]`, `jevt.value[""]` and the like, as rules write it;
/// quotes in the brackets are taken off. Fails the test where that is no field.
[[nodiscard]] FieldRef field_ref(std::string_view written,
                                 const std::vector<std::string>& static_names = {});

/// The printed value of a field of an event.
[[nodiscard]] std::string probe(std::string_view written, std::string_view event,
                                const FieldContext& context = {});
[[nodiscard]] std::string probe(const FieldRef& reference, const AuditEvent& event,
                                const FieldContext& context = {});

/// The lines of a file under tests/data.
[[nodiscard]] std::vector<std::string> data_lines(const std::string& name);

}  // namespace tiercel::audit::tests
