#pragma once

#include <string>
#include <vector>

#include "tiercel/config/schema.h"

namespace tiercel::config {

/// The options as a reader meets them: runs of the same section, the top level's
/// options between them where they belong by subject. Private to the room.
struct SectionRun {
  std::string path;  ///< empty: top level
  std::vector<const Option*> options;
};

/// Without deprecated options. Each section is one run.
[[nodiscard]] std::vector<SectionRun> section_runs(const Schema& schema);

/// "at least 1 and at most 10", or nothing.
[[nodiscard]] std::string bounds_text(const Option& option);

}  // namespace tiercel::config
