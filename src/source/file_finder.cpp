#include "file_finder.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <string_view>

#include <fnmatch.h>
#include <glob.h>
#include <sys/stat.h>
#include <unistd.h>

#include "followed_file.h"

namespace tiercel::source {

namespace fs = std::filesystem;

namespace {

constexpr std::array<std::string_view, 2> kPacked = {".gz", ".zst"};
constexpr std::array<std::string_view, 4> kUnreadable = {".xz", ".bz2", ".lz4", ".Z"};

template <std::size_t kCount>
std::string_view ending_of(std::string_view name,
                           const std::array<std::string_view, kCount>& endings) {
  const auto found = std::find_if(endings.begin(), endings.end(), [name](std::string_view ending) {
    return name.ends_with(ending);
  });
  return found == endings.end() ? std::string_view() : *found;
}

bool begins_with_digit(std::string_view text) {
  return !text.empty() && text.front() >= '0' && text.front() <= '9';
}

bool is_compressed_name(std::string_view name) {
  return !ending_of(name, kPacked).empty() || !ending_of(name, kUnreadable).empty();
}

bool is_rotated_name(std::string_view name, const fs::path& file, SiblingKind kind) {
  const std::string_view ending =
      kind == SiblingKind::kUnreadable ? ending_of(name, kUnreadable) : ending_of(name, kPacked);
  if (kind == SiblingKind::kUnreadable ? ending.empty() : !ending_of(name, kUnreadable).empty()) {
    return false;
  }
  name.remove_suffix(ending.size());
  const std::string whole = file.filename().string();
  if (name == whole) {
    return !ending.empty();
  }
  if (name.starts_with(whole) && (name[whole.size()] == '.' || name[whole.size()] == '-')) {
    return begins_with_digit(name.substr(whole.size() + 1));
  }
  const std::string stem = file.stem().string() + "-";
  return name.starts_with(stem) && begins_with_digit(name.substr(stem.size())) &&
         name.ends_with(file.extension().string());
}

// The compressor removes the plain file once the other is whole.
bool is_being_compressed(const std::string& path) {
  const std::string_view ending = ending_of(path, kUnreadable);
  return !ending.empty() &&
         ::access(path.substr(0, path.size() - ending.size()).c_str(), F_OK) == 0;
}

std::vector<std::string> names_that_match(const std::string& pattern) {
  glob_t found{};
  std::vector<std::string> paths;
  if (::glob(pattern.c_str(), 0, nullptr, &found) == 0) {
    paths.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  }
  ::globfree(&found);
  return paths;
}

std::vector<std::string> names_in(const std::string& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    names.push_back(at->path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

// Of the file, and of the one that it links to in another folder.
std::vector<fs::path> files_of(const std::string& path) {
  std::error_code error;
  std::vector<fs::path> files{path};
  const fs::path target = fs::canonical(path, error);
  if (!error && target.parent_path() != files.front().parent_path()) {
    files.push_back(target);
  }
  return files;
}

std::int64_t changed_at(const std::string& folder) {
  struct stat status {};
  return ::stat(folder.c_str(), &status) == 0 ? modified_at(status) : 0;
}

// A link that leads nowhere is there, however often its folder is listed.
bool is_gone(const std::string& path) {
  struct stat status {};
  return ::lstat(path.c_str(), &status) != 0 && errno == ENOENT;
}

bool is_folder(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

}  // namespace

std::string normal_path(const std::string& path) {
  std::error_code error;
  const fs::path whole = fs::absolute(path, error);
  return (error ? fs::path(path) : whole).lexically_normal().string();
}

std::vector<std::string> expand_pattern(const std::string& pattern) {
  std::vector<std::string> paths = names_that_match(pattern);
  std::erase_if(paths, [&pattern](const std::string& path) {
    return path != pattern && is_compressed_name(path);
  });
  return paths;
}

bool matches_pattern(const std::string& pattern, const std::string& path) {
  return pattern == path ||
         (!is_compressed_name(path) && ::fnmatch(pattern.c_str(), path.c_str(), FNM_PATHNAME) == 0);
}

bool has_wildcard(std::string_view pattern) {
  return pattern.find_first_of("*?[") != std::string_view::npos;
}

bool is_open_folder(const std::string& folder, bool is_listed) {
  return ::access(folder.c_str(), is_listed ? R_OK | X_OK : X_OK) == 0 || errno == ENOENT ||
         errno == ENOTDIR;
}

std::vector<std::string> closed_folders(const std::string& pattern) {
  // Each folder of the pattern down to the first without a wildcard, and whether it is listed.
  std::vector<std::pair<std::string, bool>> folders;
  fs::path whole(pattern);
  do {
    const bool is_listed = has_wildcard(whole.filename().string());
    whole = whole.parent_path();
    folders.emplace_back(whole.string(), is_listed);
  } while (has_wildcard(folders.back().first));

  std::vector<std::string> closed;
  for (auto level = folders.rbegin(); level != folders.rend(); ++level) {
    const auto& [folder, is_listed] = *level;
    if (!has_wildcard(folder)) {
      if (!is_open_folder(folder, is_listed)) {
        closed.push_back(folder + "/");
      }
      continue;
    }
    for (const std::string& one : names_that_match(folder)) {
      if (is_folder(one) && !is_open_folder(one, is_listed)) {
        closed.push_back(one + "/");
      }
    }
  }
  return closed;
}

std::string why_nothing(const std::string& pattern) {
  struct stat status {};
  const fs::path folder = fs::path(pattern).parent_path();
  if (const auto closed = closed_folders(pattern); !closed.empty()) {
    return "the daemon's user may not look into " + closed.front();
  }
  if (!has_wildcard(folder.string()) && ::stat(folder.c_str(), &status) != 0) {
    return "its folder cannot be reached: " + std::string(std::strerror(errno));
  }
  return "there is no such file";
}

std::string inode_of(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) != 0 ? std::string() : inode_text(status);
}

Siblings::Listing Siblings::list(const std::string& folder) {
  // The kernel dates changes by a clock of up to ten milliseconds a step.
  constexpr std::int64_t kLately = 20'000'000;
  Listing listing;
  listing.changed = changed_at(folder);
  struct timespec now {};
  (void)::clock_gettime(CLOCK_REALTIME, &now);
  listing.has_changed_lately =
      std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec - listing.changed < kLately;
  listing.names = names_in(folder);
  return listing;
}

bool Siblings::has_changed(const std::string& path) const {
  const std::vector<fs::path> files = files_of(path);
  return std::any_of(files.begin(), files.end(), [this](const fs::path& file) {
    const auto known = listings_.find(file.parent_path().string());
    return known == listings_.end() || known->second.has_changed_lately ||
           known->second.changed != changed_at(known->first);
  });
}

std::vector<Sibling> Siblings::of(const std::string& path, SiblingKind kind) {
  std::vector<Sibling> siblings;
  for (const fs::path& file : files_of(path)) {
    const std::string folder = file.parent_path().string();
    const auto [known, is_new] = listings_.try_emplace(folder);
    if (is_new) {
      known->second = list(folder);
    }
    const std::vector<std::string>& names = known->second.names;
    // All that may be rotated from it begins as it does.
    const std::string stem = file.stem().string();
    for (auto name = std::lower_bound(names.begin(), names.end(), stem);
         name != names.end() && name->starts_with(stem); ++name) {
      struct stat status {};
      const std::string whole = (file.parent_path() / *name).string();
      if (!is_rotated_name(*name, file, kind) || is_being_compressed(whole)) {
        continue;
      }
      if (::stat(whole.c_str(), &status) != 0) {
        is_stale_ = is_stale_ || is_gone(whole);
        continue;
      }
      if (!S_ISREG(status.st_mode)) {
        continue;
      }
      siblings.push_back({whole, inode_text(status), modified_at(status),
                          static_cast<std::uint64_t>(status.st_size)});
    }
  }
  std::sort(siblings.begin(), siblings.end(), [](const Sibling& a, const Sibling& b) {
    return a.modified != b.modified ? a.modified < b.modified : a.path < b.path;
  });
  return siblings;
}

}  // namespace tiercel::source
