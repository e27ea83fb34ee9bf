#include "alert_file.h"

#include <cerrno>
#include <filesystem>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace tiercel::output {

namespace {
// DIFFERS FROM FALCO: created 0640 instead of 0666 less the umask: alerts tell who did
// what, and are for the operators' group.
constexpr mode_t kMode = 0640;

// A file that a crash left with half a line: the next line must not join it.
void close_torn_line(int file, off_t size) {
  char last = '\n';
  if (size > 0 && ::pread(file, &last, 1, size - 1) == 1 && last != '\n') {
    (void)!::write(file, "\n", 1);
  }
}

void give_to_owner(int file, const std::string& folder) {
  struct stat status {};
  if (::geteuid() == 0 && ::stat(folder.empty() ? "." : folder.c_str(), &status) == 0) {
    (void)!::fchown(file, status.st_uid, status.st_gid);
  }
}
}  // namespace

base::Result<void> AlertFile::open() {
  Descriptor file(::open(path_.c_str(), O_RDWR | O_APPEND | O_CREAT | O_EXCL | O_CLOEXEC, kMode));
  if (file.is_open()) {
    const std::string folder = std::filesystem::path(path_).parent_path().string();
    if (for_owner_) {
      give_to_owner(file.number(), folder);
    }
    sync_folder(folder);
    file_ = std::move(file);
    return {};
  }
  // Read access is for the look at the last byte; a pipe or device may refuse it.
  file = Descriptor(::open(path_.c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, kMode));
  if (!file.is_open() && errno != ENOENT && errno != EISDIR) {
    file = Descriptor(::open(path_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, kMode));
  }
  if (!file.is_open()) {
    return write_error(errno, path_);
  }
  struct stat status {};
  if (::fstat(file.number(), &status) == 0 && S_ISREG(status.st_mode)) {
    close_torn_line(file.number(), status.st_size);
  }
  file_ = std::move(file);
  return {};
}

bool AlertFile::is_current() const {
  struct stat named {};
  struct stat opened {};
  return file_.is_open() && ::stat(path_.c_str(), &named) == 0 &&
         ::fstat(file_.number(), &opened) == 0 && named.st_dev == opened.st_dev &&
         named.st_ino == opened.st_ino;
}

std::uint64_t AlertFile::size() const {
  struct stat status {};
  return file_.is_open() && ::fstat(file_.number(), &status) == 0 && S_ISREG(status.st_mode)
             ? static_cast<std::uint64_t>(status.st_size)
             : 0;
}

base::Result<void> AlertFile::append(std::span<const std::string_view> chunks) {
  const std::uint64_t before = size();
  std::size_t written = 0;
  const int error = write_chunks(file_.number(), chunks, written);
  if (error == 0) {
    return {};
  }
  take_back(before, written);
  if (error != ENOSPC && error != EDQUOT) {
    close();  // a stale handle, for one: the next write opens the path again
  }
  return write_error(error, path_);
}

base::Result<void> AlertFile::sync() {
  // What cannot be synced is no file on a disk.
  if (::fdatasync(file_.number()) != 0 && errno != EINVAL && errno != EROFS && errno != ENOTSUP) {
    const int error = errno;
    close();
    return write_error(error, path_);
  }
  return {};
}

// A repeat brings all these lines again, so the ones that went out are taken back, unless
// somebody else has written behind them; then at least no line stays half.
void AlertFile::take_back(std::uint64_t size_before, std::size_t written) {
  struct stat now {};
  if (written == 0 || ::fstat(file_.number(), &now) != 0 || !S_ISREG(now.st_mode)) {
    return;
  }
  if (static_cast<std::uint64_t>(now.st_size) == size_before + written &&
      ::ftruncate(file_.number(), static_cast<off_t>(size_before)) == 0) {
    return;
  }
  close_torn_line(file_.number(), now.st_size);
}

}  // namespace tiercel::output
