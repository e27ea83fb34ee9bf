#include "signals.h"

#include <cerrno>
#include <ctime>

#include <pthread.h>

namespace tiercel::app {

Signals::Signals() {
  ::sigemptyset(&waited_);
  for (const int number : {SIGTERM, SIGINT, SIGHUP, SIGUSR1}) {
    ::sigaddset(&waited_, number);
  }
  ::pthread_sigmask(SIG_BLOCK, &waited_, &before_);
  (void)::signal(SIGPIPE, SIG_IGN);
  (void)::signal(SIGUSR2, SIG_IGN);
}

Signals::~Signals() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

int Signals::wait(std::chrono::milliseconds timeout) const {
  const auto until = std::chrono::steady_clock::now() + timeout;
  while (true) {
    const auto left = std::chrono::duration_cast<std::chrono::nanoseconds>(
        until - std::chrono::steady_clock::now());
    timespec wait{};
    if (left.count() > 0) {
      wait.tv_sec = static_cast<std::time_t>(left.count() / 1'000'000'000);
      wait.tv_nsec = static_cast<long>(left.count() % 1'000'000'000);
    }
    const int number = ::sigtimedwait(&waited_, nullptr, &wait);
    if (number >= 0) {
      return number;
    }
    if (errno != EINTR) {
      return 0;
    }
  }
}

}  // namespace tiercel::app
