#pragma once

#include <memory>
#include <vector>

#include "tiercel/base/diagnostic.h"
#include "tiercel/config/load.h"
#include "tiercel/engine/rule_set.h"
#include "tiercel/output/routing.h"

#include "file_stamps.h"
#include "options.h"

namespace tiercel::app {

/// Configuration, rules and routes, as all their files were at one moment.
struct Reading {
  config::Loaded loaded;
  base::Diagnostics diagnostics;
  std::vector<std::string> disabled_rules;         ///< left out for a while
  std::vector<rules::RulesFile> files;             ///< what `rules` were made of
  engine::LoadResult rules;                        ///< without a rule set where there are errors
  std::shared_ptr<const output::Routing> routing;  ///< null where there are errors
  bool has_config = false;                         ///< `loaded` has no errors
  LoadedPaths paths;
  FileStamps stamps;
  bool is_steady = true;  ///< false: the files changed as often as they were read

  [[nodiscard]] bool is_good() const { return rules.rule_set != nullptr && routing != nullptr; }
};

/// The mistake of files that are not steady.
[[nodiscard]] base::Diagnostic unsteady_files();

/// Reads all files, and again where one changed meanwhile or may have. `known`: what was loaded
/// before, empty at the start.
[[nodiscard]] Reading read_everything(const CommonOptions& options, LoadedPaths known);

}  // namespace tiercel::app
