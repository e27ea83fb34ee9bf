#include <atomic>

#include <sqlite3.h>

#include "store_fixture.h"

namespace tiercel::store {
namespace {

/// Segments of 64 KiB, 512 KiB in all.
class RetentionTest : public StoreTest {
 protected:
  RetentionTest() {
    options_.segment_size = 64 << 10U;
    options_.max_size = 512 << 10U;
  }
  /// 100 alerts of 1 KB: a little over one segment.
  void fill(std::uint64_t from) { put(from, from + 50, 1000), put(from + 50, from + 100, 1000); }
  void deliver_all(const std::string& output) {
    auto feed = store_->feed(output);
    Position after = feed->cursor();
    static_cast<void>(read_numbers(*feed, after));
    feed->advance(after);
  }
};

TEST_F(RetentionTest, WhatAllHavePassedIsRemovedWhenTheStoreIsTooLarge) {
  open({"a", "b"});
  for (std::uint64_t i = 0; i < 30; ++i) {
    fill(i * 100);
    deliver_all("a");
    deliver_all("b");
  }
  EXPECT_TRUE(eventually([&] { return store_->status().bytes <= options_.max_size; }));
  EXPECT_GT(metrics_.value(base::Metric::kStoreDeletedSegments), 10U);
  EXPECT_EQ(metrics_.value(base::Metric::kDropsStoreFull), 0U);
  // The newest are there.
  EXPECT_GE(store_->status().alerts, 100U);
  EXPECT_EQ(events_.codes(), "");
  EXPECT_EQ(segments().front().substr(0, 16), files("alerts-").front().substr(0, 16));
}

TEST_F(RetentionTest, AnOutputThatLagsIsAskedToPassTheOldestAndThenNothingIsLost) {
  open({"fast", "slow"});
  auto slow = store_->feed("slow");
  auto fast = store_->feed("fast");
  std::uint64_t asked = 0;
  for (std::uint64_t next = 0; next < 2000; next += 10) {
    EXPECT_TRUE(eventually([&] {
      if (const auto must = slow->must_pass()) {
        EXPECT_EQ(*must, std::max(*must, slow->cursor()));
        slow->advance(*must);  // To the dead letters.
        EXPECT_NE(slow->must_pass(), must);
        ++asked;
      }
      return append(*store_, make_batch(next, next + 10, 1000)) == AppendResult::kStored;
    }));
    deliver_all("fast");
    EXPECT_FALSE(fast->must_pass());
  }
  EXPECT_GE(asked, 10U);
  EXPECT_GE(metrics_.value(base::Metric::kStoreDeletedSegments), 10U);
  EXPECT_EQ(metrics_.value(base::Metric::kDropsStoreFull), 0U);
  EXPECT_EQ(events_.count("store_dropped"), 0U);
}

TEST_F(RetentionTest, BeingAskedEndsAWait) {
  open({"slow"});
  auto slow = store_->feed("slow");
  std::atomic<bool> waited{false};
  std::thread waiter([&] {
    while (!slow->must_pass()) {
      slow->wait(~Position{0} - 1, std::chrono::seconds(30));
    }
    waited = true;
  });
  for (std::uint64_t next = 0; !waited && next < 3000; next += 10) {
    static_cast<void>(append(*store_, make_batch(next, next + 10, 1000)));
  }
  EXPECT_TRUE(eventually([&] { return waited.load(); }));
  slow->wake();
  waiter.join();
}

TEST_F(RetentionTest, WhatIsNotPassedInTimeIsDroppedCountedAndToldOf) {
  open({"fast", "stuck"});
  auto stuck = store_->feed("stuck");
  std::uint64_t next = 0;
  EXPECT_TRUE(eventually([&] {
    if (append(*store_, make_batch(next, next + 10, 1000)) == AppendResult::kStored) {
      next += 10;
      deliver_all("fast");
    } else if (stuck->must_pass()) {
      clock_.pass_seconds(31);  // Twice that is more than the output has.
    }
    return events_.count("store_dropped") != 0;
  }));
  const StoreEvent event = events_.wait("store_dropped");
  ASSERT_EQ(event.fields.size(), 2U);
  EXPECT_EQ(event.fields[0].second, "stuck");
  const std::uint64_t dropped = std::stoull(event.fields[1].second);
  EXPECT_GT(dropped, 0U);
  EXPECT_TRUE(eventually([&] { return segments().front() != "alerts-0000000001.db"; }));
  EXPECT_GE(metrics_.value(base::Metric::kDropsStoreFull), dropped);
  EXPECT_NE(store_->status().last_dropped, 0);
  EXPECT_EQ(stuck->lag().alerts + metrics_.value(base::Metric::kDropsStoreFull), next);
  // The rest is delivered.
  const auto rest = read_numbers(*stuck);
  EXPECT_EQ(rest, numbers(next - rest.size(), next));
}

TEST_F(RetentionTest, AtItsSizeTheStoreRefusesUntilAnOutputGivesWay) {
  open({"stuck"});
  std::uint64_t next = 0;
  AppendResult result = AppendResult::kStored;
  while (result == AppendResult::kStored && next < 3000) {
    result = append(*store_, make_batch(next, next + 10, 1000));
    next += 10;
  }
  EXPECT_EQ(result, AppendResult::kFull);
  const StoreEvent full = events_.wait("store_full");
  EXPECT_NE(full.message.find("wait for output 'stuck'"), std::string::npos) << full.message;
  EXPECT_TRUE(store_->status().is_full);
  EXPECT_LE(store_->status().bytes, options_.max_size);
  // Positions need no room.
  RecordBatch positions;
  positions.positions = {{"s", "k", "v"}};
  EXPECT_EQ(append(*store_, std::move(positions)), AppendResult::kStored);
  deliver_all("stuck");
  EXPECT_TRUE(eventually(
      [&] { return append(*store_, make_batch(next, next + 1)) == AppendResult::kStored; }));
  // Not yet: under pressure it takes one batch and refuses the next.
  EXPECT_EQ(events_.count("store_has_room"), 0U);
  clock_.pass_seconds(10);
  EXPECT_EQ(events_.wait("store_has_room").code, "store_has_room");
  EXPECT_FALSE(store_->status().is_full);
  EXPECT_EQ(events_.count("store_full"), 1U);
}

TEST_F(RetentionTest, OldSegmentsAreRemovedWhenAllHavePassedThem) {
  options_.max_size = 1U << 30U;
  open({"a"});
  fill(0);
  deliver_all("a");
  clock_.pass_seconds(6 * 24 * 3600);
  put(100, 110);
  EXPECT_EQ(segments().front(), "alerts-0000000001.db");
  clock_.pass_seconds(24 * 3600 + 60);
  EXPECT_TRUE(eventually([&] { return segments().front() != "alerts-0000000001.db"; }));
  EXPECT_EQ(read_numbers(*store_->feed("a")), numbers(100, 110));
}

TEST_F(RetentionTest, ADayOldSegmentIsEnded) {
  open();
  put(0, 1);
  clock_.pass_seconds(24 * 3600 + 1);
  EXPECT_TRUE(eventually([&] { return store_->status().segments == 2; }));
  EXPECT_EQ(read_numbers(*store_->feed("out")), numbers(0, 1));
}

TEST_F(RetentionTest, ASealedSegmentStandsAloneWithoutItsLog) {
  open();
  fill(0);
  put(100, 101);
  EXPECT_TRUE(eventually([&] {
    return segments().size() >= 2 &&
           (files("alerts-0000000001.db-wal").empty() ||
            std::filesystem::file_size(file("alerts-0000000001.db-wal")) == 0);
  }));
}

class JumpClock final : public base::Clock {
 public:
  [[nodiscard]] std::int64_t now() const override { return support::HandClock::kStart + wall; }
  [[nodiscard]] std::int64_t steady() const override { return 1'000'000'000'000 + passed; }
  void pass_hours(std::int64_t hours) {
    wall += hours * 3'600'000'000'000;
    passed += hours * 3'600'000'000'000;
  }
  std::atomic<std::int64_t> wall{0};
  std::atomic<std::int64_t> passed{0};
};

TEST_F(RetentionTest, AJumpOfTheClockRemovesNothing) {
  JumpClock clock;
  options_.max_size = 1U << 30U;
  auto opened = Store::open(options_, {"a"}, clock, metrics_, {});
  ASSERT_TRUE(opened);
  store_ = std::move(*opened);
  fill(0);
  deliver_all("a");
  clock.pass_hours(1);
  for (const std::int64_t years : {20, -40}) {
    clock.wall += years * 365 * 24 * 3'600'000'000'000;
    // Two looks at the limits, and the store goes on.
    for (std::uint64_t i = 0; i < 2; ++i) {
      const std::uint64_t commits = store_->status().commits;
      put(200 + i, 201 + i);
      put(300 + i, 301 + i);
      EXPECT_GT(store_->status().commits, commits);
    }
    EXPECT_EQ(metrics_.value(base::Metric::kStoreDeletedSegments), 0U);
  }
  EXPECT_EQ(read_numbers(*store_->feed("a")), (std::vector<std::uint64_t>{200, 300, 201, 301}));
  store_.reset();
}

// An apiserver that repeats a batch across the jump, and segments that ended before it.
TEST_F(RetentionTest, AJumpOfTheClockMakesNoDuplicatesAndIsToldOf) {
  for (const std::int64_t hours : {24 * 365 * 20, -24 * 365 * 20}) {
    JumpClock clock;
    options_.path = folder_.path(std::to_string(hours));
    Events events;
    auto opened = Store::open(options_, {"a"}, clock, metrics_,
                              [&](const StoreEvent& event) { events.take(event); });
    ASSERT_TRUE(opened);
    store_ = std::move(*opened);
    put(0, 10);
    clock.wall += hours * 3'600'000'000'000;
    const StoreEvent event = events.wait("clock_jumped");
    EXPECT_EQ(event.fields[0].second, hours < 0 ? "back" : "forward");
    EXPECT_EQ(event.fields[1].second, std::to_string(24 * 365 * 20 * 3600));
    clock.pass_hours(25);
    ASSERT_TRUE(eventually([&] { return store_->status().segments >= 2; }));
    put(0, 11);
    EXPECT_EQ(store_->status().alerts, 11U) << hours;
    EXPECT_EQ(read_numbers(*store_->feed("a")), numbers(0, 11)) << hours;
    EXPECT_EQ(events.codes(), "clock_jumped");
    store_.reset();
  }
}

TEST_F(RetentionTest, WithALowDiskTheStoreStopsGrowing) {
  options_.max_size = 1U << 30U;
  options_.segment_size = 16U << 20U;
  options_.min_free = 1000;
  options_.min_free_percent = 10;
  std::atomic<std::uint64_t> free{5'000'000};
  options_.disk = [&free] { return DiskSpace{free, 20'000'000}; };
  open({"a"});
  put(0, 10);
  free = 1'900'000;
  EXPECT_EQ(events_.wait("store_low_disk").fields.size(), 3U);
  // 64 MiB it may have; then the oldest goes, since all have passed it.
  std::uint64_t next = 10;
  for (int i = 0; i < 90; ++i) {
    put(next, next + 10, 100'000);
    next += 10;
    deliver_all("a");
    ASSERT_LE(store_->status().bytes, 64U << 20U);
  }
  EXPECT_GT(metrics_.value(base::Metric::kStoreDeletedSegments), 0U);
  // What nobody has passed stays, and the store refuses.
  AppendResult result = AppendResult::kStored;
  for (int i = 0; i < 90 && result == AppendResult::kStored; ++i) {
    result = append(*store_, make_batch(next, next + 10, 100'000));
    next += 10;
  }
  EXPECT_EQ(result, AppendResult::kFull);
  EXPECT_LE(store_->status().bytes, 64U << 20U);
  EXPECT_EQ(store_->status().last_dropped, 0);
  free = 5'000'000;
  EXPECT_EQ(events_.wait("store_disk_ok").code, "store_disk_ok");
  EXPECT_EQ(append(*store_, make_batch(next, next + 10)), AppendResult::kStored);
  EXPECT_EQ(events_.count("store_low_disk"), 1U);
  store_.reset();
}

TEST_F(RetentionTest, DropsOfFullDeadLettersAreCountedAndToldOfByTheOutputAlone) {
  open({"a"});
  store_->count_dropped(5);
  store_->count_dropped(6);
  EXPECT_EQ(metrics_.value(base::Metric::kDropsStoreFull), 11U);
  EXPECT_NE(store_->status().last_dropped, 0);
  EXPECT_EQ(events_.codes(), "");
}

TEST_F(RetentionTest, WhereSomebodyGivesWayForAnOutputNothingIsDropped) {
  open({"fast", "stuck"});
  auto stuck = store_->feed("stuck");
  std::atomic<int> asked{0};
  stuck->on_overdue([&] { ++asked; });
  std::uint64_t next = 0;
  const auto put_more = [&] {
    if (append(*store_, make_batch(next, next + 10, 1000)) == AppendResult::kStored) {
      next += 10;
      deliver_all("fast");
    } else if (stuck->must_pass()) {
      clock_.pass_seconds(11);
    }
  };
  EXPECT_TRUE(eventually([&] {
    put_more();
    return asked > 3;
  }));
  EXPECT_EQ(read_numbers(*stuck), numbers(0, next)) << "it is asked, and nothing is gone";
  EXPECT_EQ(metrics_.value(base::Metric::kDropsStoreFull), 0U);
  EXPECT_EQ(events_.count("store_dropped"), 0U);
  // Nobody any more.
  stuck->on_overdue({});
  EXPECT_TRUE(eventually([&] {
    put_more();
    return events_.count("store_dropped") != 0;
  }));
}

// Opens no file whose name holds `unreadable` while that is set.
std::atomic<const char*> unreadable{nullptr};
int open_file(sqlite3_vfs* /*vfs*/, const char* name, sqlite3_file* file, int flags,
              int* out_flags) {
  const char* const part = unreadable;
  if (part != nullptr && name != nullptr && std::string(name).find(part) != std::string::npos) {
    return SQLITE_CANTOPEN;
  }
  sqlite3_vfs* const system = sqlite3_vfs_find("unix");
  return system->xOpen(system, name, file, flags, out_flags);
}

TEST_F(RetentionTest, WhatCannotBeReadIsGivenUpWhereItWouldFillTheStore) {
  static sqlite3_vfs vfs = *sqlite3_vfs_find("unix");
  vfs.zName = "unreadable";
  vfs.xOpen = &open_file;
  sqlite3_vfs_register(&vfs, 0);
  options_.vfs = "unreadable";
  open({"fast", "stuck"});
  auto stuck = store_->feed("stuck");
  std::atomic<int> asked{0};
  stuck->on_overdue([&] { ++asked; });
  std::uint64_t next = 0;
  Page page;
  const auto put_more = [&] {
    if (append(*store_, make_batch(next, next + 10, 1000)) == AppendResult::kStored) {
      next += 10;
      deliver_all("fast");
    } else if (stuck->must_pass()) {
      clock_.pass_seconds(1);
    }
  };
  ASSERT_TRUE(eventually([&] {
    put_more();
    return asked > 0;
  }));
  // Not for long: it has its time anew.
  unreadable = "alerts-0000000001";
  EXPECT_FALSE(stuck->read(stuck->cursor(), {}, page));
  clock_.pass_seconds(5);
  unreadable = nullptr;
  EXPECT_TRUE(stuck->read(stuck->cursor(), {}, page));
  clock_.pass_seconds(20);
  const int before = asked;
  ASSERT_TRUE(eventually([&] {
    put_more();
    return asked > before + 1;
  }));
  EXPECT_EQ(events_.count("store_dropped"), 0U);
  unreadable = "alerts-0000000001";
  // Another feed of the same output meets it too.
  auto other = store_->feed("stuck");
  EXPECT_FALSE(other->read(other->cursor(), {}, page));
  EXPECT_TRUE(eventually([&] {
    put_more();
    return events_.count("store_dropped") != 0;
  }));
  unreadable = nullptr;
  const StoreEvent event = events_.wait("store_dropped");
  EXPECT_EQ(event.fields[0].second, "stuck");
  EXPECT_NE(event.message.find("cannot be read"), std::string::npos) << event.message;
  const std::uint64_t dropped = std::stoull(event.fields[1].second);
  EXPECT_EQ(metrics_.value(base::Metric::kDropsStoreFull), dropped);
  EXPECT_EQ(stuck->lag().alerts + dropped, next) << "only that segment";
}

}  // namespace
}  // namespace tiercel::store
