#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <string>
#include <string_view>

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "daemon.h"
#include "temp_dir.h"

namespace tiercel::support {

/// The service manager's end of NOTIFY_SOCKET.
class NotifySocket {
 public:
  NotifySocket() : descriptor_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string path = folder_.path("notify");
    std::copy_n(path.c_str(), std::min(path.size() + 1, sizeof address.sun_path), address.sun_path);
    if (::bind(descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
      std::abort();
    }
  }
  ~NotifySocket() { ::close(descriptor_); }
  NotifySocket(const NotifySocket&) = delete;
  NotifySocket& operator=(const NotifySocket&) = delete;

  /// "NOTIFY_SOCKET=…", for the daemon's environment.
  [[nodiscard]] std::string variable() const { return "NOTIFY_SOCKET=" + folder_.path("notify"); }
  /// The next message; empty when none comes in time.
  [[nodiscard]] std::string next(std::chrono::milliseconds timeout = kDeadline) const {
    pollfd one{descriptor_, POLLIN, 0};
    if (::poll(&one, 1, static_cast<int>(timeout.count())) <= 0) {
      return {};
    }
    std::array<char, 4096> room{};
    const ssize_t got = ::recv(descriptor_, room.data(), room.size(), 0);
    return {room.data(), got > 0 ? static_cast<std::size_t>(got) : 0};
  }
  /// Skips what does not begin so; empty when no such message comes in time.
  [[nodiscard]] std::string next_of(std::string_view begin) const {
    for (std::string message = next(); !message.empty(); message = next()) {
      if (message.starts_with(begin)) {
        return message;
      }
    }
    return {};
  }

 private:
  TempDir folder_;
  int descriptor_;
};

}  // namespace tiercel::support
