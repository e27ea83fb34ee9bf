#include "io_thread.h"

#include <chrono>
#include <exception>
#include <utility>

#include <boost/asio/post.hpp>
#include <pthread.h>

#include "tiercel/base/log.h"

namespace tiercel::http {

namespace {
constexpr std::chrono::milliseconds kTick{50};
constexpr std::size_t kLongestThreadName = 15;
}  // namespace

IoThread::IoThread() : work_(context_.get_executor()), timer_(context_) {}

IoThread::~IoThread() { join(); }

void IoThread::start(std::string name) {
  name.resize(std::min(name.size(), kLongestThreadName));
  thread_ = std::thread([this, name = std::move(name)] {
    pthread_setname_np(pthread_self(), name.c_str());
    try {
      context_.run();
    } catch (const std::exception& error) {
      base::log(base::LogLevel::kCritical,
                std::string("io thread ended by an exception: ") + error.what());
      std::terminate();
    }
  });
}

void IoThread::join() {
  work_.reset();
  context_.stop();
  if (thread_.joinable()) {
    thread_.join();
  }
}

void IoThread::let_go_all() {
  boost::asio::post(context_, [this] {
    for (const auto& [id, channel] : channels_) {
      channel->let_go();
    }
  });
}

void IoThread::cut_all() {
  boost::asio::post(context_, [this] {
    for (const auto& [id, channel] : channels_) {
      channel->cut();
    }
  });
}

void IoThread::cut(std::uint64_t id) {
  boost::asio::post(context_, [this, id] {
    if (const auto found = channels_.find(id); found != channels_.end()) {
      found->second->cut();
    }
  });
}

std::chrono::milliseconds IoThread::stalled_for() {
  using Time = std::chrono::steady_clock::time_point;
  const Time now = std::chrono::steady_clock::now();
  if (const Time asked = asked_.load(); asked != Time{}) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(now - asked);
  }
  asked_.store(now);
  boost::asio::post(context_, [this] { asked_.store(Time{}); });
  return std::chrono::milliseconds{0};
}

void IoThread::enrol(std::uint64_t id, Channel& channel) {
  channels_.emplace(id, &channel);
  if (!ticking_) {
    ticking_ = true;
    tick();
  }
}

void IoThread::dismiss(std::uint64_t id) { channels_.erase(id); }

void IoThread::tick() {
  timer_.expires_after(kTick);
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (error || channels_.empty()) {
      ticking_ = false;
      return;
    }
    const auto now = std::chrono::steady_clock::now();
    if (now - timer_.expiry() < kTick) {
      check_all(now);
      return;
    }
    // After a long handler the bytes that came meanwhile are read first: nobody is late because we
    // were. The first step may come before the sockets are looked at, the second comes after all
    // that was ready then.
    boost::asio::post(
        context_, [this, now] { boost::asio::post(context_, [this, now] { check_all(now); }); });
  });
}

void IoThread::check_all(std::chrono::steady_clock::time_point now) {
  for (const auto& [id, channel] : channels_) {
    channel->check(now);
  }
  tick();
}

}  // namespace tiercel::http
