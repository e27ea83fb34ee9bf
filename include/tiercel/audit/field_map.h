#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "tiercel/audit/field.h"

namespace tiercel::audit {

/// A small number for one (field, argument) pair that loaded rules name.
enum class FieldId : std::uint32_t {};

/// The fields that a rule set names, each once. Built while compiling; immutable
/// and shared afterwards.
class FieldSet {
 public:
  /// The id of this reference, new or known. Equal keys share an id.
  FieldId add(FieldRef reference);
  [[nodiscard]] const FieldRef& operator[](FieldId id) const {
    return references_[static_cast<std::size_t>(id)];
  }
  [[nodiscard]] std::size_t size() const { return references_.size(); }

 private:
  std::vector<FieldRef> references_;
  std::unordered_map<std::string, FieldId> by_key_;
};

/// The fields of one event, indexed by FieldId, each extracted on first use and
/// once only.
///
/// Runs on: io thread; one instance per thread; not shared.
class FieldMap {
 public:
  FieldMap() = default;

  /// Turns to another event: forgets all values. `set` and `context` must outlive
  /// the use; `event` until the next bind.
  void bind(const FieldSet& set, const FieldContext& context, const AuditEvent& event);

  [[nodiscard]] const base::Value& get(FieldId id) {
    Slot& slot = slots_[static_cast<std::size_t>(id)];
    if (slot.epoch != epoch_) [[unlikely]] {
      fill(id, slot);
    }
    return slot.value;
  }
  [[nodiscard]] const AuditEvent& event() const { return *event_; }
  [[nodiscard]] const FieldSet& set() const { return *set_; }
  [[nodiscard]] base::Arena& arena() { return arena_; }

 private:
  struct Slot {
    base::Value value;
    std::uint64_t epoch = 0;
  };
  void fill(FieldId id, Slot& slot);

  const FieldSet* set_ = nullptr;
  const FieldContext* context_ = nullptr;
  const AuditEvent* event_ = nullptr;
  std::uint64_t epoch_ = 0;
  std::vector<Slot> slots_;
  base::Arena arena_;
};

}  // namespace tiercel::audit
