#pragma once

#include "node.h"
#include "source_files.h"
#include "traced_text.h"

namespace tiercel::rules {

/// The text of a scalar with the place of each byte in the file, whatever the
/// style it is written in: plain, single or double quotes, literal or folded
/// block. YAML folds lines, drops indentation and decodes escapes; the text and
/// the file are therefore walked side by side.
///
/// REQUIRES: node.is_scalar().
[[nodiscard]] TracedText trace_scalar(const SourceFiles& files, const Node& node);

}  // namespace tiercel::rules
