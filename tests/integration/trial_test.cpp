// The daemon on a disk that does not answer, and with a clock that jumps (trial_daemon.cpp).
#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <future>
#include <memory>
#include <set>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "harness.h"
#include "notify_socket.h"

namespace tiercel::tests {
namespace {

namespace fs = std::filesystem;

class Trial : public testing::Test {
 protected:
  void start(const Lines& more, Lines program = {}) {
    Lines all{"-o", "store.path=" + folder_.path("store"), "-o",
              "file_output.filename=" + folder_.path("alerts.log")};
    all.insert(all.end(), more.begin(), more.end());
    program.insert(program.end(), {TRIAL_DAEMON, "ordinary", "0", folder_.path()});
    daemon_ = std::make_unique<AuditDaemon>(Lines{folder_.write("rules.yaml", every_event_rule())},
                                            all, program);
    ASSERT_NE(daemon_->port(), 0) << daemon_->process().log();
  }
  [[nodiscard]] static std::string batch(const std::string& id) {
    return event_list(Lines{small_event(id + "-1"), small_event(id + "-2")});
  }
  // The auditIDs in the store, sorted.
  [[nodiscard]] std::string stored() const {
    const auto history =
        support::run_program({"alerts", "--json", "--store", folder_.path("store")});
    EXPECT_EQ(history.status, 0) << history.err;
    std::multiset<std::string> ids;
    for (const std::string& alert : lines_of(history.out)) {
      ids.insert(output_field(alert, "ka.auditid"));
    }
    ids.erase("");  // of its own
    std::string text;
    for (const std::string& id : ids) {
      text += id + " ";
    }
    return text;
  }
  void stop() {
    daemon_->process().signal(SIGTERM);
    EXPECT_EQ(daemon_->process().wait(), 0) << daemon_->process().log();
  }

  const support::TempDir folder_;
  std::unique_ptr<AuditDaemon> daemon_;
};

TEST_F(Trial, WhatIsNotCommittedInTimeIsAnswered503AndItsRepeatIsStoredOnce) {
  start({"-o", "store.append_timeout=300ms", "-o", "store.durability=full"});
  ASSERT_EQ(daemon_->post(batch("before")), 200);
  ASSERT_TRUE(daemon_->has_delivered());
  std::ofstream(folder_.path("stall")).flush();
  EXPECT_EQ(daemon_->post(batch("stalled")), 503) << daemon_->process().log();
  EXPECT_EQ(daemon_->post(event_list(Lines{})), 200) << "no alerts, nothing to wait for";
  EXPECT_TRUE(daemon_->is_healthy());
  EXPECT_TRUE(daemon_->process().wait_for_log("were not written within 300ms"))
      << daemon_->process().log();
  EXPECT_EQ(daemon_->post(batch("stalled")), 503);
  fs::remove(folder_.path("stall"));
  EXPECT_TRUE(support::wait_until([&] { return daemon_->post(batch("stalled")) == 200; }));
  EXPECT_TRUE(daemon_->has_delivered());
  stop();
  EXPECT_EQ(stored(), "before-1 before-2 stalled-1 stalled-2 ");
  const auto in_file = lines_of_file(folder_.path("alerts.log"));
  EXPECT_EQ(in_file.size(), 4U);
}

// The main thread goes on, yet nothing is stored: the service manager is to start it anew.
TEST_F(Trial, TheWatchdogIsNotFedWhileTheStoreHangs) {
  const support::NotifySocket notify;
  start({"-o", "store.append_timeout=300ms", "-o", "store.durability=full"},
        {"/usr/bin/env", notify.variable(), "WATCHDOG_USEC=400000"});
  EXPECT_EQ(notify.next_of("WATCHDOG=1"), "WATCHDOG=1");
  using std::chrono::steady_clock;
  const auto since = [](steady_clock::time_point then) {
    return std::chrono::duration<double, std::milli>(steady_clock::now() - then).count();
  };
  std::ofstream(folder_.path("stall")).flush();
  const auto stalled = steady_clock::now();
  auto answer = std::async(std::launch::async, [this] { return daemon_->post(batch("stalled")); });
  // For a while, then not for several times the interval.
  double fed = 0;
  while (!notify.next(std::chrono::milliseconds(1000)).empty()) {
    fed = since(stalled);
  }
  EXPECT_EQ(answer.get(), 503);
  ASSERT_TRUE(daemon_->process().wait_for_log("the alert store's writer has not come round for"))
      << daemon_->process().log();
  EXPECT_EQ(notify.next(std::chrono::milliseconds(1000)), "");
  EXPECT_TRUE(daemon_->is_healthy()) << "nobody else would notice";
  fs::remove(folder_.path("stall"));
  const auto mended = steady_clock::now();
  EXPECT_EQ(notify.next_of("WATCHDOG=1"), "WATCHDOG=1");
  std::printf(
      "a watchdog of 400 ms: last fed %.0f ms after the store began to hang, again %.0f ms "
      "after it went on\n",
      fed, since(mended));
  stop();
}

TEST_F(Trial, AClockThatJumpsIsToldOfAndLosesAndRepeatsNothing) {
  const std::string clock = folder_.write("clock", std::string(sizeof(std::int64_t), '\0'));
  const auto jump_to = [&](std::int64_t hours) {
    std::fstream file(clock, std::ios::binary | std::ios::in | std::ios::out);
    const std::int64_t ahead = hours * 3600 * 1'000'000'000;
    file.write(reinterpret_cast<const char*>(&ahead), sizeof(ahead));
  };
  start({});
  ASSERT_EQ(daemon_->post(batch("one")), 200);
  const std::int64_t years = 24 * 365 * 20;
  jump_to(years);
  EXPECT_TRUE(daemon_->process().wait_for_log(" s forward")) << daemon_->process().log();
  // What came before the jump comes again: a duplicate though its segment is 20 years old now.
  ASSERT_EQ(daemon_->post(batch("two")), 200);
  ASSERT_EQ(daemon_->post(batch("one")), 200);
  jump_to(-years / 2);
  EXPECT_TRUE(daemon_->process().wait_for_log(" s back")) << daemon_->process().log();
  ASSERT_EQ(daemon_->post(batch("three")), 200);
  ASSERT_EQ(daemon_->post(batch("two")), 200);
  EXPECT_TRUE(support::wait_until([&] {
    const Lines own = lines_of_file(folder_.path("alerts.log"));
    return std::count_if(own.begin(), own.end(), [](const std::string& alert) {
             return rule_of(alert) == "tiercel: clock_jumped";
           }) == 2;
  }));
  stop();
  EXPECT_EQ(stored(), "one-1 one-2 three-1 three-2 two-1 two-2 ");
  EXPECT_FALSE(fs::exists(folder_.path("store/dead-letter")));
}

}  // namespace
}  // namespace tiercel::tests
