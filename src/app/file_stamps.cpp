#include "file_stamps.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "tiercel/base/file_stamp.h"
#include "tiercel/config/document.h"
#include "tiercel/rules/loader.h"

namespace tiercel::app {

namespace {

namespace fs = std::filesystem;

// A folder by mistake, as /, need not be walked through once a second.
constexpr std::size_t kMostEntries = 10'000;

}  // namespace

LoadedPaths loaded_paths(const CommonOptions& options, const config::Settings& settings) {
  LoadedPaths paths;
  if (options.config) {
    paths.config.push_back(*options.config);
  }
  for (const auto& include : settings.process.config_files) {
    paths.config.push_back(include.path);
  }
  paths.rules = options.rules.empty() ? settings.rules.files : options.rules;
  return paths;
}

FileStamps FileStamps::of(const LoadedPaths& paths) {
  FileStamps stamps;
  for (const std::string& path : paths.config) {
    stamps.add_path(path, &config::is_include_name);
  }
  for (const std::string& path : paths.rules) {
    stamps.add_path(path, &rules::is_rules_file_name);
  }
  return stamps;
}

FileStamps FileStamps::of(const std::string& path) {
  FileStamps stamps;
  stamps.add_path(path, [](std::string_view) { return true; });
  return stamps;
}

void FileStamps::add_path(const std::string& path, bool (*is_read)(std::string_view name)) {
  std::error_code error;
  if (!fs::is_directory(path, error)) {
    add_file(path);
    return;
  }
  // Not the folder's own time: it changes with files that are not read.
  files_[path] = "folder";
  std::size_t count = 0;
  fs::directory_iterator entries(path, error);
  for (; !error && entries != fs::directory_iterator() && count < kMostEntries;
       entries.increment(error)) {
    std::error_code ignored;
    ++count;
    if (is_read(entries->path().filename().string()) && entries->is_regular_file(ignored)) {
      add_file(entries->path().string());
    }
  }
  if (error) {
    files_[path] = "folder " + error.message();
  }
}

void FileStamps::add_file(const std::string& path) {
  const base::FileStamp stamp = base::FileStamp::of(path);
  youngest_ = std::max(youngest_, stamp.youngest());
  files_[path] = stamp.text();
}

std::string FileStamps::difference(const FileStamps& other) const {
  for (const auto& [path, stamp] : files_) {
    const auto found = other.files_.find(path);
    if (found == other.files_.end() || found->second != stamp) {
      return path;
    }
  }
  for (const auto& [path, stamp] : other.files_) {
    if (!files_.contains(path)) {
      return path;
    }
  }
  return {};
}

bool FileStamps::is_fresh(std::int64_t now) const {
  return youngest_ > now - std::chrono::nanoseconds(kStep).count() &&
         youngest_ < now + std::chrono::nanoseconds(kStep).count();
}

std::string FileStamps::text() const {
  std::string text;
  for (const auto& [path, stamp] : files_) {
    text.append(path).append(" ").append(stamp).append("\n");
  }
  return text;
}

}  // namespace tiercel::app
