#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "source_files.h"

namespace tiercel::rules {

struct Node;
/// Nodes are shared by the aliases of their anchor.
using NodePtr = std::shared_ptr<const Node>;

/// A key of a map with its value.
struct Member {
  std::string key;
  Origin key_origin;
  NodePtr value;
};

/// A YAML value as a rules file has it: scalars are their text whatever their
/// type and quoting, only null (`~`, `null`, nothing) is told apart.
struct Node {
  enum class Kind : std::uint8_t { kNull, kScalar, kSequence, kMap };
  Kind kind = Kind::kNull;
  std::string text;
  std::vector<NodePtr> items;
  std::vector<Member> members;  ///< each key once: the first
  Origin origin;
  std::size_t size = 1;  ///< nodes below and including this one, aliases counted in full
  std::size_t depth = 1;
  bool sound = true;  ///< false where a key here or below is no text and was left out

  [[nodiscard]] bool is_null() const { return kind == Kind::kNull; }
  [[nodiscard]] bool is_scalar() const { return kind == Kind::kScalar; }
  [[nodiscard]] bool is_sequence() const { return kind == Kind::kSequence; }
  [[nodiscard]] bool is_map() const { return kind == Kind::kMap; }
  /// Null where the map has no such key.
  [[nodiscard]] const Member* find(std::string_view key) const {
    for (const Member& member : members) {
      if (member.key == key) {
        return &member;
      }
    }
    return nullptr;
  }
};

}  // namespace tiercel::rules
