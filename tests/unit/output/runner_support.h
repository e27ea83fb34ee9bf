#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tiercel/base/snapshot.h"
#include "tiercel/output/dead_letters.h"
#include "tiercel/output/runner.h"

#include "fake_feed.h"
#include "hand_clock.h"
#include "recording_output.h"
#include "temp_dir.h"

namespace tiercel::output {

/// One runner between a store in memory and a scripted peer, with a clock moved by hand.
class RunnerTest : public testing::Test {
 protected:
  using milliseconds = std::chrono::milliseconds;
  struct Event {
    std::string code;
    std::string message;
  };

  RunnerTest() {
    options_.format.json = true;
    options_.dead_letter_path = letters_path();
    options_.retry_min = milliseconds(1000);
    options_.retry_max = milliseconds(8000);
  }

  // Its thread uses what a derived test holds.
  void TearDown() override { runner_.reset(); }

  [[nodiscard]] std::string letters_path() const { return dir_.path("dead/siem.jsonl"); }

  std::unique_ptr<OutputRunner> make() {
    OutputRunner::Parts parts;
    parts.name = "siem";
    parts.kind = "http";
    parts.output = peer_.output();
    parts.feed = store_.feed();
    parts.stand_in_feed = store_.feed();
    parts.most_messages = most_messages_;
    return std::make_unique<OutputRunner>(
        std::move(parts), options_, routing_, *used_clock_, metrics_,
        [this](const std::string& code, const std::string& message) {
          const std::lock_guard lock(mutex_);
          events_.push_back({code, message});
        },
        [this](std::uint64_t alerts) { dropped_ += alerts; });
  }
  void start() {
    runner_ = make();
    ASSERT_TRUE(runner_->start());
  }

  // In real time; what is waited for needs no clock to move.
  static bool eventually(const std::function<bool()>& holds) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!holds()) {
      if (std::chrono::steady_clock::now() > end) {
        return false;
      }
      std::this_thread::sleep_for(milliseconds(1));
    }
    return true;
  }
  // The same while the clock runs a second each few milliseconds.
  bool eventually_with_time(const std::function<bool()>& holds, std::int64_t step = 1) {
    return eventually([&] {
      clock_.pass_seconds(step);
      return holds();
    });
  }

  [[nodiscard]] static std::vector<std::string> lines(std::uint64_t first, std::uint64_t last) {
    std::vector<std::string> all;
    for (std::uint64_t number = first; number <= last; ++number) {
      all.push_back(support::FakeStore::body(number));
    }
    return all;
  }
  [[nodiscard]] bool is_cursor_past(std::uint64_t number) const {
    return store_.cursor() >= support::FakeStore::position(number);
  }
  [[nodiscard]] std::vector<DeadLetter> letters() const {
    std::vector<DeadLetter> all;
    (void)read_dead_letters(letters_path(), [&all](const DeadLetter& letter) {
      all.push_back(letter);
      return true;
    });
    return all;
  }
  [[nodiscard]] std::vector<std::string> letter_bodies() const {
    std::vector<std::string> all;
    for (const DeadLetter& letter : letters()) {
      all.push_back(letter.alert);
    }
    return all;
  }
  [[nodiscard]] std::vector<std::string> codes() const {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> all;
    for (const Event& event : events_) {
      all.push_back(event.code);
    }
    return all;
  }
  [[nodiscard]] std::vector<Event> events() const {
    const std::lock_guard lock(mutex_);
    return events_;
  }

  const support::TempDir dir_;
  support::HandClock clock_;
  const base::Clock* used_clock_ = &clock_;
  base::Metrics metrics_;
  base::Snapshot<Routing> routing_{nullptr};
  support::FakeStore store_;
  support::Peer peer_;
  DeliveryOptions options_;
  std::size_t most_messages_ = 100;
  std::atomic<std::uint64_t> dropped_{0};
  std::unique_ptr<OutputRunner> runner_;

 private:
  mutable std::mutex mutex_;
  std::vector<Event> events_;
};

}  // namespace tiercel::output
