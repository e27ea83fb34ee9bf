#include <unordered_map>

#include "field_table.h"

namespace tiercel::audit {

namespace {

class AllFields {
 public:
  AllFields() {
    add_event_fields(table_);
    add_uri_fields(table_);
    add_request_fields(table_);
    add_rbac_fields(table_);
    add_container_fields(table_);
    add_pod_fields(table_);
    add_workload_fields(table_);
    add_json_fields(table_);
    add_evt_fields(table_);
    for (const Field& field : table_.rows()) {
      by_name_.emplace(field.name, &field);
    }
  }
  [[nodiscard]] std::span<const Field> rows() const { return table_.rows(); }
  [[nodiscard]] const Field* find(std::string_view name) const {
    const auto found = by_name_.find(name);
    return found == by_name_.end() ? nullptr : found->second;
  }

 private:
  FieldTable table_;
  std::unordered_map<std::string_view, const Field*> by_name_;
};

// Built at the first question, by whichever thread asks; never changed afterwards.
const AllFields& all_fields() {
  static const AllFields kAll;
  return kAll;
}

}  // namespace

std::span<const Field> fields() { return all_fields().rows(); }

const Field* find_field(std::string_view name) { return all_fields().find(name); }

}  // namespace tiercel::audit
