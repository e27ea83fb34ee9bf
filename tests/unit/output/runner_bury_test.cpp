#include <algorithm>
#include <filesystem>

#include <gtest/gtest.h>

#include "runner_support.h"

namespace tiercel::output {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
using support::FakeAlert;
using support::FakeStore;
using support::HandClock;

class RunnerBury : public RunnerTest {};

TEST_F(RunnerBury, WhatTheStoreMustPassGoesToTheDeadLettersWhileThePeerIsDown) {
  peer_.fail(1, seconds(3000));
  store_.add(500);
  start();
  ASSERT_TRUE(eventually([&] { return runner_->status().failures == 1; }));
  store_.set_must_pass(FakeStore::position(250));
  // The clock stands: it is seen in the midst of the back-off.
  ASSERT_TRUE(eventually([&] { return is_cursor_past(250); }));
  EXPECT_FALSE(is_cursor_past(251));
  EXPECT_EQ(letter_bodies(), lines(1, 250));
  EXPECT_EQ(peer_.deliveries().size(), 1U);
  clock_.pass_seconds(3001);
  ASSERT_TRUE(eventually([&] { return is_cursor_past(500); }));
  EXPECT_EQ(peer_.taken(), lines(251, 500));
  EXPECT_TRUE(runner_->stop(seconds(5)));
  EXPECT_EQ(runner_->status().dead_lettered, 250U);
  EXPECT_EQ(letters().front().reason,
            "the store needed the room before the output had taken the alert");
  EXPECT_EQ(codes().front(), "output_dead_letters");
  EXPECT_EQ(dropped_.load(), 0U);
}

TEST_F(RunnerBury, PartOfABatchAndSeveralPagesCanBePassed) {
  peer_.fail(1, seconds(3000));
  options_.minimum_priority = base::Priority::kWarning;
  store_.shape(
      [](std::uint64_t number, FakeAlert& alert) { alert.priority = number % 3 == 0 ? 6 : 4; });
  store_.add(9000);
  start();
  ASSERT_TRUE(eventually([&] { return runner_->status().failures == 1; }));
  store_.set_must_pass(FakeStore::position(10));
  ASSERT_TRUE(eventually([&] { return is_cursor_past(10); }));
  EXPECT_EQ(letters().size(), 7U);
  EXPECT_FALSE(is_cursor_past(11));
  store_.set_must_pass(FakeStore::position(8000));
  ASSERT_TRUE(eventually([&] { return is_cursor_past(8000); }));
  EXPECT_EQ(letters().size(), 8000U - 8000U / 3);
  EXPECT_LE(store_.highest_read(), 9000U);
  EXPECT_EQ(peer_.deliveries().size(), 1U);
}

TEST_F(RunnerBury, OnlyWhenTheDeadLettersAreFullSomethingIsDropped) {
  options_.dead_letter_max_size = 2000;
  peer_.fail(1, seconds(3000));
  store_.add(100);
  start();
  ASSERT_TRUE(eventually([&] { return runner_->status().failures == 1; }));
  store_.set_must_pass(FakeStore::position(50));
  ASSERT_TRUE(eventually([&] { return is_cursor_past(50); }));
  store_.set_must_pass(FakeStore::position(100));
  ASSERT_TRUE(eventually([&] { return is_cursor_past(100); }));
  EXPECT_TRUE(runner_->stop(seconds(5)));
  const OutputStatus status = runner_->status();
  EXPECT_GT(status.dead_lettered, 0U);
  EXPECT_EQ(status.dropped, dropped_.load());
  EXPECT_EQ(status.dead_lettered + status.dropped, 100U);
  EXPECT_EQ(letters().size(), status.dead_lettered);
  EXPECT_EQ(codes(), (std::vector<std::string>{"output_dead_letters", "dead_letters_full"}))
      << "once an episode";
}

// Too old, and no room for a letter: the store holds it as long as it can, and it is tried.
TEST_F(RunnerBury, AFullFileDropsNothingThatTheStoreCanHold) {
  options_.max_age = hours(1);
  options_.dead_letter_max_size = 2000;
  peer_.set_down(true);
  store_.add(100);
  start();
  ASSERT_TRUE(eventually([&] { return runner_->status().failures == 1; }));
  clock_.pass_seconds(7200);
  ASSERT_TRUE(eventually_with_time([&] { return runner_->status().failures >= 5; }));
  const std::uint64_t buried = letters().size();
  EXPECT_GT(buried, 0U);
  EXPECT_LT(buried, 100U);
  EXPECT_EQ(runner_->status().dropped, 0U);
  EXPECT_FALSE(is_cursor_past(buried + 1));
  const auto all = codes();
  EXPECT_EQ(std::count(all.begin(), all.end(), "dead_letters_full"), 1) << "once an episode";
  peer_.set_down(false);
  ASSERT_TRUE(eventually_with_time([&] { return is_cursor_past(100); }));
  EXPECT_EQ(letter_bodies(), lines(1, buried));
  EXPECT_EQ(peer_.taken(), lines(buried + 1, 100));
  EXPECT_EQ(dropped_.load(), 0U);
}

TEST_F(RunnerBury, WhatThePeerRefusesWaitsForRoomInTheFile) {
  options_.dead_letter_max_size = 2000;
  peer_.answer([](auto messages) {
    Delivery delivery;
    for (std::size_t at = 0; at < messages.size(); ++at) {
      delivery.rejected.push_back({at, "never"});
    }
    return delivery;
  });
  store_.add(100);
  start();
  ASSERT_TRUE(
      eventually([&] { return !codes().empty() && codes().back() == "dead_letters_full"; }));
  const std::uint64_t buried = letters().size();
  EXPECT_FALSE(is_cursor_past(buried + 1));
  EXPECT_NE(events().back().message.find("wait in the store"), std::string::npos)
      << events().back().message;
  EXPECT_NE(runner_->status().last_error.find("dead-letter file is full"), std::string::npos)
      << runner_->status().last_error;
  std::filesystem::remove(letters_path());
  // Room for as many again, until all have theirs or the store must have the room.
  ASSERT_TRUE(eventually([&] { return !letters().empty(); }));
  EXPECT_EQ(letter_bodies().front(), lines(buried + 1, buried + 1).front());
  EXPECT_EQ(runner_->status().dropped, 0U);
  store_.set_must_pass(FakeStore::position(100));
  ASSERT_TRUE(eventually([&] { return is_cursor_past(100); }));
  const OutputStatus status = runner_->status();
  EXPECT_EQ(status.dead_lettered + status.dropped, 100U);
  EXPECT_GT(status.dropped, 0U);
}

// One answer refuses alerts for good and puts others off, as Elasticsearch's may.
TEST_F(RunnerBury, WhileRefusedAlertsWaitForRoomThePeerIsNotBlamed) {
  options_.dead_letter_max_size = 1000;
  peer_.answer([](auto messages) {
    Delivery delivery = Delivery::again_from(messages.size() / 2, messages.size(),
                                             {"busy", "HTTP 429", "10.0.0.1:443"});
    for (std::size_t at = 0; at < messages.size() / 2; ++at) {
      delivery.rejected.push_back({at, "never"});
    }
    return delivery;
  });
  store_.add(100);
  start();
  ASSERT_TRUE(
      eventually([&] { return !codes().empty() && codes().back() == "dead_letters_full"; }));
  const auto deliveries = peer_.deliveries().size();
  for (std::uint64_t more = 0; more < 4; ++more) {
    const std::uint64_t waiting = runner_->status().lag.alerts;
    store_.add(1);
    clock_.pass_seconds(10);
    // A lag that has changed: it has looked at how the output is since.
    ASSERT_TRUE(eventually([&] { return runner_->status().lag.alerts > waiting; }));
  }
  const OutputStatus status = runner_->status();
  EXPECT_NE(status.last_error.find("dead-letter file is full"), std::string::npos)
      << status.last_error;
  EXPECT_NE(status.failing_since, 0);
  EXPECT_EQ(status.next_try, 0);
  EXPECT_EQ(peer_.deliveries().size(), deliveries);
  const auto all = codes();
  EXPECT_EQ(std::count(all.begin(), all.end(), "output_failed"), 0);
}

TEST_F(RunnerBury, WhatNoFileCouldHoldIsDroppedWhereThePeerRefusesIt) {
  options_.dead_letter_max_size = 0;
  peer_.answer([](auto) {
    Delivery delivery;
    delivery.rejected.push_back({0, "never"});
    return delivery;
  });
  store_.add(2);
  start();
  ASSERT_TRUE(eventually([&] { return is_cursor_past(2); }));
  EXPECT_EQ(dropped_.load(), 1U);
}

TEST_F(RunnerBury, NothingIsPassedThatCannotBeWritten) {
  const std::string file = dir_.write("dead", "in the way of the folder");
  peer_.fail(1, seconds(30));
  store_.add(5);
  start();
  ASSERT_TRUE(eventually([&] { return runner_->status().failures == 1; }));
  store_.set_must_pass(FakeStore::position(3));
  ASSERT_TRUE(
      eventually([&] { return metrics_.value(base::Metric::kOutputDeadLetterErrors) == 1; }));
  EXPECT_FALSE(is_cursor_past(1));
  std::filesystem::remove(file);
  clock_.pass_seconds(2);
  ASSERT_TRUE(eventually([&] { return is_cursor_past(3); }));
  EXPECT_EQ(letter_bodies(), lines(1, 3));
  EXPECT_EQ(dropped_.load(), 0U);
}

TEST_F(RunnerBury, WhereLettersCannotBeWrittenDeliveringGoesOn) {
  (void)dir_.write("dead", "in the way of the folder");
  peer_.fail(1, seconds(30));
  store_.add(300);
  start();
  ASSERT_TRUE(eventually([&] { return runner_->status().failures == 1; }));
  store_.set_must_pass(FakeStore::position(300));
  ASSERT_TRUE(eventually_with_time([&] { return is_cursor_past(300); }));
  EXPECT_EQ(peer_.taken(), lines(1, 300));
}

TEST_F(RunnerBury, ARefusedAlertWaitsForItsLetter) {
  const std::string file = dir_.write("dead", "in the way of the folder");
  peer_.answer([](auto) {
    Delivery delivery;
    delivery.rejected.push_back({0, "never"});
    return delivery;
  });
  store_.add(2);
  start();
  ASSERT_TRUE(
      eventually([&] { return metrics_.value(base::Metric::kOutputDeadLetterErrors) > 0; }));
  EXPECT_EQ(store_.cursor(), FakeStore::position(1) - 1);
  EXPECT_FALSE(runner_->status().last_error.empty());
  std::filesystem::remove(file);
  ASSERT_TRUE(eventually([&] { return is_cursor_past(2); }));
  EXPECT_EQ(letter_bodies(), lines(1, 1));
  EXPECT_EQ(runner_->status().last_error, "");
}

TEST_F(RunnerBury, WhatIsTooOldGoesToTheDeadLettersWhileThePeerIsDown) {
  options_.max_age = hours(72);
  peer_.set_down(true);
  store_.shape([](std::uint64_t number, FakeAlert& alert) {
    alert.stored =
        HandClock::kStart + (number > 2500 ? 73 : 0) * std::int64_t{3600} * 1'000'000'000;
  });
  store_.add(2600);
  start();
  ASSERT_TRUE(eventually([&] { return runner_->status().failures == 1; }));
  EXPECT_EQ(letters().size(), 0U);
  clock_.pass_seconds(std::int64_t{72} * 3600 + 1);
  ASSERT_TRUE(eventually([&] { return is_cursor_past(2500); }));
  EXPECT_LE(peer_.deliveries().size(), 3U) << "old alerts are not tried one batch after another";
  EXPECT_EQ(letter_bodies(), lines(1, 2500));
  EXPECT_EQ(letters().front().reason,
            "not delivered within 72 h: connection refused (10.0.0.1:443)");
  EXPECT_FALSE(is_cursor_past(2501));
  peer_.set_down(false);
  ASSERT_TRUE(eventually_with_time([&] { return is_cursor_past(2600); }));
  EXPECT_EQ(peer_.taken(), lines(2501, 2600));
}

// A disk that is full of what the peer did not take lets no letter be written either.
TEST_F(RunnerBury, OldAlertsAreTriedWhereTheirLettersCannotBeWritten) {
  (void)dir_.write("dead", "in the way of the folder");
  options_.max_age = hours(72);
  peer_.set_down(true);
  store_.add(10);
  start();
  ASSERT_TRUE(eventually([&] { return runner_->status().failures == 1; }));
  clock_.pass_seconds(std::int64_t{72} * 3600 + 1);
  ASSERT_TRUE(
      eventually([&] { return metrics_.value(base::Metric::kOutputDeadLetterErrors) > 0; }));
  EXPECT_FALSE(is_cursor_past(1));
  peer_.set_down(false);
  ASSERT_TRUE(eventually_with_time([&] { return is_cursor_past(10); }));
  EXPECT_EQ(peer_.taken(), lines(1, 10));
  EXPECT_EQ(dropped_.load(), 0U);
  EXPECT_TRUE(eventually([&] { return runner_->status().failing_since == 0; }));
}

// Its wall clock is set while the steady one goes on.
class JumpingClock final : public base::Clock {
 public:
  explicit JumpingClock(const base::Clock& clock) : clock_(clock) {}
  [[nodiscard]] std::int64_t now() const override { return clock_.now() + jumped; }
  [[nodiscard]] std::int64_t steady() const override { return clock_.steady(); }
  std::atomic<std::int64_t> jumped{0};

