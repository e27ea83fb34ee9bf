#include "signals.h"

#include <csignal>
#include <ctime>

namespace tiercel::app {

namespace {

sigset_t taken_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGUSR1}) {
    sigaddset(&set, number);
  }
  return set;
}

}  // namespace

Signals::Signals() {
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGUSR2, SIG_IGN);
  const sigset_t set = taken_signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

Signals::~Signals() = default;

Signals::Event Signals::wait(std::chrono::milliseconds most) {
  const sigset_t set = taken_signals();
  const timespec timeout{most.count() / 1000, (most.count() % 1000) * 1'000'000};
  switch (sigtimedwait(&set, nullptr, &timeout)) {
    case SIGINT:
    case SIGTERM:
      return Event::kStop;
    case SIGHUP:
      return Event::kReload;
    case SIGUSR1:
      return Event::kReopen;
    default:
      return Event::kTick;
  }
}

}  // namespace tiercel::app
