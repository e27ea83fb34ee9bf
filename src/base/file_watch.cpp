#include "tiercel/base/file_watch.h"

#include <utility>

#include <sys/stat.h>

namespace tiercel::base {

FileWatch::FileWatch(std::vector<std::string> paths)
    : paths_(std::move(paths)), seen_(look()), last_(seen_) {}

// Symbolic links are followed: Kubernetes renews a mounted secret by another link.
std::vector<FileWatch::Stamp> FileWatch::look() const {
  constexpr std::int64_t kSecond = 1'000'000'000;
  std::vector<Stamp> stamps;
  for (const std::string& path : paths_) {
    struct stat status {};
    Stamp stamp;
    if (::stat(path.c_str(), &status) == 0) {
      stamp = {status.st_dev, status.st_ino, status.st_size,
               status.st_mtim.tv_sec * kSecond + status.st_mtim.tv_nsec,
               status.st_ctim.tv_sec * kSecond + status.st_ctim.tv_nsec};
    }
    stamps.push_back(stamp);
  }
  return stamps;
}

bool FileWatch::has_changed() {
  std::vector<Stamp> now = look();
  const bool is_new = now != seen_ && now == last_;
  last_ = std::move(now);
  if (is_new) {
    seen_ = last_;
  }
  return is_new;
}

}  // namespace tiercel::base
