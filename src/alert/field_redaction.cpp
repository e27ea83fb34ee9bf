#include "field_redaction.h"

#include <algorithm>
#include <array>
#include <memory>
#include <string>

#include "tiercel/alert/redactor.h"

#include "pointer_redaction.h"
#include "redact_engine.h"
#include "redact_names.h"

namespace tiercel::alert {

namespace {

using audit::FieldRef;
using base::Value;
using std::string_view_literals::operator""sv;

// Of the fields about pods these alone hold words of a command.
bool is_command(std::string_view name) {
  return name.ends_with(".command") || name.ends_with(".args");
}

// What no client chooses, or what is a number or a word of a few.
bool keeps(std::string_view name) {
  constexpr std::array kFamilies{"evt."sv, "static."sv, "ka.time."sv, "ka.sourceips"sv};
  constexpr std::array kNames{"ka.stage"sv,
                              "ka.level"sv,
                              "ka.verb"sv,
                              "ka.auth.decision"sv,
                              "ka.response.code"sv,
                              "ka.response.status"sv,
                              "ka.target.resource"sv,
                              "ka.target.subresource"sv,
                              "jevt.rawtime"sv,
                              "json.rawtime"sv};
  const auto begins = [&](std::string_view family) { return name.starts_with(family); };
  if (std::any_of(kFamilies.begin(), kFamilies.end(), begins)) {
    return name != "evt.plugininfo";
  }
  return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

bool is_name(std::string_view name) {
  constexpr std::array kFamilies{"ka.target."sv,       "ka.req.service."sv, "ka.req.binding."sv,
                                 "ka.req.role."sv,     "ka.req.volume."sv,  "ka.auth."sv,
                                 "ka.req.container."sv};
  constexpr std::array kNames{"ka.auditid"sv,         "ka.cluster.name"sv,      "ka.user.name"sv,
                              "ka.user.groups"sv,     "ka.user.uid"sv,          "ka.impuser.name"sv,
                              "ka.impuser.uid"sv,     "ka.impuser.groups"sv,    "ka.resp.name"sv,
                              "ka.response.reason"sv, "ka.req.configmap.name"sv};
  const auto begins = [&](std::string_view family) { return name.starts_with(family); };
  if (name.starts_with("ka.req.pod.") || name.starts_with("ka.workload.")) {
    return !is_command(name);
  }
  return std::any_of(kFamilies.begin(), kFamilies.end(), begins) ||
         std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

bool redact_one(std::string_view text, FieldPolicy policy, const FieldRef& reference,
                audit::FieldMap& map, ArgumentState& state, std::string& out) {
  std::size_t budget = RedactScope::budget_for(text.size());
  RedactScope scope;
  scope.budget = &budget;
  JsonVerdict verdict;
  switch (policy) {
    case FieldPolicy::kKeep:
      return false;
    case FieldPolicy::kName:
      return redact_shapes(text, scope, out);
    case FieldPolicy::kUri:
      return redact_uri(text, false, scope, out);
    case FieldPolicy::kPointer:
      return redact_pointer(text, reference.argument.path, map.event(), scope, out);
    case FieldPolicy::kData:
      scope.secret = is_secret_event(map.event());
      scope.data = scope.secret;
      break;
    case FieldPolicy::kParameter:
      state.is_word = true;
      [[fallthrough]];
    case FieldPolicy::kKeyed:
      if (is_credential_name(reference.argument.text) && is_worth_masking(text)) {
        out = kMask;
        return true;
      }
      break;
    case FieldPolicy::kText:
      break;
  }
  return redact_any(text, scope, state, verdict, out);
}

Value redacted_list(const Value& value, FieldPolicy policy, const FieldRef& reference,
                    audit::FieldMap& map) {
  const std::span<const std::string_view> elements = value.as_list();
  std::string_view* copy = nullptr;
  std::string out;
  // An element is a container's whole command, or one word of one.
  ArgumentState state;
  for (std::size_t at = 0; at < elements.size(); ++at) {
    if (!redact_one(elements[at], policy, reference, map, state, out)) {
      continue;
    }
    if (copy == nullptr) {
      copy = reinterpret_cast<std::string_view*>(
          map.arena().allocate(elements.size() * sizeof(std::string_view)));
      std::uninitialized_copy(elements.begin(), elements.end(), copy);
    }
    copy[at] = map.arena().copy(std::string_view(out));
  }
  return copy == nullptr ? value : Value::list({copy, elements.size()});
}

const FieldRef& no_field() {
  static const FieldRef kNone;
  return kNone;
}

}  // namespace

FieldPolicy field_policy(const FieldRef& reference) {
  const std::string_view name = reference.field->name;
  if (keeps(name)) {
    return FieldPolicy::kKeep;
  }
  if (is_name(name)) {
    return FieldPolicy::kName;
  }
  if (name == "ka.uri") {
    return FieldPolicy::kUri;
  }
  if (name == "ka.uri.param") {
    return FieldPolicy::kParameter;
  }
  if (name == "ka.req.configmap.obj") {
    return FieldPolicy::kData;
  }
  if (name == "ka.annotation" || name.ends_with("user.extra")) {
    return FieldPolicy::kKeyed;
  }
  return name == "jevt.value" || name == "json.value" ? FieldPolicy::kPointer : FieldPolicy::kText;
}

Value redacted(const Value& value, FieldPolicy policy, const FieldRef& reference,
               audit::FieldMap& map) {
  if (policy == FieldPolicy::kKeep) {
    return value;
  }
  if (value.is_list()) {
    return redacted_list(value, policy, reference, map);
  }
  if (!value.is_text()) {
    return value;
  }
  std::string out;
  ArgumentState state;
  if (!redact_one(value.as_text(), policy, reference, map, state, out)) {
    return value;
  }
  return Value::text(map.arena().copy(std::string_view(out)));
}

Value RedactionMemo::get(audit::FieldMap& map, audit::FieldId id, FieldPolicy policy) {
  for (std::size_t at = 0; at < count_; ++at) {
    if (entries_[at].id == id) {
      return entries_[at].value;
    }
  }
  const Value value = redacted(map.get(id), policy, map.set()[id], map);
  if (count_ < kMost) {
    entries_[count_++] = {id, value};
  }
  return value;
}

Value redacted_text(const Value& value, audit::FieldMap& map) {
  return redacted(value, FieldPolicy::kText, no_field(), map);
}

Value redacted_field(audit::FieldMap& map, audit::FieldId id) {
  const FieldRef& reference = map.set()[id];
  return redacted(map.get(id), field_policy(reference), reference, map);
}

}  // namespace tiercel::alert
