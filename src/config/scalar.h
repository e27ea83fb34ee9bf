#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "tiercel/config/node.h"
#include "tiercel/config/reporter.h"

namespace tiercel::config {

// What scalars mean, and how values are written back. Private to the room.

/// `y n yes no true false on off` in lower case, Capitalised or UPPER.
[[nodiscard]] std::optional<bool> parse_boolean(std::string_view text);

/// A whole number: decimal, 0x hexadecimal or 0 octal, with a sign. `negative` and
/// too large ones are told apart from what is no number.
struct Integer {
  enum class Kind : std::uint8_t { kNone, kFits, kNegative, kTooLarge };
  Kind kind = Kind::kNone;
  std::uint64_t value = 0;
};
[[nodiscard]] Integer parse_integer(std::string_view text);

/// The text as a YAML scalar, quoted where it could be read as something else.
[[nodiscard]] std::string yaml_text(std::string_view text);
[[nodiscard]] std::string json_text(std::string_view text);

/// The nearest of `known` as a note, or no note.
[[nodiscard]] Reporter::Notes nearest_note(std::string_view name,
                                           std::initializer_list<std::string_view> known);

/// The node's text; null, with an error that calls it `what`, where it is none.
[[nodiscard]] const std::string* take_text(const Node& node, std::string_view what,
                                           Reporter& reporter);
/// The node's truth value, likewise.
[[nodiscard]] std::optional<bool> take_boolean(const Node& node, std::string_view what,
                                               Reporter& reporter);
/// Reports members of `node` that are not in `known`. False where it is no map.
bool check_members(const Node& node, std::string_view what,
                   std::initializer_list<std::string_view> known, Reporter& reporter);

}  // namespace tiercel::config
