#include "tiercel/output/runner.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "runner_support.h"

namespace tiercel::output {
namespace {

using std::chrono::seconds;
using support::FakeAlert;
using support::FakeStore;
using support::Peer;

Delivery with_again(std::vector<std::size_t> again) {
  Delivery delivery;
  delivery.again = std::move(again);
  delivery.error = Peer::refused();
  return delivery;
}

TEST_F(RunnerTest, DeliversInOrderAndAdvances) {
  store_.add(250);
  start();
  ASSERT_TRUE(eventually([&] { return is_cursor_past(250); }));
  EXPECT_EQ(peer_.taken(), lines(1, 250));
  store_.add(1);
  ASSERT_TRUE(eventually([&] { return is_cursor_past(251); }));
  EXPECT_EQ(peer_.taken(), lines(1, 251));
  EXPECT_TRUE(runner_->stop(seconds(5)));
  const OutputStatus status = runner_->status();
  EXPECT_EQ(status.delivered, 251U);
  EXPECT_EQ(status.name, "siem");
  EXPECT_EQ(status.kind, "http");
  EXPECT_EQ(status.lag.alerts, 0U);
  EXPECT_EQ(status.last_success, support::HandClock::kStart);
  EXPECT_EQ(metrics_.value(base::Metric::kOutputDelivered), 251U);
}

TEST_F(RunnerTest, BatchesAreBoundedByTheOutputTheOptionsAndBytes) {
  store_.add(60);
  most_messages_ = 7;
  start();
  ASSERT_TRUE(eventually([&] { return is_cursor_past(60); }));
  const auto by_kind = peer_.deliveries();
  EXPECT_EQ(*std::max_element(by_kind.begin(), by_kind.end()), 7U);
  EXPECT_TRUE(runner_->stop(seconds(5)));

  most_messages_ = 100;
  options_.batch_bytes = 3 * FakeStore::body(60).size();
  store_.add(30);
  start();
  ASSERT_TRUE(eventually([&] { return is_cursor_past(90); }));
  const auto all = peer_.deliveries();
  EXPECT_EQ(*std::max_element(all.begin() + static_cast<std::ptrdiff_t>(by_kind.size()), all.end()),
            3U);
  EXPECT_EQ(peer_.taken(), lines(1, 90));
}

TEST_F(RunnerTest, OneAlertGoesHoweverLongItIs) {
  options_.batch_bytes = 10;
  store_.add(3);
  start();
  ASSERT_TRUE(eventually([&] { return is_cursor_past(3); }));
  EXPECT_EQ(peer_.deliveries(), (std::vector<std::size_t>{1, 1, 1}));
}

TEST_F(RunnerTest, WaitsForMoreAlertsFromTheFirstOn) {
  options_.batch_wait = seconds(8);
  store_.add(1);
  start();
  ASSERT_TRUE(eventually([&] { return store_.highest_read() == 1; }));
  store_.add(4);
  ASSERT_TRUE(eventually_with_time([&] { return is_cursor_past(5); }));
  EXPECT_EQ(peer_.deliveries(), (std::vector<std::size_t>{5}));
  // A full batch waits for nothing.
  store_.add(100);
  ASSERT_TRUE(eventually([&] { return is_cursor_past(105); }));
}

TEST_F(RunnerTest, FiltersByPriorityAndCounts) {
  options_.minimum_priority = base::Priority::kWarning;
  store_.shape([](std::uint64_t number, FakeAlert& alert) {
    alert.priority = number % 2 == 0 ? 5 : 4;  // notice, warning
  });
  store_.add(10);
  start();
  ASSERT_TRUE(eventually([&] { return is_cursor_past(10); }));
  EXPECT_EQ(peer_.taken().size(), 5U);
  EXPECT_TRUE(runner_->stop(seconds(5)));
  EXPECT_EQ(runner_->status().filtered, 5U);
  EXPECT_EQ(metrics_.value(base::Metric::kOutputFiltered), 5U);
}

TEST_F(RunnerTest, WritesLinesInTheFormatOfTheMoment) {
  store_.shape([](std::uint64_t number, FakeAlert& alert) {
    alert.body = R"({"alert_id":")" + std::to_string(number) +
                 R"(","hostname":"h","output":"10:00:00: Warning x","output_fields":{},)"
                 R"("priority":"Warning","rule":"R","source":"k8s_audit","tags":[],"time":"t"})"
                 "\n";
  });
  store_.add(1);
  start();
  ASSERT_TRUE(eventually([&] { return is_cursor_past(1); }));
  EXPECT_TRUE(peer_.last().front().starts_with(R"({"alert_id":"1")"));
  runner_->set_format({});
  store_.add(1);
  ASSERT_TRUE(eventually([&] { return is_cursor_past(2); }));
  EXPECT_EQ(peer_.last().front(), "10:00:00: Warning x\n");
}

