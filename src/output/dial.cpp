#include "dial.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>

namespace tiercel::output {

namespace {

using Clock = std::chrono::steady_clock;
using How = Dialled::How;

int count_of(const addrinfo* addresses) {
  int count = 0;
  for (const addrinfo* at = addresses; at != nullptr; at = at->ai_next) {
    ++count;
  }
  return count;
}

// kConnected: the system has an answer, whichever.
How wait_for(int socket, Clock::time_point until, int interrupt) {
  while (true) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now()).count();
    std::array<pollfd, 2> wait{{{socket, POLLOUT, 0}, {interrupt, POLLIN, 0}}};
    const int count = ::poll(wait.data(), wait.size(), left > 0 ? static_cast<int>(left) + 1 : 0);
    if (wait[1].revents != 0) {
      return How::kInterrupted;
    }
    if (wait[0].revents != 0) {
      return How::kConnected;
    }
    if (count == 0) {
      return How::kTimeout;
    }
  }
}

Dialled dial_one(const addrinfo& address, Clock::time_point until, int interrupt) {
  Dialled one;
  one.socket = Descriptor(::socket(
      address.ai_family, address.ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, address.ai_protocol));
  int error = 0;
  if (!one.socket.is_open() ||
      ::connect(one.socket.number(), address.ai_addr, address.ai_addrlen) != 0) {
    error = errno;
  }
  if (error == EINPROGRESS) {
    one.how = wait_for(one.socket.number(), until, interrupt);
    if (one.how != How::kConnected) {
      return one;
    }
    socklen_t size = sizeof error;
    ::getsockopt(one.socket.number(), SOL_SOCKET, SO_ERROR, &error, &size);
  }
  one.how = error == 0 ? How::kConnected : How::kFailed;
  one.reason = error == 0 ? "" : std::strerror(error);
  return one;
}

}  // namespace

Dialled dial(const addrinfo* addresses, std::chrono::milliseconds timeout, int interrupt) {
  const Clock::time_point end = Clock::now() + timeout;
  Dialled last{How::kFailed, {}, "no address"};
  int left = count_of(addresses);
  for (const addrinfo* at = addresses; at != nullptr; at = at->ai_next, --left) {
    const Clock::time_point now = Clock::now();
    Dialled one = dial_one(*at, now + (std::max(end, now) - now) / left, interrupt);
    if (one.how == How::kConnected || one.how == How::kInterrupted) {
      return one;
    }
    // A reason says more than a silence.
    if (one.how == How::kFailed || last.how != How::kFailed || at == addresses) {
      last = std::move(one);
    }
  }
  last.socket = Descriptor();
  return last;
}

}  // namespace tiercel::output
