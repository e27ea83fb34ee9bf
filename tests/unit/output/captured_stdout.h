#pragma once

#include <string>

#include <fcntl.h>
#include <unistd.h>

namespace tiercel::output {

/// Standard output goes into a file while this lives.
class CapturedStdout {
 public:
  explicit CapturedStdout(const std::string& path) : before_(::dup(STDOUT_FILENO)) {
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    ::dup2(file, STDOUT_FILENO);
    ::close(file);
  }
  ~CapturedStdout() {
    ::dup2(before_, STDOUT_FILENO);
    ::close(before_);
  }
  CapturedStdout(const CapturedStdout&) = delete;
  CapturedStdout& operator=(const CapturedStdout&) = delete;

 private:
  int before_;
};

}  // namespace tiercel::output