TEST_F(RunnerTest, SendsAgainOnlyWhatWasNotTaken) {
  peer_.answer([](auto) { return with_again({1, 3}); });
  store_.add(5);
  start();
  ASSERT_TRUE(eventually([&] { return peer_.taken().size() == 3; }));
  EXPECT_TRUE(eventually([&] { return store_.cursor() == FakeStore::position(2) - 1; }))
      << "behind the second, not " << store_.cursor();
  ASSERT_TRUE(eventually_with_time([&] { return is_cursor_past(5); }));
  EXPECT_EQ(peer_.deliveries(), (std::vector<std::size_t>{5, 2}));
  EXPECT_EQ(peer_.last(), (std::vector{FakeStore::body(2), FakeStore::body(4)}));
  EXPECT_TRUE(runner_->stop(seconds(5)));
  EXPECT_EQ(runner_->status().retries, 1U);
  EXPECT_EQ(runner_->status().failures, 1U);
  EXPECT_EQ(runner_->status().last_error, "");
}

TEST_F(RunnerTest, PutsWhatThePeerRefusesAmongTheDeadLettersAtOnce) {
  peer_.answer([](auto) {
    Delivery delivery;
    delivery.rejected.push_back({1, "field [x] is not \"mapped\""});
    return delivery;
  });
  store_.add(3);
  start();
  ASSERT_TRUE(eventually([&] { return is_cursor_past(3); }));
  const auto all = letters();
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].output, "siem");
  EXPECT_EQ(all[0].reason, "field [x] is not \"mapped\"");
  EXPECT_EQ(all[0].failed_at, "2026-01-02T03:04:05.000Z");
  EXPECT_EQ(all[0].alert, FakeStore::body(2));
  EXPECT_TRUE(runner_->stop(seconds(5)));
  EXPECT_EQ(runner_->status().dead_lettered, 1U);
  EXPECT_EQ(codes(), (std::vector<std::string>{"output_dead_letters"}));
}

TEST_F(RunnerTest, ANonsenseAnswerOfAnOutputHarmsNothing) {
  peer_.answer([](auto) {
    Delivery delivery;
    delivery.again = {0, 0, 1};
    return delivery;
  });
  store_.add(2);
  start();
  ASSERT_TRUE(eventually_with_time([&] { return is_cursor_past(2); }));
  EXPECT_EQ(peer_.taken(), lines(1, 2));
}

TEST_F(RunnerTest, HonoursRetryAfterUpToAnHour) {
  peer_.fail(1, seconds(600));
  store_.add(1);
  start();
  ASSERT_TRUE(eventually([&] { return peer_.deliveries().size() == 1; }));
  ASSERT_TRUE(eventually([&] { return runner_->status().failures == 1; }));
  clock_.pass_seconds(598);
  const int ticks = peer_.ticks();
  ASSERT_TRUE(eventually([&] { return peer_.ticks() > ticks; }));  // a turn has passed
  EXPECT_EQ(peer_.deliveries().size(), 1U);
  clock_.pass_seconds(3);
  ASSERT_TRUE(eventually([&] { return is_cursor_past(1); }));

  peer_.fail(1, std::chrono::hours(100));
  store_.add(1);
  ASSERT_TRUE(eventually([&] { return runner_->status().failures == 2; }));
  clock_.pass_seconds(3601);
  ASSERT_TRUE(eventually([&] { return is_cursor_past(2); }));
}

// As chats do: a few messages, then 429. Else a backlog would go at the pace of `retry_max`.
TEST_F(RunnerTest, APeerThatTakesAFewAtATimeIsNotLeftAloneLongerEachTime) {
  constexpr std::uint64_t kTries = 12;
  for (std::uint64_t at = 0; at < kTries; ++at) {
    peer_.answer([](auto messages) {
      return Delivery::again_from(1, messages.size(), {"refused", "HTTP 429", {}});
    });
  }
  store_.add(50);
  start();
  for (std::uint64_t tries = 1; tries <= kTries; ++tries) {
    ASSERT_TRUE(eventually([&] { return runner_->status().failures == tries; }));
    const milliseconds pause((runner_->status().next_try - clock_.now()) / 1'000'000);
    EXPECT_LE(pause, 2 * options_.retry_min) << "after " << tries;
    clock_.pass_seconds(9);
  }
  ASSERT_TRUE(eventually([&] { return is_cursor_past(50); }));
  EXPECT_EQ(peer_.taken(), lines(1, 50));
}

