#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "tiercel/base/snapshot.h"
#include "tiercel/output/dead_letters.h"
#include "tiercel/output/runner.h"

#include "fake_feed.h"
#include "hand_clock.h"
#include "recorded_alerts.h"
#include "temp_dir.h"

namespace tiercel::output {

/// One output with its runner behind a store of `count` alerts, whose messages are marked
/// "mark00001." and so on, with so many bytes behind it.
class RunnerRig {
 public:
  RunnerRig(const std::string& kind, std::unique_ptr<Output> output, std::uint64_t count,
            const base::Clock& clock, std::size_t padding = 0)
      : count_(count) {
    store_.shape([padding](std::uint64_t number, support::FakeAlert& alert) {
      support::AlertText text;
      text.message = mark(number) + std::string(padding, 'x');
      alert.body = support::alert_body(text);
      alert.rule = "A rule";
    });
    store_.add(count);
    DeliveryOptions options;
    options.format.json = true;
    options.dead_letter_path = dir_.path("dead.jsonl");
    options.max_age = std::chrono::milliseconds(0);
    options.slow = std::chrono::hours(24);  // the clock of a test runs fast
    OutputRunner::Parts parts;
    parts.name = kind;
    parts.kind = kind;
    parts.output = std::move(output);
    parts.feed = store_.feed();
    parts.most_messages = 5;
    runner_ = std::make_unique<OutputRunner>(
        std::move(parts), options, routing_, clock, metrics_, [](const auto&, const auto&) {},
        [this](std::uint64_t alerts) { dropped_ += alerts; });
  }

  static std::string mark(std::uint64_t number) {
    const std::string digits = std::to_string(100'000 + number);
    return "mark" + digits.substr(1) + ".";
  }

  [[nodiscard]] base::Result<void> start() { return runner_->start(); }
  OutputRunner& runner() { return *runner_; }
  [[nodiscard]] std::uint64_t count() const { return count_; }
  [[nodiscard]] bool is_done() const {
    return store_.cursor() >= support::FakeStore::position(count_);
  }
  [[nodiscard]] std::uint64_t failures() const { return runner_->status().failures; }
  /// Alerts that were given up.
  [[nodiscard]] std::uint64_t lost() const {
    std::uint64_t letters = 0;
    (void)read_dead_letters(dir_.path("dead.jsonl"), [&letters](const DeadLetter&) {
      ++letters;
      return true;
    });
    return letters + dropped_ + runner_->status().dead_lettered;
  }

 private:
  const std::uint64_t count_;
  const support::TempDir dir_;
  base::Metrics metrics_;
  base::Snapshot<Routing> routing_{nullptr};
  support::FakeStore store_;
  std::atomic<std::uint64_t> dropped_{0};
  std::unique_ptr<OutputRunner> runner_;
};

/// Until it holds, in real time, while the clock runs a second each millisecond.
inline bool eventually_with_time(support::HandClock& clock, const std::function<bool()>& holds) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (!holds()) {
    if (std::chrono::steady_clock::now() > end) {
      return false;
    }
    clock.pass_seconds(1);
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

}  // namespace tiercel::output
