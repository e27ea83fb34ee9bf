#include "worker.h"

#include <cstdlib>
#include <exception>
#include <string>
#include <utility>

#include <sys/eventfd.h>
#include <unistd.h>

#include "tiercel/base/log.h"

namespace tiercel::source {

Worker::Worker() : stop_file_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

Worker::~Worker() {
  (void)stop(std::chrono::milliseconds(0));
  if (thread_.joinable()) {
    thread_.join();
  }
  if (stop_file_ >= 0) {
    ::close(stop_file_);
  }
}

base::Result<void> Worker::start(std::function<void()> body) {
  if (stop_file_ < 0) {
    return base::Error{"source_failed",
                       "no descriptor to stop a source by: too many files are open", ""};
  }
  {
    const base::MutexLock lock(mutex_);
    is_running_ = true;
  }
  thread_ = std::thread([this, run = std::move(body)] {
    try {
      run();
    } catch (const std::exception& failure) {
      base::log_error(std::string("a source ended unexpectedly: ") + failure.what());
      std::abort();
    }
    const base::MutexLock lock(mutex_);
    is_running_ = false;
    changed_.notify_all();
  });
  return {};
}

void Worker::ask_to_stop() {
  {
    const base::MutexLock lock(mutex_);
    stopping_ = true;
    changed_.notify_all();
  }
  constexpr std::uint64_t kOne = 1;
  // Without a descriptor there is no thread.
  (void)!::write(stop_file_, &kOne, sizeof kOne);
}

bool Worker::stop(std::chrono::milliseconds deadline) {
  const auto until = std::chrono::steady_clock::now() + deadline;
  ask_to_stop();
  const base::MutexLock lock(mutex_);
  while (is_running_ && changed_.wait_until(mutex_, until) != std::cv_status::timeout) {
  }
  given_up_ = true;
  changed_.notify_all();
  return !is_running_;
}

void Worker::rest(std::chrono::milliseconds time) const {
  const auto until = std::chrono::steady_clock::now() + time;
  const base::MutexLock lock(mutex_);
  while (!stopping_ && changed_.wait_until(mutex_, until) != std::cv_status::timeout) {
  }
}

void Worker::pause(std::chrono::milliseconds time) const {
  const auto until = std::chrono::steady_clock::now() + time;
  const base::MutexLock lock(mutex_);
  const bool was_stopping = stopping_;
  while (!given_up_ && stopping_ == was_stopping &&
         changed_.wait_until(mutex_, until) != std::cv_status::timeout) {
  }
}

}  // namespace tiercel::source
