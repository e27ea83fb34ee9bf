#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tiercel/base/diagnostic.h"

namespace tiercel::config {

/// Where a node was written: a text of `Sources`, line and column from 1 (0: all of it).
struct Place {
  std::uint32_t source = 0;
  std::uint32_t line = 0;
  std::uint32_t column = 0;

  friend bool operator==(const Place&, const Place&) = default;
};

struct Member;

/// One node of a configuration tree. Our own type, so that nobody else needs the
/// YAML library. Scalars keep their text whatever YAML would make of it; options
/// give it a type.
///
/// INVARIANT: no deeper than kMaxDepth, so that functions may recurse over it.
struct Node {
  enum class Kind : std::uint8_t { kNull, kScalar, kSequence, kMap };

  Kind kind = Kind::kNull;
  Place place;
  std::string text;             ///< of a scalar, environment variables put in
  std::vector<Node> items;      ///< of a sequence
  std::vector<Member> members;  ///< of a map, in the order written

  [[nodiscard]] bool is_null() const { return kind == Kind::kNull; }
  [[nodiscard]] bool is_scalar() const { return kind == Kind::kScalar; }
  [[nodiscard]] bool is_sequence() const { return kind == Kind::kSequence; }
  [[nodiscard]] bool is_map() const { return kind == Kind::kMap; }
  /// The member's value, or null where this is no map or has no such key.
  [[nodiscard]] const Node* find(std::string_view key) const;
  [[nodiscard]] Node* find(std::string_view key);
};

struct Member {
  std::string key;
  Place place;
  Node value;
};

/// "nothing", "a text", "a list", "a map": for messages.
[[nodiscard]] std::string_view kind_text(const Node& node);

/// Limits of what one configuration may cost, all its files together.
inline constexpr std::size_t kMaxDepth = 64;
inline constexpr std::size_t kMaxNodes = 100'000;
inline constexpr std::size_t kMaxFileBytes = std::size_t{1} << 20U;

/// The texts that a configuration was read from: files, and `-o` words.
class Sources {
 public:
  struct Text {
    std::string name;      ///< path, or "-o KEY=VALUE"
    std::string content;   ///< for snippets
    bool is_flag = false;  ///< a word of the command line
  };

  [[nodiscard]] std::uint32_t add(Text text);
  [[nodiscard]] const Text& text(std::uint32_t source) const { return texts_[source]; }
  [[nodiscard]] base::Location locate(Place place) const;
  /// The line of the place, without its end.
  [[nodiscard]] std::string_view line(Place place) const;

 private:
  std::vector<Text> texts_;
};

}  // namespace tiercel::config
