#pragma once

#include <cstring>
#include <span>
#include <string_view>

#include "tiercel/base/arena.h"
#include "tiercel/base/value.h"

namespace tiercel::audit {

/// A growing list of texts in the event's arena: how the elements of a list field
/// are gathered without the heap. Outgrown copies stay in the arena, so the list
/// costs at most twice its views.
class ArenaList {
 public:
  explicit ArenaList(base::Arena& arena) : arena_(arena) {}

  void add(std::string_view text) {
    if (size_ == capacity_) {
      grow();
    }
    views_[size_] = text;
    ++size_;
  }
  /// The list as a value: absent without elements.
  [[nodiscard]] base::Value value() const {
    return base::Value::list(std::span<const std::string_view>(views_, size_));
  }

 private:
  void grow() {
    const std::size_t capacity = capacity_ == 0 ? kFirst : capacity_ * 2;
    auto* const views =
        reinterpret_cast<std::string_view*>(arena_.allocate(capacity * sizeof(std::string_view)));
    if (size_ != 0) {
      std::memcpy(views, views_, size_ * sizeof(std::string_view));
    }
    views_ = views;
    capacity_ = capacity;
  }

  static constexpr std::size_t kFirst = 8;
  base::Arena& arena_;
  std::string_view* views_ = nullptr;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace tiercel::audit
