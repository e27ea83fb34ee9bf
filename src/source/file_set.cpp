#include "file_set.h"

#include <algorithm>

#include "file_finder.h"

namespace tiercel::source {

std::set<std::string> FileSet::inodes() const {
  std::set<std::string> all;
  for (const auto& [path, file] : live) {
    all.insert(file->inode());
  }
  for (const Rotated& one : rotated) {
    all.insert(one.file->inode());
  }
  return all;
}

bool FileSet::holds(const std::string& inode) const {
  return std::any_of(live.begin(), live.end(),
                     [&inode](const auto& one) { return one.second->inode() == inode; }) ||
         std::any_of(rotated.begin(), rotated.end(),
                     [&inode](const Rotated& one) { return one.file->inode() == inode; });
}

bool FileSet::holds_of_time(std::int64_t modified) const {
  return std::any_of(live.begin(), live.end(),
                     [modified](const auto& one) {
                       return is_same_time(one.second->modified(), modified);
                     }) ||
         std::any_of(rotated.begin(), rotated.end(), [modified](const Rotated& one) {
           return is_same_time(one.file->modified(), modified);
         });
}

bool FileSet::holds_copy_of(const FollowedFile& file) {
  const FileHead& head = file.head();
  if (file.known().length == 0) {
    return false;  // Nothing is told apart by no line.
  }
  // A file that was short, or empty, when it was read last may have grown and been copied since;
  // one that was cut off since may hold other content by now, and that may just have been copied.
  const auto is_copy = [&head](FollowedFile& one) {
    if (!one.head().is_complete()) {
      one.refresh_head();
    }
    return head.is_copy_of(one.head()) || (!one.is_packed() && head.is_copy_of(one.head_now()));
  };
  return std::any_of(live.begin(), live.end(),
                     [&is_copy](auto& one) { return is_copy(*one.second); }) ||
         std::any_of(rotated.begin(), rotated.end(),
                     [&is_copy](Rotated& one) { return is_copy(*one.file); });
}

bool FileSet::has_successor(const FollowedFile& file) const {
  const auto found = live.find(file.followed_path());
  return found != live.end() && found->second->has_lines();
}

std::vector<std::string> FileSet::retire_renamed() {
  std::vector<std::string> paths;
  for (auto one = live.begin(); one != live.end();) {
    if (inode_of(one->first) == one->second->inode()) {
      ++one;
      continue;
    }
    paths.push_back(one->first);
    add_rotated(std::move(one->second));
    one = live.erase(one);
  }
  return paths;
}

void FileSet::add_rotated(std::unique_ptr<FollowedFile> file) {
  rotated.push_back({std::move(file)});
}

std::uint64_t FileSet::lag() const {
  std::uint64_t bytes = 0;
  for (const auto& [path, file] : live) {
    bytes += file->lag();
  }
  for (const Rotated& one : rotated) {
    bytes += one.file->lag();
  }
  return bytes;
}

}  // namespace tiercel::source
