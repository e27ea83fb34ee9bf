#pragma once

#include <chrono>
#include <csignal>

namespace tiercel::app {

/// Takes the process's signals out of the hands of their default actions, which would kill:
/// from construction on they wait until wait() is called.
///
/// Runs on: main thread; constructed before any other thread, which inherit the mask.
/// DIFFERS FROM FALCO: SIGHUP and SIGUSR1 during start or reload do not kill; SIGUSR2 and
/// SIGPIPE never do.
class Signals {
 public:
  Signals();
  ~Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

  /// The next signal of SIGTERM, SIGINT, SIGHUP, SIGUSR1; 0 when none came in time.
  [[nodiscard]] int wait(std::chrono::milliseconds timeout) const;

 private:
  sigset_t waited_{};
  sigset_t before_{};
};

}  // namespace tiercel::app
