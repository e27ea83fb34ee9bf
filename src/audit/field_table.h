#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "tiercel/audit/field.h"

namespace tiercel::audit {

/// The table of all fields while it is put together, once, at the first question.
/// Names and sentences that are composed (one row for three lists of containers and
/// two places of the pod spec) are kept here.
class FieldTable {
 public:
  void add(const Field& field) { rows_.push_back(field); }
  [[nodiscard]] std::string_view keep(std::string text) {
    return texts_.emplace_back(std::move(text));
  }
  [[nodiscard]] const std::vector<Field>& rows() const { return rows_; }

 private:
  std::vector<Field> rows_;
  std::deque<std::string> texts_;
};

inline constexpr std::string_view kAuditClass = "k8saudit";
inline constexpr std::string_view kJsonClass = "json";
inline constexpr std::string_view kEventClass = "evt";
inline constexpr std::string_view kStaticClass = "static";
/// The name of the one row for all configured static fields.
inline constexpr std::string_view kStaticPrefix = "static.";
inline constexpr std::string_view kSinceOurs = "tiercel 0.1";

inline constexpr base::ValueShape kText{};
inline constexpr base::ValueShape kTextList{base::ValueType::kText, true};

// One function a family; fields.cpp calls them in the order of the reference.
void add_event_fields(FieldTable& table);      // ka.auditid … ka.useragent
void add_uri_fields(FieldTable& table);        // ka.uri, ka.uri.param
void add_request_fields(FieldTable& table);    // ka.req.configmap, .service
void add_rbac_fields(FieldTable& table);       // ka.req.binding, .role
void add_container_fields(FieldTable& table);  // ka.req.container, .volume: deprecated
void add_pod_fields(FieldTable& table);        // ka.req.pod
void add_workload_fields(FieldTable& table);   // ka.workload: ours
void add_json_fields(FieldTable& table);       // jevt, json
void add_evt_fields(FieldTable& table);        // evt, static

/// Wraps a reader of ka.* fields: nothing can be read without the key auditID.
template <base::Value (*read)(const FieldInput&, base::Arena&)>
base::Value with_audit_id(const FieldInput& input, base::Arena& arena) {
  return input.event.has_audit_id() ? read(input, arena) : base::Value::absent();
}

/// A row of class k8saudit.
template <base::Value (*read)(const FieldInput&, base::Arena&)>
Field audit_field(std::string_view name, base::ValueShape shape, std::string_view since,
                  std::string_view doc) {
  Field field;
  field.name = name;
  field.shape = shape;
  field.ours = since == kSinceOurs;
  field.field_class = kAuditClass;
  field.since = since;
  field.doc = doc;
  field.extract = &with_audit_id<read>;
  return field;
}

inline Field reads(FieldPart part, Field field) {
  field.part = part;
  return field;
}

inline Field with_index(Field field) {
  field.arg = FieldArg::kIndex;
  return field;
}

inline Field with_key(Field field) {
  field.arg = FieldArg::kKey;
  field.arg_required = true;
  return field;
}

}  // namespace tiercel::audit
