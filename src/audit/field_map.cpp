#include "tiercel/audit/field_map.h"

#include <utility>

namespace tiercel::audit {

FieldId FieldSet::add(FieldRef reference) {
  const auto known = by_key_.find(reference.key);
  if (known != by_key_.end()) {
    return known->second;
  }
  const auto id = static_cast<FieldId>(references_.size());
  by_key_.emplace(reference.key, id);
  references_.push_back(std::move(reference));
  return id;
}

void FieldMap::bind(const FieldSet& set, const FieldContext& context, const AuditEvent& event) {
  set_ = &set;
  context_ = &context;
  event_ = &event;
  ++epoch_;
  slots_.resize(set.size());
  arena_.reset();
}

void FieldMap::fill(FieldId id, Slot& slot) {
  const FieldRef& reference = (*set_)[id];
  slot.value = reference.field->extract({*event_, reference.argument, *context_}, arena_);
  slot.epoch = epoch_;
}

}  // namespace tiercel::audit
