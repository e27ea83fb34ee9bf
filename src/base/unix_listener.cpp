#include "tiercel/base/unix_listener.h"

#include <cerrno>
#include <cstring>

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace tiercel::base {

namespace {

constexpr int kBacklog = 64;

bool fill_address(const std::string& path, sockaddr_un& address) {
  address = {};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path) {
    return false;
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  return true;
}

// Whether nobody listens on the socket's file any more. Does not wait: connect() would while the
// other's queue is full.
bool is_stale(const sockaddr_un& address) {
  const int probe = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const bool is_refused =
      ::connect(probe, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 &&
      errno == ECONNREFUSED;
  ::close(probe);
  return is_refused;
}

}  // namespace

UnixListener::~UnixListener() {
  remove_file();
  if (file_ >= 0) {
    ::close(file_);
  }
}

void UnixListener::remove_file() {
  struct stat status {};
  // The name may be another daemon's by now.
  if (inode_ != 0 && ::lstat(path_.c_str(), &status) == 0 && status.st_ino == inode_) {
    ::unlink(path_.c_str());
  }
  inode_ = 0;
}

Error UnixListener::error(const std::string& what) const { return {"socket_failed", what, path_}; }

Result<void> UnixListener::open(const std::string& path, unsigned mode) {
  path_ = path;
  sockaddr_un address{};
  if (!fill_address(path, address)) {
    return error("the socket's path is empty or longer than 107 bytes");
  }
  struct stat status {};
  if (::lstat(path.c_str(), &status) == 0) {
    if (!S_ISSOCK(status.st_mode)) {
      return error("there is a file of this name that is no socket; name another path");
    }
    if (!is_stale(address)) {
      return error("another process listens on this socket");
    }
    ::unlink(path.c_str());
  }
  file_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (file_ < 0) {
    return error(std::string("cannot make a socket: ") + std::strerror(errno));
  }
  // Nobody can connect before listen(), whatever mode the file has until chmod().
  if (::bind(file_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return error(std::string("cannot make the socket's file: ") + std::strerror(errno) +
                 "; does its folder exist, may the daemon write there?");
  }
  if (::chmod(path.c_str(), mode) != 0 || ::listen(file_, kBacklog) != 0 ||
      ::lstat(path.c_str(), &status) != 0) {
    const std::string reason = std::strerror(errno);
    ::unlink(path.c_str());
    return error("cannot listen on the socket: " + reason);
  }
  inode_ = status.st_ino;
  return {};
}

}  // namespace tiercel::base
