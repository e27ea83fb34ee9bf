#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "item.h"

namespace tiercel::rules {

enum class Operation : std::uint8_t { kAppend, kReplace };

/// A key that `override` may name, and whether it can be appended to.
struct OverridableKey {
  std::string_view name;
  bool can_append = false;
};

/// What an item's `override` asks for, key by key.
class Overrides {
 public:
  [[nodiscard]] bool empty() const { return entries_.empty(); }
  [[nodiscard]] bool appends(std::string_view key) const { return asks(key, Operation::kAppend); }
  [[nodiscard]] bool replaces(std::string_view key) const { return asks(key, Operation::kReplace); }
  [[nodiscard]] bool names(std::string_view key) const { return appends(key) || replaces(key); }

  /// Reads and checks `override` of `item` (none or an empty map: empty).
  [[nodiscard]] static Overrides read(Item& item, std::span<const OverridableKey> keys);

 private:
  struct Entry {
    std::string key;
    Operation operation = Operation::kReplace;
  };
  [[nodiscard]] bool asks(std::string_view key, Operation operation) const;

  std::vector<Entry> entries_;
};

/// `append: true` of the old form: warns, and is an error beside `override`.
[[nodiscard]] bool read_append_flag(Item& item, const Overrides& overrides);

}  // namespace tiercel::rules
