#include <chrono>

#include <gtest/gtest.h>

#include "runner_support.h"

namespace tiercel::output {
namespace {

using std::chrono::seconds;
using support::Peer;
using Steady = std::chrono::steady_clock;

class RunnerStop : public RunnerTest {};

TEST_F(RunnerStop, DeliversWhatIsStored) {
  start();
  store_.add(5000);
  EXPECT_TRUE(runner_->stop(seconds(20)));
  EXPECT_EQ(peer_.taken().size(), 5000U);
  EXPECT_TRUE(is_cursor_past(5000));
}

TEST_F(RunnerStop, AnOutputThatWasDownBeforeDoesNotHoldItUp) {
  peer_.set_down(true);
  store_.add(3);
  start();
  ASSERT_TRUE(eventually([&] { return runner_->status().failures == 1; }));
  const auto begin = Steady::now();
  EXPECT_TRUE(runner_->stop(seconds(20)));
  EXPECT_LT(Steady::now() - begin, seconds(5));
  EXPECT_EQ(peer_.deliveries().size(), 2U) << "one more try";
  EXPECT_FALSE(is_cursor_past(1));
}

TEST_F(RunnerStop, ATroubleThatBeginsThenIsTriedUntilTheDeadline) {
  start();
  ASSERT_TRUE(eventually([&] { return peer_.ticks() > 0; }));
  peer_.block(Peer::Block::kUntilInterrupted);
  store_.add(1);
  ASSERT_TRUE(eventually([&] { return peer_.is_blocking(); }));
  const auto begin = Steady::now();
  EXPECT_TRUE(runner_->stop(milliseconds(300))) << "interrupted at the deadline";
  EXPECT_GE(Steady::now() - begin, milliseconds(300));
  EXPECT_LT(Steady::now() - begin, seconds(5));
  EXPECT_FALSE(is_cursor_past(1));
}

TEST_F(RunnerStop, WaitingForTheNextTryEndsAtTheDeadline) {
  start();
  ASSERT_TRUE(eventually([&] { return peer_.ticks() > 0; }));
  // Stop comes first, the failure after it: the back-off does not end, its clock stands.
  std::atomic<bool> is_stopping{false};
  peer_.answer([&](auto messages) {
    EXPECT_TRUE(eventually([&] { return is_stopping.load(); }));
    return Delivery::again_from(0, messages.size(), Peer::refused(), seconds(100));
  });
  store_.add(1);
  ASSERT_TRUE(eventually([&] { return peer_.deliveries().size() == 1; }));
  const auto begin = Steady::now();
  std::thread release([&] { is_stopping = true; });
  EXPECT_TRUE(runner_->stop(milliseconds(300)));
  release.join();
  EXPECT_LT(Steady::now() - begin, seconds(5));
}

TEST_F(RunnerStop, WhatThePeerRefusedAndNoFileHoldsDoesNotHoldItUp) {
  options_.dead_letter_max_size = 300;
  peer_.answer([](auto messages) {
    Delivery delivery;
    for (std::size_t at = 0; at < messages.size(); ++at) {
      delivery.rejected.push_back({at, "never"});
    }
    return delivery;
  });
  store_.add(10);
  start();
  ASSERT_TRUE(
      eventually([&] { return !codes().empty() && codes().back() == "dead_letters_full"; }));
  const auto begin = Steady::now();
  EXPECT_TRUE(runner_->stop(seconds(20)));
  EXPECT_LT(Steady::now() - begin, seconds(10));
  EXPECT_FALSE(is_cursor_past(10)) << "the store has them yet";
  EXPECT_EQ(dropped_.load(), 0U);
}

// Another runner goes on behind the same cursor: nothing is left out, nothing comes twice.
TEST_F(RunnerStop, HandingOverEndsAfterTheDeliveryInHand) {
  most_messages_ = 10;
  std::atomic<bool> is_released{false};
  peer_.answer([&](auto) {
    EXPECT_TRUE(eventually([&] { return is_released.load(); }));
    return Delivery::delivered("200 OK");
  });
  store_.add(50);
  start();
  ASSERT_TRUE(eventually([&] { return peer_.deliveries().size() == 1; }));
  bool is_clean = false;
  std::thread hand_over([&] { is_clean = runner_->hand_over(seconds(20)); });
  is_released = true;
  hand_over.join();
  EXPECT_TRUE(is_clean);
  const std::size_t taken = peer_.taken().size();
  EXPECT_TRUE(is_cursor_past(taken));
  EXPECT_FALSE(is_cursor_past(taken + 1));
  start();
  ASSERT_TRUE(eventually([&] { return is_cursor_past(50); }));
  EXPECT_EQ(peer_.taken(), lines(1, 50));
}

TEST_F(RunnerStop, HandingOverInterruptsADeliveryThatDoesNotEnd) {
  peer_.block(Peer::Block::kUntilInterrupted);
  store_.add(1);
  start();
  ASSERT_TRUE(eventually([&] { return peer_.is_blocking(); }));
  const auto begin = Steady::now();
  EXPECT_TRUE(runner_->hand_over(milliseconds(200)));
  EXPECT_GE(Steady::now() - begin, milliseconds(200));
  EXPECT_LT(Steady::now() - begin, seconds(5));
  EXPECT_FALSE(is_cursor_past(1));
}

TEST_F(RunnerStop, ABlockedDestructionDoesNotHang) {
  peer_.block(Peer::Block::kUntilInterrupted);
  store_.add(1);
  start();
  ASSERT_TRUE(eventually([&] { return peer_.is_blocking(); }));
  const auto begin = Steady::now();
  runner_.reset();
  EXPECT_LT(Steady::now() - begin, seconds(5));
}

// What the thread of an output that blocks for ever uses must stay until the process ends.
struct LeftBehind {
  support::HandClock clock;
  base::Metrics metrics;
  base::Snapshot<Routing> routing{nullptr};
  support::FakeStore store;
  Peer peer;
};
LeftBehind* left_behind = nullptr;

TEST(RunnerStuck, StopSaysSoWithinTheDeadlineAndLeavesItBehind) {
  left_behind = new LeftBehind;
  left_behind->peer.block(Peer::Block::kForEver);
  left_behind->store.add(1);
  OutputRunner::Parts parts;
  parts.name = "stuck";
  parts.kind = "file";
  parts.output = left_behind->peer.output();
  parts.feed = left_behind->store.feed();
  auto runner =
      std::make_unique<OutputRunner>(std::move(parts), DeliveryOptions{}, left_behind->routing,
                                     left_behind->clock, left_behind->metrics, nullptr, nullptr);
  ASSERT_TRUE(runner->start());
  const auto begin = Steady::now();
  while (!left_behind->peer.is_blocking() && Steady::now() < begin + seconds(10)) {
    std::this_thread::yield();
  }
  ASSERT_TRUE(left_behind->peer.is_blocking());
  const auto stop = Steady::now();
  EXPECT_FALSE(runner->stop(std::chrono::milliseconds(200)));
  EXPECT_LT(Steady::now() - stop, seconds(4));
  EXPECT_FALSE(runner->stop(std::chrono::milliseconds(200))) << "it still does";
  EXPECT_EQ(runner->status().name, "stuck");
  runner.reset();
  EXPECT_TRUE(left_behind->peer.is_blocking());
}

}  // namespace
}  // namespace tiercel::output
