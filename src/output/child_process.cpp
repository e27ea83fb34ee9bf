#include "child_process.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <spawn.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace tiercel::output {

namespace {

using Clock = std::chrono::steady_clock;

int left_until(Clock::time_point deadline) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
  return left.count() > 0 ? static_cast<int>(left.count()) + 1 : 0;
}

// Holds back the signal that a write to a closed pipe sends, in this thread, while it lives.
class WithoutPipeSignal {
 public:
  WithoutPipeSignal() {
    ::sigemptyset(&pipe_);
    ::sigaddset(&pipe_, SIGPIPE);
    ::pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  ~WithoutPipeSignal() {
    const timespec at_once{};
    if (::sigismember(&before_, SIGPIPE) == 0) {
      (void)::sigtimedwait(&pipe_, nullptr, &at_once);
    }
    ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  WithoutPipeSignal(const WithoutPipeSignal&) = delete;
  WithoutPipeSignal& operator=(const WithoutPipeSignal&) = delete;

 private:
  sigset_t pipe_{};
  sigset_t before_{};
};

// Without the command: it may hold a secret, and errors go to logs and peers.
base::Error spawn_error(int number) {
  return {"program_failed", "cannot start the program: " + std::string(std::strerror(number)), {}};
}

// Our signal mask and ignored signals must not be the program's.
void set_attributes(posix_spawnattr_t& attributes) {
  sigset_t none;
  sigset_t all;
  ::sigemptyset(&none);
  ::sigfillset(&all);
  ::posix_spawnattr_setsigmask(&attributes, &none);
  ::posix_spawnattr_setsigdefault(&attributes, &all);
  ::posix_spawnattr_setpgroup(&attributes, 0);
  ::posix_spawnattr_setflags(
      &attributes,
      static_cast<short>(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP));
}

}  // namespace

ChildProcess::~ChildProcess() { kill(); }

base::Result<void> ChildProcess::start(const std::string& command) {
  kill();
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    return spawn_error(errno);
  }
  const Descriptor theirs(ends[0]);
  input_ = Descriptor(ends[1]);
  ::fcntl(input_.number(), F_SETFL, O_NONBLOCK);

  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawnattr_init(&attributes);
  ::posix_spawn_file_actions_adddup2(&actions, theirs.number(), STDIN_FILENO);
  set_attributes(attributes);
  std::string shell = "sh";
  std::string flag = "-c";
  std::string text = command;
  std::array<char*, 4> words{shell.data(), flag.data(), text.data(), nullptr};
  const int error = ::posix_spawn(&pid_, "/bin/sh", &actions, &attributes, words.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  ::posix_spawnattr_destroy(&attributes);
  if (error != 0) {
    pid_ = -1;
    input_ = Descriptor();
    return spawn_error(error);
  }
  // By number: glibc 2.36 declares pidfd_open() without C linkage.
  process_ = Descriptor(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
  return {};
}

ChildProcess::Outcome ChildProcess::write(std::string_view text,
                                          std::chrono::milliseconds timeout) {
  const WithoutPipeSignal guard;
  const auto deadline = Clock::now() + timeout;
  while (!text.empty()) {
    const ssize_t written = ::write(input_.number(), text.data(), text.size());
    if (written > 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
      continue;
    }
    if (written < 0 && errno == EPIPE) {
      return Outcome::kClosed;
    }
    if (written < 0 && errno != EAGAIN && errno != EINTR) {
      return Outcome::kFailed;
    }
    std::array<pollfd, 2> wait{{{input_.number(), POLLOUT, 0}, {interrupt_, POLLIN, 0}}};
    const int ready = ::poll(wait.data(), wait.size(), left_until(deadline));
    if (wait[1].revents != 0) {
      return Outcome::kInterrupted;
    }
    if (ready == 0) {
      return Outcome::kTimeout;
    }
  }
  return Outcome::kDone;
}

ChildProcess::Outcome ChildProcess::wait_read(std::chrono::milliseconds timeout) {
  // A program that waits for input reads within microseconds; nothing tells that it has.
  constexpr int kQuickLooks = 20;
  const auto deadline = Clock::now() + timeout;
  int unread = 0;
  for (int look = 0; ::ioctl(input_.number(), FIONREAD, &unread) == 0 && unread > 0; ++look) {
    std::array<pollfd, 2> wait{{{input_.number(), 0, 0}, {interrupt_, POLLIN, 0}}};
    (void)::poll(wait.data(), wait.size(), look < kQuickLooks ? 0 : 1);
    if ((wait[0].revents & POLLERR) != 0) {
      // Nobody reads any more: the last one to do so may have read all of it first.
      const bool is_read = ::ioctl(input_.number(), FIONREAD, &unread) == 0 && unread == 0;
      return is_read ? Outcome::kDone : Outcome::kClosed;
    }
    if (wait[1].revents != 0) {
      return Outcome::kInterrupted;
    }
    if (Clock::now() > deadline) {
      return Outcome::kTimeout;
    }
    if (look < kQuickLooks) {
      (void)::sched_yield();
    }
  }
  return Outcome::kDone;
}

ChildProcess::Outcome ChildProcess::wait(std::chrono::milliseconds timeout, int& status) {
  const auto deadline = Clock::now() + timeout;
  while (true) {
    if (const auto ended = poll_status()) {
      status = *ended;
      return Outcome::kDone;
    }
    std::array<pollfd, 2> wait{{{process_.number(), POLLIN, 0}, {interrupt_, POLLIN, 0}}};
    const int ready = ::poll(wait.data(), wait.size(), left_until(deadline));
    if (wait[1].revents != 0) {
      return Outcome::kInterrupted;
    }
    if (ready == 0) {
      return Outcome::kTimeout;
    }
  }
}

std::optional<int> ChildProcess::poll_status() {
  int status = 0;
  if (pid_ <= 0 || ::waitpid(pid_, &status, WNOHANG) != pid_) {
    return std::nullopt;
  }
  pid_ = -1;
  process_ = Descriptor();
  input_ = Descriptor();
  return status;
}

void ChildProcess::finish(std::chrono::milliseconds timeout) {
  close_input();
  int status = 0;
  if (is_running()) {
    (void)wait(timeout, status);
  }
  kill();
}

void ChildProcess::kill() {
  input_ = Descriptor();
  if (pid_ <= 0) {
    return;
  }
  (void)::kill(-pid_, SIGKILL);
  (void)::kill(pid_, SIGKILL);
  (void)::waitpid(pid_, nullptr, 0);
  pid_ = -1;
  process_ = Descriptor();
}

std::string status_text(int status) {
  if (WIFEXITED(status)) {
    return "exit status " + std::to_string(WEXITSTATUS(status));
  }
  return "signal " + std::to_string(WTERMSIG(status));
}

}  // namespace tiercel::output
