#include "daemon.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iterator>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "temp_dir.h"

namespace tiercel::support {

namespace {

constexpr std::string_view kListening = "listening for audit batches on ";
constexpr std::string_view kAdmin = "metrics and API on http";

// Daemons of several tests run at once, so the default port is for none of them, nor for one that
// another program starts.
void choose_admin_port(std::vector<std::string>& arguments) {
  const bool is_daemon = std::find(arguments.begin(), arguments.end(), "run") != arguments.end();
  const bool is_set =
      std::any_of(arguments.begin(), arguments.end(), [](const std::string& argument) {
        return argument.starts_with("admin.listen_") || argument.starts_with("admin.enabled") ||
               argument.starts_with("admin={");
      });
  if (is_daemon && !is_set) {
    arguments.insert(arguments.end(), {"-o", "admin.listen_port=0"});
  }
}

// Between fork and exec only calls that a process of many threads may make there.
pid_t start(std::vector<std::string> arguments, int in, int out, int err) {
  choose_admin_port(arguments);
  std::vector<char*> words;
  // A first word that is a path names another program: a peer of an output.
  if (arguments.empty() || !arguments.front().starts_with('/')) {
    words.push_back(const_cast<char*>(TIERCEL_BINARY));
  }
  for (const std::string& argument : arguments) {
    words.push_back(const_cast<char*>(argument.c_str()));
  }
  words.push_back(nullptr);
  const pid_t pid = ::fork();
  if (pid != 0) {
    return pid;
  }
  // A test that is killed takes the daemon with it.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::dup2(in, STDIN_FILENO);
  ::dup2(out, STDOUT_FILENO);
  ::dup2(err, STDERR_FILENO);
  ::execv(words[0], words.data());
  ::_exit(127);
}

int status_of(pid_t pid) {
  int raw = 0;
  while (::waitpid(pid, &raw, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(raw) ? WEXITSTATUS(raw) : 128 + WTERMSIG(raw);
}

std::string content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

bool wait_until(const std::function<bool()>& condition) {
  const auto until = std::chrono::steady_clock::now() + kDeadline;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > until) {
      return false;
    }
    (void)::poll(nullptr, 0, 2);
  }
  return true;
}

ProgramResult run_program(const std::vector<std::string>& arguments, std::string_view input) {
  const TempDir folder;
  const std::string in_path = folder.write("in", input);
  const std::string out_path = folder.path("out");
  const std::string err_path = folder.path("err");
  const int in = ::open(in_path.c_str(), O_RDONLY | O_CLOEXEC);
  const int out = ::open(out_path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  const int err = ::open(err_path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  const pid_t pid = start(arguments, in, out, err);
  for (const int descriptor : {in, out, err}) {
    ::close(descriptor);
  }
  ProgramResult result;
  result.status = status_of(pid);
  result.out = content_of(out_path);
  result.err = content_of(err_path);
  return result;
}

Daemon::Daemon(std::vector<std::string> arguments) {
  std::array<int, 2> out{};
  std::array<int, 2> err{};
  if (::pipe2(out.data(), O_CLOEXEC) != 0 || ::pipe2(err.data(), O_CLOEXEC) != 0) {
    std::abort();
  }
  const int nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (arguments.empty() || !arguments.front().starts_with('/')) {
    arguments.insert(arguments.begin(), "run");
  }
  pid_ = start(std::move(arguments), nothing, out[1], err[1]);
  for (const int descriptor : {nothing, out[1], err[1]}) {
    ::close(descriptor);
  }
  reader_ =
      std::thread([this, from_out = out[0], from_err = err[0]] { read_on(from_out, from_err); });
}

Daemon::~Daemon() {
  if (!is_waited_for_) {
    ::kill(pid_, SIGKILL);
    wait();
  }
}

// Until both ends are closed, which is when the program has ended.
void Daemon::read_on(int out, int err) {
  std::array<pollfd, 2> both{{{out, POLLIN, 0}, {err, POLLIN, 0}}};
  std::array<char, 65536> room{};
  while (both[0].fd >= 0 || both[1].fd >= 0) {
    if (::poll(both.data(), both.size(), -1) < 0) {
      continue;
    }
    for (pollfd& one : both) {
      if (one.fd < 0 || one.revents == 0) {
        continue;
      }
      const ssize_t got = ::read(one.fd, room.data(), room.size());
      const std::lock_guard lock(mutex_);
      if (got > 0) {
        (&one == both.data() ? out_ : log_).append(room.data(), static_cast<std::size_t>(got));
      } else {
        ::close(one.fd);
        one.fd = -1;
      }
      more_.notify_all();
    }
  }
  const std::lock_guard lock(mutex_);
  has_ended_ = true;
  more_.notify_all();
}

bool Daemon::wait_for_log(std::string_view text) {
  std::unique_lock lock(mutex_);
  const auto is_there = [&] { return log_.find(text) != std::string::npos; };
  more_.wait_for(lock, kDeadline, [&] { return has_ended_ || is_there(); });
  return is_there();
}

std::uint16_t Daemon::port() {
  // The health checks come after the audit batches.
  if (!wait_for_log("health checks on http")) {
    return 0;
  }
  const std::lock_guard lock(mutex_);
  const std::size_t from = log_.find(kListening);
  const std::size_t path = log_.find("/k8s", from);
  if (from == std::string::npos || path == std::string::npos) {
    return 0;
  }
  const std::size_t colon = log_.rfind(':', path);
  return static_cast<std::uint16_t>(std::strtoul(log_.c_str() + colon + 1, nullptr, 10));
}

std::uint16_t Daemon::admin_port() {
  // Its line comes before that of the health checks.
  if (!wait_for_log(kAdmin)) {
    return 0;
  }
  const std::lock_guard lock(mutex_);
  const std::size_t from = log_.find(kAdmin);
  const std::size_t colon = log_.rfind(':', log_.find('\n', from));
  return static_cast<std::uint16_t>(std::strtoul(log_.c_str() + colon + 1, nullptr, 10));
}

std::string Daemon::log() const {
  const std::lock_guard lock(mutex_);
  return log_;
}

std::string Daemon::out() const {
  const std::lock_guard lock(mutex_);
  return out_;
}

bool Daemon::is_running() const {
  const std::lock_guard lock(mutex_);
  return !has_ended_ && !is_waited_for_;
}

void Daemon::signal(int number) const { ::kill(pid_, number); }

int Daemon::wait() {
  if (is_waited_for_) {
    return status_;
  }
  {
    std::unique_lock lock(mutex_);
    if (!more_.wait_for(lock, kDeadline, [this] { return has_ended_; })) {
      ::kill(pid_, SIGKILL);
    }
  }
  reader_.join();
  status_ = status_of(pid_);
  is_waited_for_ = true;
  return status_;
}

double Daemon::cpu_seconds() const {
  clockid_t clock{};
  timespec time{};
  if (::clock_getcpuclockid(pid_, &clock) != 0 || ::clock_gettime(clock, &time) != 0) {
    return 0;
  }
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

std::uint64_t Daemon::status_bytes(std::string_view name) const {
  std::ifstream file("/proc/" + std::to_string(pid_) + "/status");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with(name)) {
      return std::strtoull(line.c_str() + name.size(), nullptr, 10) * 1024;
    }
  }
  return 0;
}

std::uint64_t Daemon::memory() const { return status_bytes("VmRSS:"); }
std::uint64_t Daemon::peak_memory() const { return status_bytes("VmHWM:"); }

}  // namespace tiercel::support
