#include "file_memory.h"

#include <algorithm>
#include <string_view>

namespace tiercel::source {

namespace {
// Keys of files are random numbers without a blank.
constexpr std::string_view kPatternKey = "pattern ";
constexpr std::string_view kUnreadKey = "unread ";
}  // namespace

FileMemory::FileMemory(const std::vector<Position>& stored) {
  for (const Position& one : stored) {
    if (one.key.starts_with(kPatternKey)) {
      patterns_.insert(one.key.substr(kPatternKey.size()));
    } else if (one.key.starts_with(kUnreadKey)) {
      unread_.insert(one.key.substr(kUnreadKey.size()));
    } else if (auto position = FilePosition::parse(one.value)) {
      (position->is_finished ? finished_ : unfinished_).push_back({one.key, std::move(*position)});
    }
  }
}

Position FileMemory::position_of(const std::string& pattern) {
  return {std::string(kPatternKey) + pattern, "seen"};
}

bool FileMemory::is_unread(const std::string& path) const {
  if (unread_.contains(path)) {
    return true;
  }
  // Of folders each that it is in.
  for (std::size_t at = path.find('/'); at != std::string::npos; at = path.find('/', at + 1)) {
    if (unread_.contains(path.substr(0, at + 1))) {
      return true;
    }
  }
  return false;
}

Position FileMemory::mark_unread(const std::string& path) {
  unread_.insert(path);
  return {std::string(kUnreadKey) + path, "seen"};
}

Position FileMemory::forget_unread(const std::string& path) {
  unread_.erase(path);
  return {std::string(kUnreadKey) + path, ""};
}

std::vector<std::string> FileMemory::paths() const {
  std::vector<std::string> paths;
  for (const std::vector<Entry>* entries : {&finished_, &unfinished_}) {
    for (const Entry& entry : *entries) {
      paths.push_back(entry.position.path);
    }
  }
  std::sort(paths.begin(), paths.end());
  paths.erase(std::unique(paths.begin(), paths.end()), paths.end());
  return paths;
}

std::vector<FileMemory::Entry> FileMemory::take_unfinished() {
  std::vector<Entry> taken;
  taken.swap(unfinished_);
  std::sort(taken.begin(), taken.end(), [](const Entry& a, const Entry& b) {
    return a.position.modified < b.position.modified;
  });
  return taken;
}

const FileMemory::Entry* FileMemory::find(const FollowedFile& file) const {
  const Entry* found = nullptr;
  for (const Entry& entry : finished_) {
    if (file.head().is(entry.position.fingerprint) &&
        (found == nullptr ||
         found->position.fingerprint.length < entry.position.fingerprint.length)) {
      found = &entry;
    }
  }
  return found;
}

bool FileMemory::is_forgotten(std::int64_t modified) const {
  return finished_.size() >= kMostFinished &&
         std::all_of(finished_.begin(), finished_.end(),
                     [modified](const Entry& entry) { return modified < entry.position.modified; });
}

bool FileMemory::has_read(std::int64_t modified) const {
  return std::any_of(finished_.begin(), finished_.end(), [modified](const Entry& entry) {
    return is_same_time(entry.position.modified, modified);
  });
}

std::vector<Position> FileMemory::finish(std::string id, FilePosition position) {
  std::vector<Position> to_store;
  position.is_finished = true;
  to_store.push_back({id, position.text()});
  std::erase_if(finished_, [&id](const Entry& entry) { return entry.id == id; });
  finished_.push_back({std::move(id), std::move(position)});
  while (finished_.size() > kMostFinished) {
    const auto oldest = std::min_element(
        finished_.begin(), finished_.end(),
        [](const Entry& a, const Entry& b) { return a.position.modified < b.position.modified; });
    to_store.push_back({oldest->id, ""});
    finished_.erase(oldest);
  }
  return to_store;
}

}  // namespace tiercel::source
