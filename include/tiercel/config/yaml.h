#pragma once

#include <cstdint>

#include "tiercel/config/document.h"
#include "tiercel/config/node.h"
#include "tiercel/config/reporter.h"

namespace tiercel::config {

/// How a YAML text becomes a tree.
struct YamlOptions {
  std::uint32_t source = 0;
  /// Null: texts stay as written.
  const Environment* environment = nullptr;
  /// Nodes made so far; shared by all texts of one configuration.
  std::size_t* nodes = nullptr;
};

/// Reads the first document of `sources.text(options.source)`. Mistakes are reported; what was read
/// before a syntax error is dropped. Aliases are copied, within kMaxNodes and kMaxDepth.
[[nodiscard]] Node parse_yaml(const Sources& sources, const YamlOptions& options,
                              Reporter& reporter);

}  // namespace tiercel::config
