#include <algorithm>
#include <filesystem>
#include <future>

#include <gtest/gtest.h>

#include "tiercel/store/store.h"

#include "runner_support.h"

namespace tiercel::output {
namespace {

using std::chrono::seconds;
using support::FakeStore;
using support::Peer;

// What the store must pass while the output's own thread is held up in a delivery.
class StandInTest : public RunnerTest {
 protected:
  void start_blocked() {
    peer_.block(Peer::Block::kUntilInterrupted);
    start();
    ASSERT_TRUE(eventually([&] { return peer_.is_blocking(); }));
  }
};

TEST_F(StandInTest, PutsAlertsOfABlockedOutputAmongTheDeadLetters) {
  store_.shape([](std::uint64_t number, support::FakeAlert& alert) {
    alert.priority = number % 3 == 0 ? 6 : 4;
  });
  options_.minimum_priority = base::Priority::kWarning;
  store_.add(3000);
  ASSERT_NO_FATAL_FAILURE(start_blocked());
  store_.set_must_pass(FakeStore::position(2500));
  ASSERT_TRUE(store_.tell_overdue());
  ASSERT_TRUE(eventually([&] { return is_cursor_past(2500); }));
  EXPECT_FALSE(is_cursor_past(2501));
  EXPECT_TRUE(eventually([&] { return store_.rests() == 1; })) << "no segment is held open";
  EXPECT_EQ(letters().size(), 2500U - 2500U / 3);
  EXPECT_EQ(letters().front().reason,
            "the store needed the room before the output had taken the alert");
  EXPECT_TRUE(peer_.is_blocking());
  EXPECT_EQ(runner_->status().dead_lettered, 2500U - 2500U / 3);
  EXPECT_EQ(runner_->status().dropped, 0U);
  EXPECT_EQ(dropped_.load(), 0U);
}

TEST_F(StandInTest, DropsAndCountsOnlyWhatFindsNoRoom) {
  options_.dead_letter_max_size = 2000;
  store_.add(100);
  ASSERT_NO_FATAL_FAILURE(start_blocked());
  store_.set_must_pass(FakeStore::position(100));
  ASSERT_TRUE(store_.tell_overdue());
  ASSERT_TRUE(eventually([&] { return is_cursor_past(100); }));
  const OutputStatus status = runner_->status();
  EXPECT_GT(status.dead_lettered, 0U);
  EXPECT_GT(status.dropped, 0U);
  EXPECT_EQ(status.dead_lettered + status.dropped, 100U);
  EXPECT_EQ(letters().size(), status.dead_lettered);
  EXPECT_EQ(dropped_.load(), status.dropped);
  const auto told = codes();
  EXPECT_EQ(std::count(told.begin(), told.end(), "dead_letters_full"), 1);
}

TEST_F(StandInTest, WhatCannotBeWrittenIsNotPassed) {
  const std::string file = dir_.write("dead", "in the way of the folder");
  store_.add(10);
  ASSERT_NO_FATAL_FAILURE(start_blocked());
  store_.set_must_pass(FakeStore::position(10));
  ASSERT_TRUE(store_.tell_overdue());
  ASSERT_TRUE(
      eventually([&] { return metrics_.value(base::Metric::kOutputDeadLetterErrors) > 0; }));
  EXPECT_FALSE(is_cursor_past(1));
  std::filesystem::remove(file);
  // Asked as often as the store looks.
  ASSERT_TRUE(eventually([&] { return store_.tell_overdue() && is_cursor_past(10); }));
  EXPECT_EQ(letter_bodies(), lines(1, 10));
}

TEST_F(StandInTest, AfterAFailureItIsNotTriedWithEachBatchThatTheStoreRefuses) {
  (void)dir_.write("dead", "in the way of the folder");
  store_.add(10);
  ASSERT_NO_FATAL_FAILURE(start_blocked());
  store_.set_must_pass(FakeStore::position(10));
  const auto begin = std::chrono::steady_clock::now();
  const auto tries = [&] { return metrics_.value(base::Metric::kOutputDeadLetterErrors); };
  std::uint64_t asked = 0;
  ASSERT_TRUE(eventually([&] {
    ++asked;
    return store_.tell_overdue() && tries() > 1;
  }));
  EXPECT_GE(std::chrono::steady_clock::now() - begin, seconds(1));
  EXPECT_GT(asked, tries());
}

TEST_F(StandInTest, ADeliveryThatEndsGoesOnBehindWhatWasPassed) {
  std::atomic<bool> is_held{true};
  peer_.answer([&](auto messages) {
    while (is_held) {
      std::this_thread::yield();
    }
    return Delivery::again_from(0, messages.size(), Peer::refused());
  });
  store_.add(1000);
  start();
  ASSERT_TRUE(eventually([&] { return peer_.deliveries().size() == 1; }));
  store_.set_must_pass(FakeStore::position(250));
  ASSERT_TRUE(store_.tell_overdue());
  ASSERT_TRUE(eventually([&] { return is_cursor_past(250); }));
  is_held = false;
  ASSERT_TRUE(eventually_with_time([&] { return is_cursor_past(1000); }));
  EXPECT_EQ(letter_bodies(), lines(1, 250));
  EXPECT_EQ(peer_.taken(), lines(251, 1000)) << "each once";
}

TEST_F(StandInTest, EndsWithTheRunner) {
  store_.add(10);
  ASSERT_NO_FATAL_FAILURE(start_blocked());
  store_.set_must_pass(FakeStore::position(10));
  ASSERT_TRUE(store_.tell_overdue());
  EXPECT_TRUE(runner_->stop(milliseconds(100)));
  const store::Position cursor = store_.cursor();
  store_.set_must_pass(FakeStore::position(20));
  EXPECT_TRUE(store_.tell_overdue()) << "the store would drop it";
  runner_.reset();
  EXPECT_TRUE(store_.tell_overdue());
  EXPECT_EQ(store_.cursor(), cursor);
}

TEST_F(StandInTest, BeforeTheStartNothingIsPassedOrDropped) {
  store_.add(10);
  runner_ = make();
  store_.set_must_pass(FakeStore::position(10));
  EXPECT_TRUE(store_.tell_overdue()) << "the store would drop it";
  EXPECT_FALSE(is_cursor_past(1));
}

// Alerts with these numbers, of 1 KB each, in one batch. False: refused.
bool put(store::Store& store, std::uint64_t from, std::uint64_t to) {
  store::RecordBatch batch;
  for (; from < to; ++from) {
    store::Record& record = batch.records.emplace_back();
    record.id[14] = static_cast<std::uint8_t>(from >> 8U);
    record.id[15] = static_cast<std::uint8_t>(from);
    record.offset = batch.bytes.size();
    batch.bytes +=
        R"({"number":)" + std::to_string(from) + R"(,"pad":")" + std::string(1000, 'x') + "\"}\n";
    record.length = batch.bytes.size() - record.offset;
  }
  std::promise<store::AppendResult> answer;
  store.append(std::move(batch), [&](store::AppendResult result) { answer.set_value(result); });
  return answer.get_future().get() == store::AppendResult::kStored;
}

// The same with a store that is full for want of what one output has not delivered.
TEST_F(StandInTest, ABlockedOutputHoldsUpNoOtherAndLosesNothing) {
  store::StoreOptions options;
  options.path = dir_.path("store");
  options.segment_size = 64 << 10U;
  options.max_size = 512 << 10U;
  options.min_free = 0;
  options.min_free_percent = 0;
  options.commit_interval = milliseconds(1);
  options.tick = milliseconds(20);
  options.durability = store::Durability::kNormal;
  auto store = store::Store::open(options, {"siem", "file"}, clock_, metrics_, {});
  ASSERT_TRUE(store) << store.error().text();
  peer_.block(Peer::Block::kUntilInterrupted);
  Peer healthy;
  std::vector<std::unique_ptr<OutputRunner>> runners;
  for (const auto& [name, peer] : {std::pair{"siem", &peer_}, std::pair{"file", &healthy}}) {
    OutputRunner::Parts parts{
        name, "http", peer->output(), (*store)->feed(name), (*store)->feed(name), 100};
    options_.dead_letter_path = dir_.path(std::string("dead/") + name + ".jsonl");
    runners.push_back(std::make_unique<OutputRunner>(
        std::move(parts), options_, routing_, clock_, metrics_, [](const auto&, const auto&) {},
        [&](std::uint64_t alerts) { dropped_ += alerts; }));
    ASSERT_TRUE(runners.back()->start());
  }
  constexpr std::uint64_t kAlerts = 1200;
  constexpr std::uint64_t kBatch = 20;
  std::uint64_t stored = 0;
  ASSERT_TRUE(eventually([&] {
    if (put(**store, stored, stored + kBatch)) {
      stored += kBatch;
    } else {
      clock_.pass_seconds(11);  // more than the store waits for an output
    }
    return stored == kAlerts;
  })) << stored;
  ASSERT_TRUE(eventually([&] { return healthy.taken_count() == kAlerts; }));
  EXPECT_TRUE(peer_.is_blocking());
  EXPECT_EQ(dropped_.load(), 0U);
  EXPECT_EQ(metrics_.value(base::Metric::kDropsStoreFull), 0U);
  const std::uint64_t buried = letters().size();
  EXPECT_GT(buried, kAlerts / 2);
  EXPECT_EQ(buried + (*store)->feed("siem")->lag().alerts, kAlerts) << "nothing is lost for it";
  runners.clear();
}

}  // namespace
}  // namespace tiercel::output
