#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <unordered_map>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "channel.h"

namespace tiercel::http {

/// One thread, its event loop, and the channels that live on it. A tick looks at the
/// deadlines of all of them: one timer a thread instead of one an operation.
class IoThread {
 public:
  IoThread();
  ~IoThread();
  IoThread(const IoThread&) = delete;
  IoThread& operator=(const IoThread&) = delete;

  void start(std::string name);
  /// Ends the loop and waits for the thread. What still waits on it is destroyed with it.
  void join();

  [[nodiscard]] boost::asio::io_context& context() { return context_; }

  // Any thread:
  void let_go_all();
  void cut_all();
  void cut(std::uint64_t id);
  /// Since when the loop owes an answer to an earlier call; a call that finds none asks anew.
  [[nodiscard]] std::chrono::milliseconds stalled_for();

  // This thread only:
  void enrol(std::uint64_t id, Channel& channel);
  void dismiss(std::uint64_t id);

 private:
  void tick();
  /// Ends what is late, and ticks on.
  void check_all(std::chrono::steady_clock::time_point now);

  std::unordered_map<std::uint64_t, Channel*> channels_;
  bool ticking_ = false;
  /// After the map, so that coroutines that die with it can still dismiss themselves.
  boost::asio::io_context context_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  boost::asio::steady_timer timer_;
  /// When the loop was asked; the clock's zero: it has answered.
  std::atomic<std::chrono::steady_clock::time_point> asked_{};
  std::thread thread_;
};

}  // namespace tiercel::http
