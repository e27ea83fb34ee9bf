#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <sys/types.h>

namespace tiercel::support {

/// How long a test waits for what must happen. Long, for machines under load: a test that
/// passes never waits so long.
inline constexpr std::chrono::seconds kDeadline{60};

/// Waits until the condition holds. False when it does not within the deadline.
[[nodiscard]] bool wait_until(const std::function<bool()>& condition);

struct ProgramResult {
  /// The exit status; 128 and the signal's number where a signal ended it.
  int status = -1;
  std::string out;
  std::string err;
};
/// Runs the program under test to its end with this text as standard input; another program
/// where the first word is a path. A word `run` starts a daemon, whose port of metrics and API the
/// system chooses unless an argument sets `admin.`.
[[nodiscard]] ProgramResult run_program(const std::vector<std::string>& arguments,
                                        std::string_view input = {});

/// The program under test, or another where the first word is a path, running. Killed at the end of
/// this object's life if it has not ended by then.
class Daemon {
 public:
  explicit Daemon(std::vector<std::string> arguments);
  ~Daemon();
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;

  /// Waits for the log line that tells where it listens; the port, 0 when it has ended.
  [[nodiscard]] std::uint16_t port();
  /// The port of metrics and API, which the system chooses unless an argument sets
  /// `admin.listen_…`; 0 when it has ended, or listens on no port.
  [[nodiscard]] std::uint16_t admin_port();
  /// Waits for a text in its log (the standard error).
  [[nodiscard]] bool wait_for_log(std::string_view text);
  [[nodiscard]] std::string log() const;
  /// Its standard output so far.
  [[nodiscard]] std::string out() const;
  void signal(int number) const;
  [[nodiscard]] bool is_running() const;
  /// Waits for its end; the exit status as in ProgramResult. Killed after the deadline.
  int wait();
  [[nodiscard]] pid_t id() const { return pid_; }
  /// VmRSS and VmHWM: the memory it holds, and the most it has held, in bytes.
  [[nodiscard]] std::uint64_t memory() const;
  [[nodiscard]] std::uint64_t peak_memory() const;
  /// The time on a core that its threads have taken since its start.
  [[nodiscard]] double cpu_seconds() const;

 private:
  void read_on(int out, int err);
  [[nodiscard]] std::uint64_t status_bytes(std::string_view name) const;

  pid_t pid_ = -1;
  int status_ = -1;
  bool is_waited_for_ = false;
  std::thread reader_;
  mutable std::mutex mutex_;
  std::condition_variable more_;
  std::string out_;
  std::string log_;
  bool has_ended_ = false;
};

}  // namespace tiercel::support
