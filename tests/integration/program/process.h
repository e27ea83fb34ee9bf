#pragma once

#include <chrono>
#include <string>
#include <vector>

#include <sys/types.h>

namespace tiercel::integration {

/// How a child gets its three streams: files, so that nothing can block.
struct ProcessFiles {
  std::string in = "/dev/null";
  std::string out = "/dev/null";
  std::string err = "/dev/null";
};

/// A child process. Killed, by its own id, when it still runs at destruction.
class Process {
 public:
  Process(const std::vector<std::string>& arguments, const ProcessFiles& files,
          const std::string& folder = {});
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  void signal(int number) const;
  [[nodiscard]] bool is_running();
  /// Waits for the end. The exit status; 128 and more: ended by a signal; -1: still runs.
  int wait(std::chrono::milliseconds timeout = std::chrono::milliseconds{60'000});
  [[nodiscard]] pid_t id() const { return id_; }

 private:
  bool reap(bool block);

  pid_t id_ = -1;
  bool has_ended_ = false;
  int status_ = -1;
};

struct Finished {
  int status = -1;
  std::string out;
  std::string err;
};

/// Runs a program to its end with `input` as its standard input.
[[nodiscard]] Finished run_process(const std::vector<std::string>& arguments,
                                   const std::string& input = {}, const std::string& folder = {});

/// Asks every few milliseconds until it is true or the time is over.
template <class Condition>
bool wait_until(Condition condition,
                std::chrono::milliseconds timeout = std::chrono::milliseconds{30'000});

/// Sleeps for the pause between two questions.
void pause_briefly();

template <class Condition>
bool wait_until(Condition condition, std::chrono::milliseconds timeout) {
  const auto until = std::chrono::steady_clock::now() + timeout;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > until) {
      return false;
    }
    pause_briefly();
  }
  return true;
}

}  // namespace tiercel::integration
