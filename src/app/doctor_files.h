#pragma once

#include <optional>
#include <string>
#include <vector>

#include "doctor_access.h"

namespace tiercel::app {

/// What is read at the start and at each reload.
struct ReadPaths {
  std::vector<std::string> files;
  std::vector<std::string> folders;  ///< that are looked through for files
};
[[nodiscard]] ReadPaths read_paths(const CommonOptions& common, const config::Loaded& loaded);

/// Whether the daemon can read all of it.
void examine_readable(const ReadPaths& paths, const DaemonUser& who, Findings& findings);
/// Whether it can write into the folder of the dead letters, or make it where there is none yet.
void examine_dead_letters(const config::Settings& settings, const DaemonUser& who,
                          Findings& findings);
/// Whether it can write the files of outputs of kind file, and rotate them where it is to.
void examine_alert_files(const config::Settings& settings, const DaemonUser& who,
                         Findings& findings);

}  // namespace tiercel::app
