#include <algorithm>
#include <atomic>
#include <set>

#include "database.h"
#include "store_fixture.h"

namespace tiercel::store {
namespace {

using AppendTest = StoreTest;

TEST_F(AppendTest, WhatWasStoredIsReadWithAllItsColumns) {
  open();
  RecordBatch batch = make_batch(0, 1);
  batch.records[0].cluster = batch.add_key("east");
  const std::string body = batch.bytes;
  ASSERT_EQ(append(*store_, std::move(batch)), AppendResult::kStored);
  auto feed = store_->feed("out");
  Page page;
  ASSERT_TRUE(feed->read(feed->cursor(), {}, page));
  ASSERT_EQ(page.alerts.size(), 1U);
  const StoredAlert& alert = page.alerts[0];
  EXPECT_EQ(alert.position, (Position{1} << 32U) | 1U);
  EXPECT_EQ(alert.id, make_id(1, 0));
  EXPECT_EQ(alert.time, support::HandClock::kStart);
  EXPECT_EQ(alert.stored, support::HandClock::kStart);
  EXPECT_EQ(alert.priority, 0);
  EXPECT_EQ(alert.rule, "A rule");
  EXPECT_EQ(alert.tags, "network,shell");
  EXPECT_EQ(alert.user, "user-0");
  EXPECT_EQ(alert.name_space, "default");
  EXPECT_EQ(alert.cluster, "east");
  EXPECT_EQ(alert.body, body);
  EXPECT_EQ(page.end, alert.position);
  EXPECT_FALSE(page.more);
}

TEST_F(AppendTest, BytesOfAnyKindComeBackAsTheyWere) {
  open();
  RecordBatch batch;
  add_alert(batch, make_id(5, 1), 1);
  const std::string odd("a\0\xff\xfe'\"z", 8);
  batch.records[0].user = batch.add_key(odd);
  batch.bytes = odd;
  batch.records[0].offset = 0;
  batch.records[0].length = odd.size();
  ASSERT_EQ(append(*store_, std::move(batch)), AppendResult::kStored);
  auto feed = store_->feed("out");
  Page page;
  ASSERT_TRUE(feed->read(0, {}, page));
  ASSERT_EQ(page.alerts.size(), 1U);
  EXPECT_EQ(page.alerts[0].user, odd);
  EXPECT_EQ(page.alerts[0].body, odd);
}

TEST_F(AppendTest, FilesAreForOurUserAlone) {
  open();
  put(0, 3);
  for (const std::string& name : files("")) {
    const auto mode = std::filesystem::status(file(name)).permissions();
    EXPECT_EQ(mode & std::filesystem::perms(0777), std::filesystem::perms(0600)) << name;
  }
  EXPECT_EQ(std::filesystem::status(folder_.path("alerts")).permissions(),
            std::filesystem::perms(0700));
}

TEST_F(AppendTest, AnIdThatIsThereIsStoredAndChangesNothing) {
  open();
  put(0, 10);
  RecordBatch batch = make_batch(5, 15);
  add_alert(batch, make_id(12, 11), 99);  // Twice in one batch.
  EXPECT_EQ(append(*store_, std::move(batch)), AppendResult::kStored);
  EXPECT_EQ(store_->status().alerts, 15U);
  auto feed = store_->feed("out");
  EXPECT_EQ(read_numbers(*feed), numbers(0, 15));
  EXPECT_EQ(metrics_.value(base::Metric::kStoreAlerts), 15U);
  EXPECT_EQ(metrics_.value(base::Metric::kStoreDuplicates), 6U);
}

TEST_F(AppendTest, DuplicatesAreFoundInOlderSegmentsOfTheWindow) {
  options_.segment_size = 64 << 10U;
  open();
  put(0, 100, 1000);
  put(1000, 1001);
  ASSERT_GE(segments().size(), 2U);
  EXPECT_EQ(append(*store_, make_batch(0, 100, 1000)), AppendResult::kStored);
  EXPECT_EQ(store_->status().alerts, 101U);
  // After a restart the ranges come from the files.
  open();
  EXPECT_EQ(append(*store_, make_batch(50, 60, 1000)), AppendResult::kStored);
  EXPECT_EQ(store_->status().alerts, 101U);
  clock_.pass_seconds(49 * 3600);
  EXPECT_EQ(append(*store_, make_batch(0, 1, 1000)), AppendResult::kStored);
  EXPECT_EQ(store_->status().alerts, 102U);
}

TEST_F(AppendTest, AlertsWithoutATimeAreRecognisedAcrossSegments) {
  options_.segment_size = 64 << 10U;
  open();
  RecordBatch untimed;
  add_alert(untimed, make_id(0, 7), 7);
  const RecordBatch copy = untimed;
  ASSERT_EQ(append(*store_, std::move(untimed)), AppendResult::kStored);
  put(100, 200, 1000);
  put(200, 201);
  ASSERT_GE(segments().size(), 2U);
  EXPECT_EQ(append(*store_, copy), AppendResult::kStored);
  EXPECT_EQ(store_->status().alerts, 102U);
}

TEST_F(AppendTest, PositionsAreStoredWithTheAlertsAndForgottenWhenEmpty) {
  open();
  RecordBatch batch = make_batch(0, 2);
  batch.positions = {{"audit", "1:2", "100"}, {"audit", "1:3", "7"}, {"other", "x", "y"}};
  ASSERT_EQ(append(*store_, std::move(batch)), AppendResult::kStored);
  EXPECT_EQ(store_->positions("audit").size(), 2U);
  RecordBatch next;
  next.positions = {{"audit", "1:2", "250"}, {"audit", "1:3", ""}};
  ASSERT_EQ(append(*store_, std::move(next)), AppendResult::kStored);
  for (int restart = 0; restart < 2; ++restart) {
    const auto positions = store_->positions("audit");
    ASSERT_EQ(positions.size(), 1U);
    EXPECT_EQ(positions[0].key, "1:2");
    EXPECT_EQ(positions[0].value, "250");
    EXPECT_EQ(store_->positions("other").size(), 1U);
    open();
  }
}

TEST_F(AppendTest, PositionsGoAlongIntoNewSegments) {
  options_.segment_size = 64 << 10U;
  open();
  RecordBatch batch = make_batch(0, 1);
  batch.positions = {{"audit", "1:2", "100"}};
  ASSERT_EQ(append(*store_, std::move(batch)), AppendResult::kStored);
  put(1, 200, 1000);
  put(300, 301);
  ASSERT_GE(segments().size(), 2U);
  open();
  ASSERT_EQ(store_->positions("audit").size(), 1U);
  EXPECT_EQ(store_->positions("audit")[0].value, "100");
}

TEST_F(AppendTest, ABatchWithNothingInItIsAnswered) {
  open();
  const std::uint64_t commits = store_->status().commits;
  EXPECT_EQ(append(*store_, {}), AppendResult::kStored);
  EXPECT_EQ(store_->status().commits, commits);
}

TEST_F(AppendTest, ACalmStoreCommitsAtOnceAndABusyOneOncePerInterval) {
  options_.commit_interval = std::chrono::milliseconds(1000);
  options_.tick = std::chrono::seconds(60);
  open();
  const auto begun = std::chrono::steady_clock::now();
  put(0, 1);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::milliseconds(900));
  const std::uint64_t commits = store_->status().commits;
  std::vector<std::future<AppendResult>> answers;
  for (std::uint64_t i = 1; i < 50; ++i) {
    answers.push_back(append_later(*store_, make_batch(i, i + 1)));
  }
  for (auto& answer : answers) {
    ASSERT_EQ(answer.get(), AppendResult::kStored);
  }
  EXPECT_GE(std::chrono::steady_clock::now() - begun, std::chrono::milliseconds(1000));
  EXPECT_EQ(store_->status().commits, commits + 1);
}

// 20 ms between two commits, the default: however many append, at most 50 a second.
TEST_F(AppendTest, ABusySecondHasAtMostFiftyCommits) {
  options_.commit_interval = StoreOptions().commit_interval;
  open();
  put(0, 1);
  const std::uint64_t before = store_->status().commits;
  const auto begun = std::chrono::steady_clock::now();
  const auto end = begun + std::chrono::milliseconds(600);
  std::vector<std::thread> threads;
  for (std::uint64_t thread = 1; thread <= 4; ++thread) {
    threads.emplace_back([&, thread] {
      for (std::uint64_t at = thread * 100'000; std::chrono::steady_clock::now() < end; ++at) {
        put(at, at + 1);
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
  const std::uint64_t commits = store_->status().commits - before;
  EXPECT_GT(commits, 1U);
  EXPECT_LE(static_cast<double>(commits), took.count() * 50 + 1);
}

TEST_F(AppendTest, TheTableOfAlertsHasOneIndexBesideItsKey) {
  open();
  put(0, 1);
  auto database = Database::open(file(segments()[0]), {}, Database::Access::kRead);
  ASSERT_TRUE(database);
  const auto indexes = database->number(
      "SELECT count(*) FROM sqlite_schema WHERE type='index' AND tbl_name='alerts'");
  ASSERT_TRUE(indexes);
  EXPECT_EQ(*indexes, 1) << "every index costs each alert a page; two at most";
}

TEST_F(AppendTest, PositionsAloneWaitForACommitThatHappensAnyway) {
  options_.tick = std::chrono::seconds(60);
  open();
  put(0, 1);  // The first tick is over after this.
  put(1, 2);
  const std::uint64_t commits = store_->status().commits;
  RecordBatch batch;
  batch.positions = {{"audit", "k", "v"}};
  auto waits = append_later(*store_, std::move(batch));
  EXPECT_EQ(waits.wait_for(std::chrono::milliseconds(50)), std::future_status::timeout);
  put(2, 3);
  EXPECT_EQ(waits.get(), AppendResult::kStored);
  EXPECT_EQ(store_->status().commits, commits + 1);
}

TEST_F(AppendTest, AFullQueueRefusesAndTakesAgain) {
  options_.max_queued = 10'000;
  options_.commit_interval = std::chrono::milliseconds(1000);
  open();
  put(0, 1);
  auto first = append_later(*store_, make_batch(1, 2, 9'000));
  auto second = append_later(*store_, make_batch(2, 3, 9'000));
  EXPECT_EQ(second.get(), AppendResult::kFull);
  EXPECT_EQ(first.get(), AppendResult::kStored);
  EXPECT_EQ(metrics_.value(base::Metric::kStoreRefusedFull), 1U);
  put(2, 3, 50'000);  // Alone it is taken, however long.
}

TEST_F(AppendTest, FourThreadsAppendWhileOneReads) {
  options_.segment_size = 256 << 10U;
  open();
  constexpr std::uint64_t kEach = 500;
  std::atomic<int> failures{0};
  std::vector<std::thread> threads;
  for (std::uint64_t thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&, thread] {
      for (std::uint64_t i = 0; i < kEach; i += 10) {
        const std::uint64_t from = thread * kEach + i;
        failures += append(*store_, make_batch(from, from + 10, 500)) != AppendResult::kStored;
      }
    });
  }
  auto feed = store_->feed("out");
  std::set<std::uint64_t> seen;
  std::size_t count = 0;
  Position after = feed->cursor();
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (count < 4 * kEach && std::chrono::steady_clock::now() < end) {
    feed->wait(after, std::chrono::seconds(1));
    for (const std::uint64_t number : read_numbers(*feed, after, {7, 4 << 20U})) {
      seen.insert(number);
      ++count;
    }
    feed->advance(after);
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(failures, 0);
  EXPECT_EQ(count, 4 * kEach);
  EXPECT_EQ(seen.size(), 4 * kEach);
  EXPECT_EQ(feed->lag().alerts, 0U);
  EXPECT_GE(segments().size(), 2U);
}

TEST_F(AppendTest, AfterStopEverythingIsRefusedAndWhatCameBeforeIsStored) {
  options_.commit_interval = std::chrono::milliseconds(300);
  open();
  put(0, 1);
  auto waiting = append_later(*store_, make_batch(1, 2));
  EXPECT_TRUE(store_->stop(std::chrono::seconds(10)));
  ASSERT_EQ(waiting.wait_for(std::chrono::seconds(0)), std::future_status::ready);
  EXPECT_EQ(waiting.get(), AppendResult::kStored);
  EXPECT_EQ(append(*store_, make_batch(2, 3)), AppendResult::kStopping);
  open();
  auto feed = store_->feed("out");
  EXPECT_EQ(read_numbers(*feed), numbers(0, 2));
}

TEST_F(AppendTest, MemoryDurabilityLeavesNothingOnDiskAndForgets) {
  options_.durability = Durability::kMemory;
  options_.segment_size = 64 << 10U;
  open();
  for (std::uint64_t i = 0; i < 10; ++i) {
    put(i * 20, i * 20 + 20, 1000);
  }
  auto feed = store_->feed("out");
  EXPECT_EQ(read_numbers(*feed), numbers(0, 200));
  EXPECT_GE(store_->status().segments, 2U);
  EXPECT_EQ(append(*store_, make_batch(0, 200, 1000)), AppendResult::kStored);
  EXPECT_EQ(store_->status().alerts, 200U);
  EXPECT_TRUE(std::filesystem::is_empty(folder_.path()));
  feed.reset();
  open();
  EXPECT_EQ(store_->status().alerts, 0U);
}

TEST_F(AppendTest, NormalDurabilitySurvivesTheProcess) {
  options_.durability = Durability::kNormal;
  open();
  put(0, 50);
  open();
  EXPECT_EQ(read_numbers(*store_->feed("out")), numbers(0, 50));
}

TEST_F(AppendTest, AReaderThatStandsStillSlowsNoCommitAndTheLogStaysBounded) {
  options_.max_wal = 1 << 20U;
  open();
  put(0, 1);
  auto reader = Database::open(file(segments()[0]), {}, Database::Access::kRead);
  ASSERT_TRUE(reader);
  ASSERT_TRUE(reader->execute("BEGIN"));
  ASSERT_TRUE(reader->number("SELECT count(*) FROM alerts"));
  std::chrono::steady_clock::duration longest{0};
  std::uint64_t longest_log = 0;
  for (std::uint64_t i = 1; i < 6000; i += 50) {
    const auto begun = std::chrono::steady_clock::now();
    put(i, i + 50, 1000);
    longest = std::max(longest, std::chrono::steady_clock::now() - begun);
    for (const std::string& name : files("-wal")) {
      longest_log = std::max<std::uint64_t>(longest_log, std::filesystem::file_size(file(name)));
    }
  }
  // 6 MB were stored; it waited once for the reader, and one group may pass the bound.
  EXPECT_LT(longest, std::chrono::seconds(3));
  EXPECT_LT(longest_log, 1536U << 10U);
  EXPECT_EQ(segments().size(), 2U);
  EXPECT_EQ(events_.count("store_pinned"), 1U) << events_.codes();
  EXPECT_EQ(read_numbers(*store_->feed("out")), numbers(0, 6001));
}

TEST_F(AppendTest, ReadersThatComeAndGoMakeNoNewSegments) {
  options_.max_wal = 256 << 10U;
  open();
  put(0, 1);
  std::atomic<bool> is_over{false};
  std::thread reader([&] {
    while (!is_over) {
      auto database = Database::open(file(segments().back()), {}, Database::Access::kRead);
      static_cast<void>(database->execute("BEGIN"));
      static_cast<void>(database->number("SELECT count(*) FROM alerts"));
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
      database->leave_wal_on_close();
    }
  });
  // Twelve times what the log may hold.
  for (std::uint64_t i = 1; i < 2001; i += 20) {
    put(i, i + 20, 1000);
  }
  is_over = true;
  reader.join();
  EXPECT_LE(segments().size(), 3U) << events_.codes();
  EXPECT_EQ(read_numbers(*store_->feed("out")), numbers(0, 2001));
}

TEST_F(AppendTest, TheWriteAheadLogStaysBounded) {
  options_.max_wal = 256 << 10U;
  open();
  for (std::uint64_t i = 0; i < 60; ++i) {
    put(i * 20, i * 20 + 20, 1000);
  }
  // 1.2 MB were stored; one group may pass the bound.
  EXPECT_LT(store_->status().wal_bytes, 512U << 10U);
  EXPECT_EQ(metrics_.value(base::Metric::kStoreWalBytes), store_->status().wal_bytes);
  auto feed = store_->feed("out");
  EXPECT_EQ(read_numbers(*feed), numbers(0, 1200));
}

TEST_F(AppendTest, TheWriteAheadLogStaysBelowItsUsualBound) {
  open();
  const std::uint64_t bound = options_.max_wal;
  std::uint64_t longest = 0;
  for (std::uint64_t i = 0; i < 120; ++i) {
    put(i * 100, i * 100 + 100, 10'000);
    longest = std::max(longest, store_->status().wal_bytes);
  }
  EXPECT_GT(store_->status().bytes, bound) << "less was stored than the log may hold";
  EXPECT_LE(longest, bound);
  EXPECT_EQ(segments().size(), 1U);
}

}  // namespace
}  // namespace tiercel::store
