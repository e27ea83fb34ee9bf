#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "tiercel/config/settings.h"

#include "options.h"

namespace tiercel::app {

/// The files and folders that decide what is loaded.
struct LoadedPaths {
  std::vector<std::string> config;  ///< the main file, and what `config_files` names
  std::vector<std::string> rules;   ///< what -r or `rules_files` names
};
[[nodiscard]] LoadedPaths loaded_paths(const CommonOptions& options,
                                       const config::Settings& settings);

/// What such files look like from outside: which file a name leads to (through links, as those of
/// a Kubernetes volume), its length and times; of a folder, the files in it that would be read.
/// Two that are equal stand for the same contents, if nothing was written just before the first.
class FileStamps {
 public:
  [[nodiscard]] static FileStamps of(const LoadedPaths& paths);
  /// Of one file, or of all that are in one folder.
  [[nodiscard]] static FileStamps of(const std::string& path);

  friend bool operator==(const FileStamps& a, const FileStamps& b) { return a.files_ == b.files_; }
  /// A name whose stamp is another, or that is in one of both only; empty where they are equal.
  [[nodiscard]] std::string difference(const FileStamps& other) const;
  /// Something was written so shortly before `now` (nanoseconds since the epoch) that another
  /// write may have left the same time: the file systems' clock goes in steps.
  [[nodiscard]] bool is_fresh(std::int64_t now) const;
  [[nodiscard]] std::size_t size() const { return files_.size(); }
  /// The same as text.
  [[nodiscard]] std::string text() const;

  /// More than a step of any of the file systems' clocks.
  static constexpr std::chrono::milliseconds kStep{20};

 private:
  void add_path(const std::string& path, bool (*is_read)(std::string_view name));
  void add_file(const std::string& path);

  std::map<std::string, std::string> files_;
  std::int64_t youngest_ = 0;  ///< nanoseconds since the epoch
};

}  // namespace tiercel::app
