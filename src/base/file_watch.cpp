#include "tiercel/base/file_watch.h"

#include <utility>

namespace tiercel::base {

FileWatch::FileWatch(std::vector<std::string> paths)
    : paths_(std::move(paths)), seen_(look()), last_(seen_) {}

std::vector<FileStamp> FileWatch::look() const {
  std::vector<FileStamp> stamps;
  stamps.reserve(paths_.size());
  for (const std::string& path : paths_) {
    stamps.push_back(FileStamp::of(path));
  }
  return stamps;
}

bool FileWatch::has_changed() {
  std::vector<FileStamp> now = look();
  const bool is_new = now != seen_ && now == last_;
  last_ = std::move(now);
  if (is_new) {
    seen_ = last_;
  }
  return is_new;
}

}  // namespace tiercel::base
