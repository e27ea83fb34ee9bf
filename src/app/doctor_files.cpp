#include "doctor_files.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include <sys/stat.h>
#include <unistd.h>

#include "tiercel/config/schema.h"

#include "counted.h"
#include "deliveries.h"
#include "file_stamps.h"

namespace tiercel::app {

namespace {

namespace fs = std::filesystem;

constexpr const char* kTopic = "permissions";
// Of many files in a folder that is closed each would be said to be so.
constexpr std::size_t kMostTold = 5;

// The folders above the file itself count too where the path leads to it by links.
Access access_behind_links(const DaemonUser& who, const std::string& path, int wanted) {
  Access access = access_of(who, path, wanted);
  std::error_code error;
  const std::string real = fs::canonical(path, error).string();
  if (!error && real != path && access.problem.empty() && access.listed.empty()) {
    access = access_of(who, real, wanted);
  }
  return access;
}

/// What is wrong with it as a finding; false where nothing is.
bool tell_problem(const std::string& path, const DaemonUser& who, int wanted,
                  const std::string& advice, Findings& findings) {
  const Access access = access_behind_links(who, path, wanted);
  const bool reads_only = (wanted & W_OK) == 0;
  const std::string beside = beside_modes(who, path, access, reads_only);
  if (!beside.empty()) {
    findings.not_checked(kTopic, beside, "`journalctl -u tiercel` says whether the daemon could");
  } else if (!access.problem.empty() && ::geteuid() != 0) {
    findings.not_checked(kTopic, path + ": " + access.problem, "run this as root");
  } else if (!access.problem.empty()) {
    findings.error(kTopic, path + ": " + access.problem, advice);
  } else if (!reads_only && ::access(path.c_str(), W_OK) != 0) {
    findings.error(kTopic, path + " cannot be written", "is its file system mounted read-only?");
  } else {
    return false;
  }
  return true;
}

// Of a path that is not there, the folder above that is.
std::string nearest_folder(const std::string& path) {
  std::error_code error;
  fs::path above = fs::absolute(path, error);
  while (!fs::exists(above, error) && above != above.parent_path()) {
    above = above.parent_path();
  }
  return above.string();
}

template <class T>
const T* option_of(const config::Schema& schema, const config::NamedOutput& output,
                   std::string_view name) {
  const config::Option* const option = schema.find(output.section + "." + std::string(name));
  const auto* const value = option == nullptr ? nullptr : std::get_if<T*>(&option->target());
  return value == nullptr ? nullptr : *value;
}

bool rotates(const config::Schema& schema, const config::NamedOutput& output) {
  const auto* const size = option_of<base::ByteSize>(schema, output, "rotate_size");
  const auto* const interval =
      option_of<std::chrono::milliseconds>(schema, output, "rotate_interval");
  return (size != nullptr && size->bytes != 0) || (interval != nullptr && interval->count() != 0);
}

void examine_alert_file(const std::string& path, bool rotates, const DaemonUser& who,
                        Findings& findings) {
  struct stat status {};
  const bool is_there = ::stat(path.c_str(), &status) == 0;
  if (is_there && !S_ISREG(status.st_mode)) {
    return;  // a pipe or a device
  }
  const std::string above = fs::path(path).parent_path().string();
  const std::string folder = above.empty() ? "." : above;
  std::error_code error;
  if (!fs::is_directory(folder, error)) {
    return;  // the look at the configuration says so
  }
  const std::string advice = "chown " + who.name + " " + (is_there ? path : folder) +
                             ", or name another file: alerts wait in the store meanwhile";
  if (is_there && tell_problem(path, who, W_OK, advice, findings)) {
    return;
  }
  if ((!is_there || rotates) &&
      tell_problem(folder, who, W_OK | X_OK,
                   "chown " + who.name + " " + folder +
                       (is_there ? ": the file is rotated there" : ": the file is made there"),
                   findings)) {
    return;
  }
  findings.good(kTopic, "the user " + who.name + " can write " + path);
}

}  // namespace

ReadPaths read_paths(const CommonOptions& common, const config::Loaded& loaded) {
  ReadPaths paths;
  paths.files = loaded.files;
  base::Diagnostics told;  // by the look at the configuration
  for (const rules::RulesFile& file : read_rules(common, loaded.settings, told)) {
    paths.files.push_back(file.path);
  }
  const LoadedPaths named = loaded_paths(common, loaded.settings);
  for (const auto* const list : {&named.config, &named.rules}) {
    for (const std::string& path : *list) {
      std::error_code error;
      if (fs::is_directory(path, error)) {
        paths.folders.push_back(path);
      }
    }
  }
  return paths;
}

void examine_readable(const ReadPaths& paths, const DaemonUser& who, Findings& findings) {
  const std::string advice =
      "chgrp adm, chmod g+r (the unit's group), and g+x on the folders above it: as it is, a start "
      "or a reload fails";
  std::size_t bad = 0;
  Findings rest;
  std::set<std::string> seen;
  const auto look = [&](const std::vector<std::string>& list, int wanted) {
    for (const std::string& path : list) {
      Findings& told = bad < kMostTold ? findings : rest;
      bad += seen.insert(path).second && tell_problem(path, who, wanted, advice, told) ? 1U : 0U;
    }
  };
  look(paths.folders, R_OK | X_OK);
  look(paths.files, R_OK);
  if (bad > kMostTold) {
    findings.warning(kTopic, counted(bad - kMostTold, "more path") + " of the same kind",
                     "mend these first, and look again");
  } else if (bad == 0) {
    findings.good(kTopic, "the user " + who.name + " can read configuration and rules, " +
                              counted(paths.files.size(), "file"));
  }
}

void examine_dead_letters(const config::Settings& settings, const DaemonUser& who,
                          Findings& findings) {
  const std::string folder = fs::path(dead_letter_path(settings, "x")).parent_path().string();
  std::error_code error;
  if (fs::exists(folder, error)) {
    examine_folder(folder, "dead_letter.path", who, findings);
    return;
  }
  if (settings.dead_letter.path.empty() && !fs::exists(settings.store.path, error)) {
    return;  // that is said of store.path
  }
  const std::string above = nearest_folder(folder);
  if (!tell_problem(above, who, W_OK | X_OK,
                    "mkdir -m 0700 " + folder + " && chown " + who.name + ":adm " + folder +
                        ": the folder of dead letters (dead_letter.path) is made when the first "
                        "one comes",
                    findings)) {
    findings.good(kTopic,
                  "there are no dead letters; the user " + who.name + " can make " + folder);
  }
}

void examine_alert_files(const config::Settings& settings, const DaemonUser& who,
                         Findings& findings) {
  config::Settings read = settings;  // a schema points into what it describes
  const config::Schema schema = config::describe(read);
  for (const config::NamedOutput& output : read.outputs.list) {
    const auto* const filename = output.enabled && output.kind == "file"
                                     ? option_of<std::string>(schema, output, "filename")
                                     : nullptr;
    if (filename != nullptr) {
      examine_alert_file(*filename, rotates(schema, output), who, findings);
    }
  }
}

void examine_files(const CommonOptions& common, const config::Loaded& loaded, Findings& findings) {
  const std::optional<DaemonUser> who = daemon_user();
  if (!who) {
    findings.not_checked(kTopic,
                         "whether the daemon can read configuration and rules, and write dead "
                         "letters and alert files: this host has no user tiercel",
                         "run this where the daemon runs, as root or as its user");
    return;
  }
  examine_readable(read_paths(common, loaded), *who, findings);
  examine_dead_letters(loaded.settings, *who, findings);
  examine_alert_files(loaded.settings, *who, findings);
}

}  // namespace tiercel::app
