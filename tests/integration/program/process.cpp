#include "process.h"

#include <cerrno>
#include <csignal>
#include <thread>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "read_file.h"
#include "temp_dir.h"

namespace tiercel::integration {

namespace {

// Only calls that are safe between fork and exec.
void become(const std::vector<char*>& arguments, const ProcessFiles& files, const char* folder) {
  const int in = ::open(files.in.c_str(), O_RDONLY);
  const int out = ::open(files.out.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  const int err = ::open(files.err.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  ::dup2(in, STDIN_FILENO);
  ::dup2(out, STDOUT_FILENO);
  ::dup2(err, STDERR_FILENO);
  if (*folder == '\0' || ::chdir(folder) == 0) {
    ::execv(arguments[0], arguments.data());
  }
  ::_exit(127);
}

}  // namespace

Process::Process(const std::vector<std::string>& arguments, const ProcessFiles& files,
                 const std::string& folder) {
  std::vector<char*> pointers;
  for (const std::string& argument : arguments) {
    pointers.push_back(const_cast<char*>(argument.c_str()));
  }
  pointers.push_back(nullptr);
  id_ = ::fork();
  if (id_ == 0) {
    become(pointers, files, folder.c_str());
  }
}

Process::~Process() {
  if (is_running()) {
    signal(SIGKILL);
    (void)reap(true);
  }
}

void Process::signal(int number) const {
  if (id_ > 0 && !has_ended_) {
    ::kill(id_, number);
  }
}

bool Process::is_running() { return id_ > 0 && !reap(false); }

bool Process::reap(bool block) {
  while (!has_ended_) {
    int status = 0;
    const pid_t got = ::waitpid(id_, &status, block ? 0 : WNOHANG);
    if (got == 0) {
      return false;
    }
    if (got < 0 && errno == EINTR) {
      continue;
    }
    has_ended_ = true;
    if (got == id_) {
      status_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }
  }
  return true;
}

int Process::wait(std::chrono::milliseconds timeout) {
  return wait_until([this] { return !is_running(); }, timeout) ? status_ : -1;
}

Finished run_process(const std::vector<std::string>& arguments, const std::string& input,
                     const std::string& folder) {
  const support::TempDir dir;
  const ProcessFiles files{dir.write("in", input), dir.path("out"), dir.path("err")};
  Process process(arguments, files, folder);
  const int status = process.wait();
  return {status, support::read_file(files.out), support::read_file(files.err)};
}

void pause_briefly() { std::this_thread::sleep_for(std::chrono::milliseconds{3}); }

}  // namespace tiercel::integration
