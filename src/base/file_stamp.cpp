#include "tiercel/base/file_stamp.h"

#include <cerrno>

#include <sys/stat.h>

namespace tiercel::base {

namespace {

std::int64_t nanoseconds(const timespec& time) {
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

}  // namespace

FileStamp FileStamp::of(const std::string& path) {
  FileStamp stamp;
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0) {
    stamp.error = errno;
    return stamp;
  }
  stamp.device = found.st_dev;
  stamp.inode = found.st_ino;
  stamp.size = found.st_size;
  stamp.modified = nanoseconds(found.st_mtim);
  stamp.changed = nanoseconds(found.st_ctim);
  return stamp;
}

std::string FileStamp::text() const {
  if (error != 0) {
    return "error " + std::to_string(error);
  }
  return std::to_string(device) + " " + std::to_string(inode) + " " + std::to_string(size) + " " +
         std::to_string(modified) + " " + std::to_string(changed);
}

}  // namespace tiercel::base
