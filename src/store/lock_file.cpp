#include "lock_file.h"

#include <array>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "database.h"

namespace tiercel::store {

namespace {

std::string read_pid(int file) {
  std::array<char, 32> text{};
  const ssize_t count = ::pread(file, text.data(), text.size(), 0);
  std::string pid(text.data(), count > 0 ? static_cast<std::size_t>(count) : 0);
  while (!pid.empty() && (pid.back() < '0' || pid.back() > '9')) {
    pid.pop_back();
  }
  return pid;
}

}  // namespace

base::Result<void> LockFile::take(const std::string& path) {
  close();
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) {
    const int number = errno;
    const bool denied = number == EROFS || number == EACCES || number == EPERM;
    const bool full = number == ENOSPC || number == EDQUOT;
    return base::Error{std::string(denied ? fault::kReadOnly
                                   : full ? fault::kFull
                                          : fault::kIo),
                       std::string("the alert store's lock file cannot be opened: ") +
                           std::strerror(number) +
                           "; check owner and mode of the folder, and whether the file system was "
                           "mounted read-only",
                       path};
  }
  if (::flock(file, LOCK_EX | LOCK_NB) != 0) {
    const int number = errno;
    const std::string pid = read_pid(file);
    ::close(file);
    if (number != EWOULDBLOCK) {
      return base::Error{std::string(fault::kIo),
                         std::string("the alert store's lock file cannot be locked: ") +
                             std::strerror(number) + "; put store.path on a local file system",
                         path};
    }
    return base::Error{"store_locked",
                       "another daemon uses this alert store" +
                           (pid.empty() ? std::string() : " (process " + pid + ")") +
                           "; stop it, or give this one a store.path of its own",
                       path};
  }
  was_unclean_ = !read_pid(file).empty();
  const std::string pid = std::to_string(::getpid()) + "\n";
  // The pid only makes the refusal easier to read; a full disk must not keep us from starting.
  if (::ftruncate(file, 0) != 0 ||
      ::pwrite(file, pid.data(), pid.size(), 0) != static_cast<ssize_t>(pid.size())) {
    file_ = file;
    mark_clean();  // Half a pid would name another process.
  }
  // After a power cut it must tell that the stop was not a clean one.
  static_cast<void>(::fsync(file));
  file_ = file;
  path_ = path;
  identity_ = file_identity(path);
  return {};
}

bool LockFile::holds() const { return file_ >= 0 && file_identity(path_) == identity_; }

void LockFile::mark_clean() {
  if (file_ >= 0 && ::ftruncate(file_, 0) != 0) {
    return;  // The next start looks more closely, which does no harm.
  }
}

void LockFile::close() {
  if (file_ >= 0) {
    ::close(file_);
    file_ = -1;
  }
}

}  // namespace tiercel::store
