#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include <sys/types.h>

#include "tiercel/base/error.h"

#include "descriptor.h"

namespace tiercel::output {

/// A command run by `sh -c`, in a process group of its own, with a pipe to its standard
/// input; its standard output and error are ours.
///
/// Runs on: one thread. A wait ends early once `interrupt` becomes readable.
class ChildProcess {
 public:
  explicit ChildProcess(int interrupt) : interrupt_(interrupt) {}
  /// Kills what still runs.
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  [[nodiscard]] base::Result<void> start(const std::string& command);
  [[nodiscard]] bool is_running() const { return pid_ > 0; }

  /// How a write or a wait ended.
  enum class Outcome : std::uint8_t { kDone, kClosed, kTimeout, kInterrupted, kFailed };
  /// Writes to its standard input; kClosed where it reads no more.
  [[nodiscard]] Outcome write(std::string_view text, std::chrono::milliseconds timeout);
  /// Until it has read all of its input; kClosed where it reads no more.
  [[nodiscard]] Outcome wait_read(std::chrono::milliseconds timeout);
  /// The end of its input.
  void close_input() { input_ = Descriptor(); }
  /// Until it has ended; `status` as of waitpid().
  [[nodiscard]] Outcome wait(std::chrono::milliseconds timeout, int& status);
  /// Its status where it has ended by itself.
  [[nodiscard]] std::optional<int> poll_status();
  /// Ends its input and lets it end by itself; kills it, and all it has started, where it has not
  /// in time.
  void finish(std::chrono::milliseconds timeout);
  /// Ends it and all it has started, at once.
  void kill();

 private:
  int interrupt_;
  pid_t pid_ = -1;
  Descriptor process_;  // a pidfd
  Descriptor input_;
};

/// "exit status 3", "signal 9".
[[nodiscard]] std::string status_text(int status);

}  // namespace tiercel::output
