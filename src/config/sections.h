#pragma once

#include <string>
#include <string_view>
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

/// What stands before the options of a section: two blanks a level.
[[nodiscard]] std::string indent_of(std::string_view path);
/// The keys that open a section behind another: "outputs:" and "  pager:", or the last alone.
[[nodiscard]] std::string section_head(std::string_view path, std::string_view before);

/// "at least 1 and at most 10", or nothing.
[[nodiscard]] std::string bounds_text(const Option& option);

}  // namespace tiercel::config