 private:
  const base::Clock& clock_;
};

TEST_F(RunnerBury, AJumpOfTheClockMakesNothingTooOld) {
  JumpingClock clock(clock_);
  used_clock_ = &clock;
  options_.max_age = hours(72);
  peer_.set_down(true);
  store_.add(10);
  start();
  ASSERT_TRUE(eventually([&] { return runner_->status().failures == 1; }));
  clock.jumped = std::int64_t{20 * 365 * 24} * 3600 * 1'000'000'000;
  ASSERT_TRUE(eventually_with_time([&] { return runner_->status().failures >= 3; }));
  EXPECT_EQ(letters().size(), 0U);
  peer_.set_down(false);
  ASSERT_TRUE(eventually_with_time([&] { return is_cursor_past(10); }));
  EXPECT_EQ(peer_.taken(), lines(1, 10));
  runner_.reset();
}

TEST_F(RunnerBury, OldAlertsAreTriedWhereThePeerTakesThem) {
  options_.max_age = hours(1);
  clock_.pass_seconds(7200);
  store_.add(10);
  start();
  ASSERT_TRUE(eventually([&] { return is_cursor_past(10); }));
  EXPECT_EQ(peer_.taken(), lines(1, 10));
  EXPECT_EQ(letters().size(), 0U);
}

TEST_F(RunnerBury, WithoutAnAgeNothingIsGivenUp) {
  options_.max_age = milliseconds(0);
  peer_.fail(1);
  store_.add(1);
  start();
  ASSERT_TRUE(eventually([&] { return runner_->status().failures == 1; }));
  clock_.pass_seconds(std::int64_t{10'000} * 3600);
  ASSERT_TRUE(eventually([&] { return is_cursor_past(1); }));
  EXPECT_EQ(peer_.taken(), lines(1, 1));
}

}  // namespace
}  // namespace tiercel::output
