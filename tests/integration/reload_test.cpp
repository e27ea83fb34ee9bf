// SIGHUP: a good rule set takes effect, a bad one changes nothing.
#include <atomic>
#include <csignal>
#include <filesystem>
#include <thread>

#include <gtest/gtest.h>

#include "certificates.h"
#include "harness.h"

namespace tiercel::tests {
namespace {

std::string rule_of_one_batch(AuditDaemon& daemon) {
  // Another event each time: one that comes again is told of once.
  static int number = 0;
  EXPECT_EQ(daemon.post(event_list(Lines{small_event("one" + std::to_string(++number))})), 200);
  const Lines alerts = daemon.new_alerts();
  EXPECT_EQ(alerts.size(), 1U);
  return alerts.empty() ? std::string() : rule_of(alerts.front());
}

TEST(Reload, NewRulesTakeEffect) {
  const support::TempDir folder;
  const std::string rules = folder.write("rules.yaml", every_event_rule("Old"));
  AuditDaemon daemon({rules});
  ASSERT_NE(daemon.port(), 0) << daemon.process().log();
  EXPECT_EQ(rule_of_one_batch(daemon), "Old");
  folder.write("rules.yaml", every_event_rule("New"));
  EXPECT_EQ(rule_of_one_batch(daemon), "Old");
  daemon.process().signal(SIGHUP);
  ASSERT_TRUE(daemon.process().wait_for_log("info: reloaded: 1 rule in force"))
      << daemon.process().log();
  EXPECT_EQ(rule_of_one_batch(daemon), "New");
}

TEST(Reload, BadRulesLeaveTheOldOnesInForce) {
  const support::TempDir folder;
  const std::string rules = folder.write("rules.yaml", every_event_rule("Old"));
  AuditDaemon daemon({rules});
  ASSERT_NE(daemon.port(), 0) << daemon.process().log();
  folder.write("rules.yaml", every_event_rule("New") +
                                 "- rule: Broken\n  desc: d\n"
                                 "  condition: ka.verb = (\n"
                                 "  output: o\n  priority: INFO\n"
                                 "  source: k8s_audit\n");
  daemon.process().signal(SIGHUP);
  ASSERT_TRUE(daemon.process().wait_for_log("not reloaded")) << daemon.process().log();
  EXPECT_TRUE(daemon.process().wait_for_log(rules + ":9"));
  ASSERT_TRUE(support::wait_until([&] { return daemon.own_alerts().size() == 1; }));
  const std::string alert = daemon.own_alerts().front();
  EXPECT_EQ(rule_of(alert), "tiercel: reload_failed");
  EXPECT_EQ(output_field(alert, "file"), rules);
  EXPECT_EQ(output_field(alert, "line"), "9");
  EXPECT_EQ(rule_of_one_batch(daemon), "Old");

  folder.write("rules.yaml", every_event_rule("Mended"));
  daemon.process().signal(SIGHUP);
  ASSERT_TRUE(daemon.process().wait_for_log("info: reloaded:")) << daemon.process().log();
  EXPECT_EQ(rule_of_one_batch(daemon), "Mended");
}

TEST(Reload, BadConfigurationLeavesTheOldOneInForce) {
  AuditDaemon daemon;
  ASSERT_NE(daemon.port(), 0) << daemon.process().log();
  daemon.folder().write("tiercel.yaml", "json_output: maybe\n");
  daemon.process().signal(SIGHUP);
  ASSERT_TRUE(daemon.process().wait_for_log("not reloaded")) << daemon.process().log();
  EXPECT_TRUE(support::wait_until([&] { return daemon.own_alerts().size() == 1; }));
  EXPECT_TRUE(daemon.is_healthy());
}

// The next process starts with what the files hold and would not tell of an end.
TEST(Reload, AStateThatIsHeldBackIsToldAtTheStop) {
  const support::TempDir folder;
  const std::string rules = folder.write("rules.yaml", every_event_rule());
  AuditDaemon daemon({rules});
  ASSERT_NE(daemon.port(), 0) << daemon.process().log();
  const auto reload = [&](const std::string& text, const std::string& says) {
    const auto said = [&] {
      const std::string log = daemon.process().log();
      std::size_t count = 0;
      for (std::size_t at = log.find(says); at != std::string::npos; at = log.find(says, at + 1)) {
        ++count;
      }
      return count;
    };
    const std::size_t before = said();
    folder.write("rules.yaml", text);
    daemon.process().signal(SIGHUP);
    return support::wait_until([&] { return said() > before; });
  };
  const std::string broken = every_event_rule() +
                             "- rule: Broken\n  desc: d\n  condition: ka.verb = (\n  output: o\n"
                             "  priority: INFO\n  source: k8s_audit\n";
  for (int at = 0; at < 4; ++at) {
    ASSERT_TRUE(at == 0 || reload(every_event_rule(), "that mends what could not be loaded"));
    ASSERT_TRUE(reload(broken, "not reloaded")) << daemon.process().log();
  }
  ASSERT_TRUE(support::wait_until([&] { return daemon.own_alerts().size() == 6; }));
  EXPECT_EQ(rule_of(daemon.own_alerts().back()), "tiercel: reload_recovered") << "all is not well";
  daemon.process().signal(SIGTERM);
  EXPECT_EQ(daemon.process().wait(), 0);
  const Lines alerts = daemon.own_alerts();
  ASSERT_EQ(alerts.size(), 7U) << joined(alerts);
  EXPECT_EQ(rule_of(alerts.back()), "tiercel: reload_failed");
}

TEST(Reload, NewCertificateIsUsed) {
  const support::TempDir folder;
  const auto first = support::make_certificate("first");
  const std::string pem = folder.write("both.pem", first.certificate + first.key);
  AuditDaemon daemon({shipped_rules()}, {"-o", "webserver.ssl_enabled=true", "-o",
                                         "webserver.ssl_certificate=" + pem});
  ASSERT_NE(daemon.port(), 0) << daemon.process().log();
  const auto second = support::make_certificate("second");
  support::TlsClientOptions only_second;
  only_second.ca_file = folder.write("second.pem", second.certificate);
  EXPECT_FALSE(support::HttpClient(daemon.port(), &only_second).connected());
  folder.write("both.pem", second.certificate + second.key);
  daemon.process().signal(SIGHUP);
  // The rules are read before the certificate.
  EXPECT_TRUE(support::wait_until([&] {
    return support::HttpClient(daemon.port(), &only_second).connected();
  })) << daemon.process().log();
}

/// Rules that are exchanged all the time, each time for whole ones.
class RestlessRules {
 public:
  explicit RestlessRules(const support::TempDir& folder)
      : path_(folder.write("rules.yaml", every_event_rule())), writer_([this, &folder] {
          while (!is_over_) {
            std::filesystem::rename(folder.write("next.yaml", every_event_rule()), path_);
          }
        }) {}
  ~RestlessRules() { stop(); }
  RestlessRules(const RestlessRules&) = delete;
  RestlessRules& operator=(const RestlessRules&) = delete;
  void stop() {
    is_over_ = true;
    if (writer_.joinable()) {
      writer_.join();
    }
  }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  const std::string path_;
  std::atomic<bool> is_over_{false};
  std::thread writer_;
};

constexpr const char* kRestless = "went on changing while they were read";
constexpr const char* kAgain = "loading configuration and rules again";

TEST(Reload, FilesThatChangeAllTheTimeAtTheStartAreReadAgain) {
  const support::TempDir folder;
  RestlessRules rules(folder);
  AuditDaemon daemon({rules.path()});
  ASSERT_TRUE(daemon.process().wait_for_log(kRestless)) << daemon.process().log();
  rules.stop();
  EXPECT_TRUE(
      daemon.process().wait_for_log(std::string("files changed while they were read: ") + kAgain));
  EXPECT_TRUE(daemon.process().wait_for_log("info: reloaded:")) << daemon.process().log();
}

// Whoever ends the daemon has no time for what is not used any more.
TEST(Reload, IsNotBegunByASignalToEnd) {
  const support::TempDir folder;
  RestlessRules rules(folder);
  AuditDaemon daemon({rules.path()});
  ASSERT_TRUE(daemon.process().wait_for_log(kRestless)) << daemon.process().log();
  daemon.process().signal(SIGTERM);
  EXPECT_EQ(daemon.process().wait(), 0);
  EXPECT_EQ(daemon.process().log().find(kAgain), std::string::npos) << daemon.process().log();
}

// Batches that arrive while rules are exchanged get the old rules or the new, never none.
TEST(Reload, UnderLoadEveryEventIsEvaluatedOnce) {
  const support::TempDir folder;
  const std::string rules = folder.write("rules.yaml", every_event_rule("Old"));
  AuditDaemon daemon({rules});
  ASSERT_NE(daemon.port(), 0) << daemon.process().log();
  support::HttpClient client(daemon.port());
  constexpr int kBatches = 200;
  for (int at = 0; at < kBatches; ++at) {
    if (at % 10 == 5) {
      // As an operator must: a file that is written in place can be read while it is empty.
      const std::string next =
          folder.write("next.yaml", every_event_rule(at % 20 == 5 ? "New" : "Old"));
      std::filesystem::rename(next, rules);
      daemon.process().signal(SIGHUP);
    }
    const std::string number = std::to_string(at);
    const Lines events{small_event("a" + number), small_event("b" + number)};
    EXPECT_EQ(client.exchange(support::post("/k8s_audit", event_list(events))).status, 200);
  }
  EXPECT_EQ(daemon.new_alerts().size(), 2U * kBatches);
}

}  // namespace
}  // namespace tiercel::tests
