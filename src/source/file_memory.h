#pragma once

#include <set>
#include <string>
#include <vector>

#include "tiercel/source/source.h"

#include "followed_file.h"

namespace tiercel::source {

/// What is known about the files that were read, from this start and earlier ones: where to go
/// on, and which files beside a followed one are read already, whatever they are called by now
/// and whether or not they were compressed.
///
/// The newest kMostFinished are remembered; a file that is older than all of those counts as read.
/// Runs on: the source's thread.
class FileMemory {
 public:
  static constexpr std::size_t kMostFinished = 1000;
  struct Entry {
    std::string id;
    FilePosition position;
  };

  explicit FileMemory(const std::vector<Position>& stored);

  /// Those that were followed before this start.
  [[nodiscard]] std::vector<std::string> paths() const;
  /// Takes out the files that were not read to their end, the oldest first.
  [[nodiscard]] std::vector<Entry> take_unfinished();
  /// What is known about a file's contents, where it was read already.
  [[nodiscard]] const Entry* find(const FollowedFile& file) const;
  /// True for a file that is older than anything remembered.
  [[nodiscard]] bool is_forgotten(std::int64_t modified) const;
  /// Whether a file of this time of change was read to its end: compressing keeps the time, some
  /// programs to the second.
  [[nodiscard]] bool has_read(std::int64_t modified) const;
  /// Remembers that a file was read as far as `position` says; what is to be stored for that.
  [[nodiscard]] std::vector<Position> finish(std::string id, FilePosition position);
  /// Whether files of this pattern were looked for before: what they hold came since then.
  [[nodiscard]] bool knows_pattern(const std::string& pattern) const {
    return patterns_.contains(pattern);
  }
  /// True for a pattern that was not known; position_of() is to be stored for it.
  [[nodiscard]] bool learn_pattern(const std::string& pattern) {
    return patterns_.insert(pattern).second;
  }
  [[nodiscard]] static Position position_of(const std::string& pattern);
  /// Files that could not be read when their pattern was looked at first, and folders, with a
  /// slash behind, that could not be looked into: what they hold may have been there before.
  [[nodiscard]] const std::set<std::string>& unread() const { return unread_; }
  [[nodiscard]] bool is_unread(const std::string& path) const;
  /// What is to be stored for that.
  [[nodiscard]] Position mark_unread(const std::string& path);
  [[nodiscard]] Position forget_unread(const std::string& path);

 private:
  std::set<std::string> patterns_;
  std::set<std::string> unread_;
  std::vector<Entry> finished_;
  std::vector<Entry> unfinished_;
};

}  // namespace tiercel::source
