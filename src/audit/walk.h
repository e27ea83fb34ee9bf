#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "tiercel/audit/json.h"
#include "tiercel/base/arena.h"
#include "tiercel/base/value.h"

#include "arena_list.h"

namespace tiercel::audit {

using Path = std::span<const std::string_view>;

/// The value below `from` by names alone; arrays are not opened.
[[nodiscard]] inline Json descend(Json from, Path path) {
  for (const std::string_view name : path) {
    from = from.member(name);
  }
  return from;
}

/// The walk of Falco's plugin: follows the names of `path`, opening the arrays on the
/// way. Without an index the rest of the path is walked in every element; an element
/// where that fails is one gap. With an index the walk goes on in that element of
/// every array. `on_result(Json)` and `on_gap()` are called in order. False when a
/// name cannot be followed outside of arrays: then nothing was called.
/// DIFFERS FROM FALCO: an index of 2^63 or more is one beyond the end; there it crashes
/// Falco, or counts as no index.
///
/// Depth: one call per nested array, so bounded by the document's depth limit.
template <class OnResult, class OnGap>
// NOLINTNEXTLINE(misc-no-recursion): see Depth
bool walk(Json from, Path path, const std::optional<std::uint64_t>& index,
          const OnResult& on_result, const OnGap& on_gap) {
  Json at = from;
  while (!path.empty()) {
    if (at.is_array()) {
      if (!index) {
        // NOLINTNEXTLINE(misc-no-recursion): see Depth
        at.for_each_element([&](Json element) {
          if (!walk(element, path, index, on_result, on_gap)) {
            on_gap();
          }
        });
        return true;
      }
      at = at.element(*index);
    } else {
      at = at.member(path.front());
      path = path.subspan(1);
    }
    if (!at.exists()) {
      return false;
    }
  }
  if (!at.exists()) {
    return false;
  }
  on_result(at);
  return true;
}

/// What a gap does to the list.
enum class Gaps : std::uint8_t {
  kStrict,  ///< makes the whole field absent
  kSkip,    ///< is left out
};

/// The results as texts, made by `to_text(Json)`.
template <class ToText>
base::Value walk_list(Json from, Path path, const std::optional<std::uint64_t>& index, Gaps gaps,
                      base::Arena& arena, const ToText& to_text) {
  ArenaList list(arena);
  bool broken = false;
  walk(
      from, path, index,
      [&](Json result) {
        if (!broken) {
          list.add(to_text(result));
        }
      },
      [&] { broken = broken || gaps == Gaps::kStrict; });
  return broken ? base::Value::absent() : list.value();
}

/// A text as Falco hands it from the plugin to the engine: up to its first NUL.
[[nodiscard]] inline std::string_view cut_at_nul(std::string_view text) {
  return text.substr(0, text.find('\0'));
}

/// The text of any value before it is cut at NUL: what the plugins compare with.
[[nodiscard]] inline std::string_view whole_text(Json json, base::Arena& arena) {
  return json.is_string() ? decode_string(json.raw_string(), arena) : json.text(arena);
}

/// Whether this is a JSON string of exactly these characters.
[[nodiscard]] inline bool is_text(Json json, std::string_view text) {
  return json.is_string() && string_equals(json.raw_string(), text);
}

/// The elements as texts; absent unless `json` is an array with elements.
[[nodiscard]] inline base::Value element_texts(Json json, base::Arena& arena) {
  if (!json.is_array()) {
    return base::Value::absent();
  }
  ArenaList list(arena);
  json.for_each_element([&](Json element) { list.add(element.text(arena)); });
  return list.value();
}

}  // namespace tiercel::audit