TEST_F(RunnerTest, TheBreakerLeavesThePeerAloneThenTriesOneAlert) {
  options_.breaker_failures = 3;
  options_.breaker_pause = seconds(1000);
  peer_.fail(3);
  store_.add(50);
  start();
  ASSERT_TRUE(eventually_with_time([&] { return runner_->status().breaker_open; }));
  EXPECT_EQ(peer_.deliveries(), (std::vector<std::size_t>{50, 50, 50}));
  const int ticks = peer_.ticks();
  clock_.pass_seconds(900);
  ASSERT_TRUE(eventually([&] { return peer_.ticks() > ticks; }));
  EXPECT_EQ(peer_.deliveries().size(), 3U) << "it is left alone";
  peer_.fail(1);
  clock_.pass_seconds(101);
  ASSERT_TRUE(eventually([&] { return peer_.deliveries().size() == 4; }));
  clock_.pass_seconds(2001);
  ASSERT_TRUE(eventually([&] { return is_cursor_past(50); }));
  EXPECT_EQ(peer_.deliveries(), (std::vector<std::size_t>{50, 50, 50, 1, 1, 49}));
  EXPECT_FALSE(runner_->status().breaker_open);
  EXPECT_EQ(peer_.taken(), lines(1, 50));
}

TEST_F(RunnerTest, TellsOfAFailureAndItsEndOnceAnEpisode) {
  options_.breaker_failures = 4;
  options_.breaker_pause = seconds(10);
  for (int episode = 0; episode < 2; ++episode) {
    peer_.set_down(true);
    store_.add(1);
    const auto before = peer_.deliveries().size();
    if (episode == 0) {
      start();
    }
    ASSERT_TRUE(eventually_with_time([&] { return peer_.deliveries().size() >= before + 8; }));
    EXPECT_FALSE(runner_->status().last_error.empty());
    peer_.set_down(false);
    ASSERT_TRUE(
        eventually_with_time([&] { return is_cursor_past(static_cast<unsigned>(episode) + 1); }));
  }
  EXPECT_TRUE(runner_->stop(seconds(5)));
  EXPECT_EQ(codes(), (std::vector<std::string>{"output_failed", "output_recovered", "output_failed",
                                               "output_recovered"}));
  const std::string message = events().front().message;
  for (const char* part : {"siem", "http", "connection refused", "10.0.0.1:443", "1 alerts wait"}) {
    EXPECT_NE(message.find(part), std::string::npos) << part << " in " << message;
  }
}

TEST_F(RunnerTest, AShortFailureIsNotToldOf) {
  peer_.fail(1);
  options_.retry_max = milliseconds(1000);
  store_.add(1);
  start();
  ASSERT_TRUE(eventually([&] { return runner_->status().failures == 1; }));
  clock_.pass_seconds(2);
  ASSERT_TRUE(eventually([&] { return is_cursor_past(1); }));
  EXPECT_TRUE(runner_->stop(seconds(5)));
  EXPECT_EQ(codes(), std::vector<std::string>{});
}

TEST_F(RunnerTest, ReadErrorsAreTriedAgain) {
  store_.fail_reads(1);
  store_.add(3);
  start();
  ASSERT_TRUE(eventually([&] { return is_cursor_past(3); }));
  EXPECT_EQ(peer_.taken(), lines(1, 3));
}

TEST_F(RunnerTest, ReopensBeforeTheNextDeliveryAndTriesAtOnce) {
  peer_.fail(1, seconds(3000));
  store_.add(1);
  start();
  ASSERT_TRUE(eventually([&] { return runner_->status().failures == 1; }));
  EXPECT_EQ(peer_.reopened(), 0);
  runner_->reopen();
  ASSERT_TRUE(eventually([&] { return is_cursor_past(1); }));
  EXPECT_EQ(peer_.reopened(), 1);
  runner_->reopen();  // while it is idle
  ASSERT_TRUE(eventually([&] { return peer_.reopened() == 2; }));
}

TEST_F(RunnerTest, TicksAboutOnceASecond) {
  start();
  ASSERT_TRUE(eventually([&] { return peer_.ticks() == 1; }));
  clock_.pass_seconds(1);
  ASSERT_TRUE(eventually([&] { return peer_.ticks() == 2; }));
}

TEST_F(RunnerTest, AnOutputThatCannotBeOpenedIsAStartUpError) {
  peer_.fail_open();
  runner_ = make();
  const auto started = runner_->start();
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().code, "bad_address");
  EXPECT_TRUE(runner_->stop(seconds(1)));
}

TEST_F(RunnerTest, BeginsWhereItLeftOff) {
  peer_.answer([](auto) { return with_again({2, 3, 4}); });
  store_.add(5);
  start();
  ASSERT_TRUE(eventually([&] { return store_.cursor() == FakeStore::position(3) - 1; }));
  peer_.set_down(true);
  EXPECT_TRUE(runner_->stop(milliseconds(100)));
  peer_.set_down(false);
  start();
  ASSERT_TRUE(eventually([&] { return is_cursor_past(5); }));
  EXPECT_EQ(peer_.taken(), lines(1, 5));
}

}  // namespace
}  // namespace tiercel::output
