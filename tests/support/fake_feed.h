#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tiercel/store/feed.h"

#include "hand_clock.h"

namespace tiercel::support {

/// An alert as a test wants it; the rest is filled in.
struct FakeAlert {
  std::string body;
  std::string rule = "R";
  std::uint8_t priority = 4;  ///< warning
  std::int64_t stored = HandClock::kStart;
};

/// A store in memory that makes its alerts when they are read, so that millions of them cost
/// nothing. They are numbered from 1; between their positions are gaps. Outlives its feeds.
///
/// Runs on: any thread.
class FakeStore {
 public:
  static constexpr store::Position kGap = 10;
  using Shape = std::function<void(std::uint64_t number, FakeAlert& alert)>;
  using OnAdvance = std::function<void(store::Position)>;

  static store::Position position(std::uint64_t number) { return number * kGap; }
  static std::array<std::uint8_t, 16> id(std::uint64_t number) {
    std::array<std::uint8_t, 16> id{};
    for (std::size_t at = 0; at < sizeof(number); ++at) {
      id[15 - at] = static_cast<std::uint8_t>(number >> (8 * at));
    }
    return id;
  }
  static std::string body(std::uint64_t number) {
    return R"({"number":)" + std::to_string(number) + "}\n";
  }

  /// What alerts look like; to be set before the first is read.
  void shape(Shape shape) { shape_ = std::move(shape); }
  void on_advance(OnAdvance on_advance) { on_advance_ = std::move(on_advance); }
  /// `count` more alerts are stored.
  void add(std::uint64_t count) {
    {
      const std::lock_guard lock(mutex_);
      last_ += count;
    }
    changed_.notify_all();
  }
  void set_must_pass(std::optional<store::Position> until) {
    const std::lock_guard lock(mutex_);
    must_pass_ = until;
  }
  /// must_pass() was not followed in time. False: nobody is to be told.
  bool tell_overdue() {
    const std::lock_guard lock(overdue_mutex_);
    if (overdue_) {
      overdue_();
    }
    return static_cast<bool>(overdue_);
  }
  /// The next `count` reads fail.
  void fail_reads(int count) {
    const std::lock_guard lock(mutex_);
    failing_reads_ = count;
  }
  [[nodiscard]] store::Position cursor() const {
    const std::lock_guard lock(mutex_);
    return cursor_;
  }
  /// Each cursor that was told, in order.
  [[nodiscard]] std::vector<store::Position> advances() const {
    const std::lock_guard lock(mutex_);
    return advances_;
  }
  /// How often a feed gave back what it held open.
  [[nodiscard]] int rests() const { return rests_; }
  /// The highest number that was read, and how many pages they were read into.
  [[nodiscard]] std::uint64_t highest_read() const {
    const std::lock_guard lock(mutex_);
    return highest_read_;
  }
  [[nodiscard]] std::size_t pages() const {
    const std::lock_guard lock(mutex_);
    return pages_.size();
  }
  [[nodiscard]] std::size_t largest_page_bytes() const {
    const std::lock_guard lock(mutex_);
    return largest_page_;
  }
  [[nodiscard]] std::unique_ptr<store::Feed> feed() { return std::make_unique<FakeFeed>(*this); }

 private:
  class FakeFeed final : public store::Feed {
   public:
    explicit FakeFeed(FakeStore& store) : store_(store) {}
    base::Result<void> read(store::Position after, const store::PageLimits& limits,
                            store::Page& page) override {
      return store_.read(after, limits, page);
    }
    void rest() override { ++store_.rests_; }
    void wait(store::Position after, std::chrono::milliseconds timeout) override {
      store_.wait(after, timeout);
    }
    void wake() override { store_.wake(); }
    void advance(store::Position delivered) override { store_.advance(delivered); }
    [[nodiscard]] store::Position cursor() const override { return store_.cursor(); }
    [[nodiscard]] std::optional<store::Position> must_pass() const override {
      const std::lock_guard lock(store_.mutex_);
      return store_.must_pass_;
    }
    void on_overdue(std::function<void()> tell) override {
      const std::lock_guard lock(store_.overdue_mutex_);
      store_.overdue_ = std::move(tell);
    }
    [[nodiscard]] store::Lag lag() const override {
      const std::lock_guard lock(store_.mutex_);
      const std::uint64_t waiting = store_.last_ - std::min(store_.last_, store_.cursor_ / kGap);
      return {waiting, waiting == 0 ? 0 : HandClock::kStart};
    }

   private:
    FakeStore& store_;
  };

  base::Result<void> read(store::Position after, const store::PageLimits& limits,
                          store::Page& page) {
    const std::lock_guard lock(mutex_);
    page.alerts.clear();
    page.bytes.clear();
    page.more = false;
    pages_.insert(&page);
    if (failing_reads_ > 0) {
      --failing_reads_;
      return base::Error{"store_read", "the disk is on fire", "fake"};
    }
    std::vector<std::array<std::size_t, 3>> pieces;
    for (std::uint64_t number = after / kGap + 1; number <= last_; ++number) {
      FakeAlert alert;
      if (shape_) {
        shape_(number, alert);
      }
      if (alert.body.empty()) {
        alert.body = body(number);
      }
      if (!pieces.empty() && (pieces.size() >= limits.alerts ||
                              page.bytes.size() + alert.body.size() > limits.bytes)) {
        page.more = true;
        break;
      }
      pieces.push_back({page.bytes.size(), alert.rule.size(), alert.body.size()});
      page.bytes += alert.rule;
      page.bytes += alert.body;
      store::StoredAlert& stored = page.alerts.emplace_back();
      stored.position = position(number);
      stored.id = id(number);
      stored.stored = alert.stored;
      stored.time = alert.stored;
      stored.priority = alert.priority;
      highest_read_ = std::max(highest_read_, number);
    }
    for (std::size_t at = 0; at < pieces.size(); ++at) {
      const std::string_view bytes = page.bytes;
      page.alerts[at].rule = bytes.substr(pieces[at][0], pieces[at][1]);
      page.alerts[at].body = bytes.substr(pieces[at][0] + pieces[at][1], pieces[at][2]);
    }
    // Gaps behind the last alert have been read too.
    page.end = page.more ? page.alerts.back().position : position(last_) + kGap - 1;
    largest_page_ = std::max(largest_page_, page.bytes.size());
    return {};
  }

  void wait(store::Position after, std::chrono::milliseconds timeout) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, timeout, [&] { return is_awake_ || position(last_) > after; });
    is_awake_ = false;
  }

  void wake() {
    {
      const std::lock_guard lock(mutex_);
      is_awake_ = true;
    }
    changed_.notify_all();
  }

  void advance(store::Position delivered) {
    {
      const std::lock_guard lock(mutex_);
      cursor_ = std::max(cursor_, delivered);
      // A test that goes through millions looks at the last ones only.
      if (advances_.size() < 100'000) {
        advances_.push_back(delivered);
      }
    }
    if (on_advance_) {
      on_advance_(delivered);
    }
  }

  Shape shape_;
  OnAdvance on_advance_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::uint64_t last_ = 0;
  store::Position cursor_ = 0;
  std::vector<store::Position> advances_;
  std::optional<store::Position> must_pass_;
  std::mutex overdue_mutex_;
  std::function<void()> overdue_;
  int failing_reads_ = 0;
  std::atomic<int> rests_{0};
  bool is_awake_ = false;
  std::uint64_t highest_read_ = 0;
  std::size_t largest_page_ = 0;
  std::set<const store::Page*> pages_;
};

}  // namespace tiercel::support
