#pragma once

#include <string>
#include <string_view>

#include "tiercel/config/node.h"
#include "tiercel/config/reporter.h"

namespace tiercel::config {

/// `strategy` where it is one; else `append`, as in Falco, with a warning.
[[nodiscard]] std::string known_strategy(const std::string& strategy, Place place,
                                         Reporter& reporter);

/// Merges an included file's top-level keys into `root` by the strategy of its
/// `config_files` entry: `append`, `override` or `add-only`. Private to the room.
void merge_include(Node& root, Node included, std::string_view strategy, Reporter& reporter);

/// One `-o` word cut in two. `key` keeps its escapes.
struct Override {
  std::string key;
  std::string value;
};

/// False, with an error reported, where there is no `=` or no key.
[[nodiscard]] bool split_override(std::string_view word, Place place, Override& out,
                                  Reporter& reporter);
/// Puts `value` at the place that `key` names: `a.b[0].c`, `a[]`, `\.` `\[` `\]` `\\`.
void apply_override(Node& root, std::string_view key, Node value, Reporter& reporter);

}  // namespace tiercel::config
