#include <array>
#include <cstdlib>
#include <random>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "tiercel/alert/alert_id.h"
#include "tiercel/base/clock.h"
#include "tiercel/config/routing_settings.h"

#include "runner_support.h"

namespace tiercel::output {
namespace {

using std::chrono::seconds;
using support::FakeAlert;
using support::FakeStore;

std::string id_text(std::uint64_t number) {
  return alert::to_text(alert::AlertId{FakeStore::id(number)});
}

std::string alert_body(std::uint64_t number, const std::string& rule) {
  return R"({"alert_id":")" + id_text(number) +
         R"(","hostname":"h","output":"10:00:00.000: Warning did )" + std::to_string(number) +
         R"(","output_fields":{"ka.user.name":"alice"},"priority":"Warning","rule":")" + rule +
         R"(","source":"k8s_audit","tags":["k8s"],"time":"2026-01-02T03:04:05.000000000Z"})"
         "\n";
}

class RunnerRoutes : public RunnerTest {
 protected:
  RunnerRoutes() {
    settings_.is_given = true;
    store_.shape([](std::uint64_t number, FakeAlert& alert) {
      alert.rule = number % 2 == 0 ? "even" : "odd";
      alert.body = alert_body(number, alert.rule);
    });
  }
  static config::MatcherSettings rule_is(const std::string& rule) {
    config::MatcherSettings matcher;
    matcher.name = "rule";
    matcher.values = {rule};
    return matcher;
  }
  // A silence for one rule, which has ended when the fifth alert is stored.
  void silence_the_first_odd() {
    store_.shape([](std::uint64_t number, FakeAlert& alert) {
      alert.rule = number % 2 == 0 ? "even" : "odd";
      alert.body = alert_body(number, alert.rule);
      alert.stored = support::HandClock::kStart + (number > 4 ? 2'000'000'000 : 0);
    });
    config::SilenceSettings silence;
    silence.id = "s1";
    silence.matchers = {rule_is("odd")};
    silence.starts = support::HandClock::kStart;
    silence.ends = support::HandClock::kStart + 1'000'000'000;
    settings_.is_given = false;
    settings_.silences = {silence};
    publish();
  }
  void publish() {
    base::Diagnostics diagnostics;
    const std::array<std::string, 2> outputs{"siem", "other"};
    auto routing = Routing::compile(settings_, outputs, diagnostics);
    ASSERT_NE(routing, nullptr);
    routing_.publish(std::move(routing));
  }
  void group_by_rule(std::chrono::milliseconds wait) {
    settings_.routes[0].group_by = {"rule"};
    settings_.routes[0].group_wait = wait;
    settings_.routes[0].group_interval = wait;
    publish();
  }
  // How many alerts a message stands for.
  static std::uint64_t count_of(const std::string& line) {
    constexpr std::string_view kName = "\"group.count\":";
    const std::size_t at = line.find(kName);
    return at == std::string::npos ? 1 : std::stoull(line.substr(at + kName.size()));
  }
  [[nodiscard]] std::uint64_t told() const {
    std::uint64_t all = 0;
    for (const std::string& line : peer_.taken()) {
      all += count_of(line);
    }
    return all;
  }

  config::RoutingSettings settings_;
};

TEST_F(RunnerRoutes, PassesWhatNoRouteBringsHere) {
  config::RouteSettings route;
  route.matchers = {rule_is("even")};
  route.outputs = {"other"};
  settings_.routes = {{}, route};
  settings_.routes[0].routes = {1};
  publish();
  store_.add(10);
  start();
  ASSERT_TRUE(eventually([&] { return is_cursor_past(10); }));
  EXPECT_EQ(peer_.taken().size(), 5U);
  EXPECT_TRUE(runner_->stop(seconds(5)));
  EXPECT_EQ(runner_->status().filtered, 5U);
}

TEST_F(RunnerRoutes, PassesWhatASilenceHoldsBackUntilItEnds) {
  silence_the_first_odd();
  store_.add(4);
  start();
  ASSERT_TRUE(eventually([&] { return is_cursor_past(4); }));
  EXPECT_EQ(peer_.taken().size(), 2U);
  clock_.pass_seconds(2);
  store_.add(4);
  ASSERT_TRUE(eventually([&] { return is_cursor_past(8); }));
  EXPECT_EQ(peer_.taken().size(), 6U);
  EXPECT_TRUE(runner_->stop(seconds(5)));
  EXPECT_EQ(runner_->status().silenced, 2U);
  EXPECT_EQ(metrics_.value(base::Metric::kOutputSilenced), 2U);
}

// What comes late to an output meets the silences of the time at which it was stored.
TEST_F(RunnerRoutes, ASilenceIsAskedForTheTimeOfStoring) {
  silence_the_first_odd();
  store_.add(4);             // while it is in force
  clock_.pass_seconds(100);  // nobody reads
  store_.add(4);             // after its end
  start();
  ASSERT_TRUE(eventually([&] { return is_cursor_past(8); }));
  EXPECT_EQ(peer_.taken().size(), 6U);
  EXPECT_TRUE(runner_->stop(seconds(5)));
  EXPECT_EQ(runner_->status().silenced, 2U);
}

TEST_F(RunnerRoutes, WritesTheRoutesTemplate) {
  settings_.routes[0].message_template = "look at %rule";
  publish();
  store_.add(2);
  start();
  ASSERT_TRUE(eventually([&] { return is_cursor_past(2); }));
  EXPECT_NE(peer_.taken()[0].find("look at odd"), std::string::npos) << peer_.taken()[0];
  EXPECT_NE(peer_.taken()[1].find("look at even"), std::string::npos);
}

TEST_F(RunnerRoutes, TheCursorStaysBeforeAlertsThatNoMessageHasToldOf) {
  group_by_rule(seconds(30));
  store_.add(1000);
  start();
  ASSERT_TRUE(eventually([&] { return runner_->status().open_groups == 2; }));
  EXPECT_EQ(peer_.deliveries().size(), 0U);
  EXPECT_LT(store_.cursor(), FakeStore::position(1));
  ASSERT_TRUE(eventually_with_time([&] { return is_cursor_past(1000); }));
  EXPECT_EQ(peer_.taken().size(), 2U);
  EXPECT_EQ(told(), 1000U);
  EXPECT_EQ(runner_->status().grouped, 998U) << "beside the two messages";
  EXPECT_EQ(runner_->status().open_groups, 0U);
}

TEST_F(RunnerRoutes, AGroupsMessageIsDeliveredLikeAnAlert) {
  group_by_rule(seconds(30));
  peer_.fail(2);
  store_.add(10);
  start();
  ASSERT_TRUE(eventually([&] { return runner_->status().open_groups == 2; }));
  ASSERT_TRUE(eventually_with_time([&] { return runner_->status().failures > 0; }));
  EXPECT_LT(store_.cursor(), FakeStore::position(1));
  ASSERT_TRUE(eventually_with_time([&] { return is_cursor_past(10); }));
  EXPECT_EQ(told(), 10U);
}

TEST_F(RunnerRoutes, StopTellsOfWhatIsGrouped) {
  group_by_rule(seconds(30));
  store_.add(10);
  start();
  ASSERT_TRUE(eventually([&] { return runner_->status().open_groups == 2; }));
  EXPECT_TRUE(runner_->stop(seconds(10)));
  EXPECT_EQ(told(), 10U);
  EXPECT_TRUE(is_cursor_past(10));
}

TEST_F(RunnerRoutes, AReloadTellsOfWhatIsGrouped) {
  group_by_rule(seconds(3000));
  store_.add(10);
  start();
  ASSERT_TRUE(eventually([&] { return runner_->status().open_groups == 2; }));
  settings_.routes[0].group_by.clear();
  publish();
  store_.add(1);
  ASSERT_TRUE(eventually([&] { return is_cursor_past(11); }));
  EXPECT_EQ(peer_.taken().size(), 3U);
  EXPECT_EQ(told(), 11U);
}

TEST_F(RunnerRoutes, WhereTheStoreNeedsRoomAGroupsMessageGoesToTheDeadLetters) {
  group_by_rule(seconds(3000));
  store_.add(10);
  start();
  ASSERT_TRUE(eventually([&] { return runner_->status().open_groups == 2; }));
  store_.set_must_pass(FakeStore::position(10));
  ASSERT_TRUE(eventually([&] { return is_cursor_past(10); }));
  std::uint64_t all = 0;
  for (const std::string& body : letter_bodies()) {
    all += count_of(body);
  }
  EXPECT_EQ(all, 10U);
  EXPECT_EQ(peer_.deliveries().size(), 0U);
}

// Groups of at most four alerts, whose message names all of them; a peer that fails as dice
// say. Whenever the cursor moves, every alert behind it has been told of.
TEST_F(RunnerRoutes, NoCursorPassesAGroupedAlertThatNoDeliveredMessageTellsOf) {
  const char* const given = std::getenv("TIERCEL_TEST_SEED");
  const std::uint64_t seed = given != nullptr ? std::stoull(given) : std::random_device{}();
  SCOPED_TRACE("TIERCEL_TEST_SEED=" + std::to_string(seed));
  constexpr std::uint64_t kAlerts = 300;
  const base::SystemClock system_clock;
  used_clock_ = &system_clock;
  options_.retry_min = milliseconds(1);
  options_.retry_max = milliseconds(20);
  options_.breaker_failures = 0;
  options_.max_age = milliseconds(0);
  most_messages_ = 7;
  group_by_rule(milliseconds(15));
  std::mt19937_64 dice(seed);
  store_.shape([](std::uint64_t number, FakeAlert& alert) {
    alert.rule = "rule " + std::to_string(number % (kAlerts / 4));
    alert.body = alert_body(number, alert.rule);
  });
  std::set<std::uint64_t> told;  // both on the output's thread only
  store_.on_advance([&](store::Position to) {
    for (std::uint64_t number = 1; FakeStore::position(number) <= to; ++number) {
      EXPECT_TRUE(told.contains(number)) << number << " was passed, seed " << seed;
    }
  });
  for (int at = 0; at < 1000; ++at) {
    peer_.answer([&](auto messages) {
      Delivery delivery;
      const bool is_bad = dice() % 3 == 0;
      for (std::size_t which = 0; which < messages.size(); ++which) {
        if (is_bad && dice() % 2 == 0) {
          delivery.again.push_back(which);
          continue;
        }
        for (std::uint64_t number = 1; number <= kAlerts; ++number) {
          if (messages[which].line.find(id_text(number)) != std::string_view::npos) {
            told.insert(number);
          }
        }
      }
      return delivery;
    });
  }
  start();
  for (std::uint64_t at = 0; at < kAlerts; at += 10) {
    store_.add(10);
    ASSERT_TRUE(eventually([&] { return store_.highest_read() >= at; }));
  }
  ASSERT_TRUE(eventually([&] { return is_cursor_past(kAlerts); }));
  EXPECT_TRUE(runner_->stop(seconds(5)));
  EXPECT_EQ(told.size(), kAlerts);
}

}  // namespace
}  // namespace tiercel::output
