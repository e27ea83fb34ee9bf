#pragma once

#include <cstdint>
#include <vector>

#include "node.h"
#include "reporter.h"

namespace tiercel::rules {

/// The items of all documents of one file.
struct Documents {
  std::vector<NodePtr> items;  ///< nulls left out
  bool complete = true;        ///< false when a mistake hid what follows
};

/// Reads the YAML of `files.content(file)`. Byte-order mark, CRLF, several
/// documents, anchors and aliases are understood, the merge key is not; the first
/// of two equal keys wins. A syntax error keeps the items before it.
[[nodiscard]] Documents read_documents(const SourceFiles& files, std::uint32_t file,
                                       Reporter& reporter);

}  // namespace tiercel::rules
