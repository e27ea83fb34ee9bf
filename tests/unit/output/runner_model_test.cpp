#include <cstdlib>
#include <map>
#include <mutex>
#include <random>
#include <set>

#include <gtest/gtest.h>

#include "tiercel/base/clock.h"

#include "runner_support.h"

namespace tiercel::output {
namespace {

using std::chrono::seconds;
using support::FakeAlert;
using support::FakeStore;

std::uint64_t number_of(std::string_view line) {
  const std::size_t at = line.find(':');
  return at == std::string_view::npos ? 0 : std::stoull(std::string(line.substr(at + 1)));
}

std::uint64_t chosen_seed() {
  const char* const given = std::getenv("TIERCEL_TEST_SEED");
  return given != nullptr ? std::stoull(given) : std::random_device{}();
}

// A peer that takes, refuses and fails as dice say; whatever it does, no cursor may pass an
// alert that was neither taken nor put on the disk.
class RunnerModel : public RunnerTest {
 protected:
  RunnerModel() : dice_(seed_) {
    used_clock_ = &system_clock_;
    options_.retry_min = milliseconds(1);
    options_.retry_max = milliseconds(20);
    options_.breaker_failures = 4;
    options_.breaker_pause = milliseconds(20);
    options_.minimum_priority = base::Priority::kWarning;
    most_messages_ = 9;
    store_.shape([](std::uint64_t number, FakeAlert& alert) {
      alert.priority = number % 7 == 0 ? 6 : 4;
      alert.stored = base::SystemClock().now();
    });
    store_.on_advance([this](store::Position to) { check(to); });
    for (int at = 0; at < 4000; ++at) {
      peer_.answer([this](auto messages) { return throw_dice(messages); });
    }
  }

  Delivery throw_dice(std::span<const Message> messages) {
    const std::lock_guard lock(model_);
    Delivery delivery;
    const auto mood = dice_() % 10;
    for (std::size_t at = 0; at < messages.size(); ++at) {
      const std::uint64_t number = number_of(messages[at].line);
      EXPECT_EQ(messages[at].line, messages[at].alert->body);
      EXPECT_EQ(messages[at].alert->position, FakeStore::position(number));
      const auto fate = dice_() % 10;
      if (mood < 3 || (mood < 6 && fate < 4)) {
        delivery.again.push_back(at);
      } else if (fate == 9) {
        delivery.rejected.push_back({at, "refused"});
      } else {
        taken_.insert(number);
      }
    }
    if (!delivery.again.empty()) {
      delivery.error = support::Peer::refused();
    }
    return delivery;
  }

  // What a restart would skip must be accounted for at this moment.
  void check(store::Position to) {
    std::set<std::uint64_t> buried;
    for (const std::string& body : letter_bodies()) {
      buried.insert(number_of(body));
    }
    const std::lock_guard lock(model_);
    for (std::uint64_t number = 1; FakeStore::position(number) <= to; ++number) {
      EXPECT_TRUE(number % 7 == 0 || taken_.contains(number) || buried.contains(number))
          << number << " was passed by the cursor " << to << ", seed " << seed_;
    }
    EXPECT_GE(to, highest_) << "seed " << seed_;
    highest_ = to;
  }

  const std::uint64_t seed_ = chosen_seed();
  const base::SystemClock system_clock_;
  std::mutex model_;
  std::mt19937_64 dice_;
  std::set<std::uint64_t> taken_;
  store::Position highest_ = 0;
};

TEST_F(RunnerModel, NoCursorPassesAnAlertThatIsNotAccountedFor) {
  SCOPED_TRACE("TIERCEL_TEST_SEED=" + std::to_string(seed_));
  constexpr std::uint64_t kAlerts = 400;
  std::uint64_t stored = kAlerts / 2;
  store_.add(stored);
  for (int life = 0; life < 5; ++life) {
    start();
    store_.add(kAlerts / 10);
    stored += kAlerts / 10;
    const auto before = peer_.deliveries().size();
    ASSERT_TRUE(eventually(
        [&] { return peer_.deliveries().size() >= before + 15 || is_cursor_past(stored); }));
    if (life == 2) {
      store_.set_must_pass(store_.cursor() + FakeStore::position(20));
    }
    EXPECT_TRUE(runner_->stop(milliseconds(10)));
  }
  start();
  ASSERT_TRUE(eventually([&] { return is_cursor_past(kAlerts); }));
  EXPECT_TRUE(runner_->stop(seconds(5)));
}

}  // namespace
}  // namespace tiercel::output
