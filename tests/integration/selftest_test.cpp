// `tiercel selftest` through the real socket to the real outputs.
#include <atomic>
#include <thread>

#include "peer_server.h"
#include "selfcheck.h"

namespace tiercel::tests {
namespace {

TEST_F(SelfCheck, TheSelftestFollowsEachShippedRuleToTheOutput) {
  AuditDaemon daemon;
  ASSERT_NE(daemon.port(), 0) << daemon.process().log();
  const auto answer = run(daemon, "selftest");
  EXPECT_EQ(answer.status, 0) << answer.err << answer.out;
  const Lines lines = lines_of(answer.out);
  EXPECT_GT(lines.size(), 20U);
  std::size_t passed = 0;
  for (const std::string& line : lines) {
    if (line.starts_with("passed\t")) {
      ++passed;
      EXPECT_NE(line.find("\tfile: delivered"), std::string::npos) << line;
    } else {
      EXPECT_TRUE(line.starts_with("off\tAll K8s Audit Events\t")) << line;
    }
  }
  const Lines alerts = daemon.new_alerts();
  EXPECT_EQ(alerts.size(), passed);
  for (const std::string& alert : alerts) {
    EXPECT_TRUE(output_field(alert, "tiercel_selftest").starts_with("selftest-")) << alert;
    EXPECT_NE(alert.find("[tiercel selftest] "), std::string::npos) << alert;
  }
  EXPECT_EQ(status_of(daemon)["apiservers"], json::array()) << "a test is nobody's rhythm";
}

TEST_F(SelfCheck, ARuleThatCannotBeTestedIsNotCountedAsPassed) {
  const std::string rules = folder_.write(
      "rules.yaml", every_event_rule() +
                        "- rule: Never\n  condition: ka.verb = a and ka.verb = b\n  desc: d\n"
                        "  output: o\n  priority: INFO\n  source: k8s_audit\n");
  AuditDaemon daemon({rules});
  ASSERT_NE(daemon.port(), 0) << daemon.process().log();
  const auto answer = run(daemon, "selftest", {"--json"});
  EXPECT_EQ(answer.status, 3) << answer.err << answer.out;
  const Lines lines = lines_of(answer.out);
  ASSERT_EQ(lines.size(), 2U) << answer.out;
  EXPECT_EQ(json::parse(lines[0])["result"], "passed") << answer.out;
  EXPECT_EQ(json::parse(lines[1])["result"], "untested") << answer.out;
  EXPECT_NE(answer.err.find("2 rules: 1 passed, 0 failed, 0 stored only, 1 untested, 0 switched"),
            std::string::npos)
      << answer.err;
}

TEST_F(SelfCheck, WhatNobodyIsToldOfIsNotPassed) {
  AuditDaemon daemon({folder_.write("rules.yaml", every_event_rule())},
                     {"-o", "file_output.minimum_priority=emergency"});
  ASSERT_NE(daemon.port(), 0) << daemon.process().log();
  const auto answer =
      run(daemon, "selftest", {"--json", "-o", "file_output.minimum_priority=emergency"});
  EXPECT_EQ(answer.status, 3) << answer.err << answer.out;
  EXPECT_EQ(json::parse(answer.out)["result"], "stored") << answer.out;
  // The daemon's own say is what counts: it delivers nothing, whatever this configuration has.
  const auto other = run(daemon, "selftest", {"--json", "--timeout", "1"});
  EXPECT_EQ(other.status, 1) << other.err << other.out;
  EXPECT_NE(other.out.find("has delivered 0 of 1"), std::string::npos) << other.out;
}

TEST_F(SelfCheck, ATextAlertIsRecognisedToo) {
  AuditDaemon daemon({folder_.write("rules.yaml", every_event_rule())},
                     {"-o", "json_output=false"});
  ASSERT_NE(daemon.port(), 0) << daemon.process().log();
  const auto answer = run(daemon, "selftest", {"-o", "json_output=false"});
  EXPECT_EQ(answer.status, 0) << answer.err << answer.out;
}

TEST_F(SelfCheck, TheSelftestSaysWhereNobodyAnswersOrOtherRulesAreInForce) {
  AuditDaemon daemon({folder_.write("rules.yaml", every_event_rule())});
  ASSERT_NE(daemon.port(), 0) << daemon.process().log();
  folder_.write("rules.yaml", every_event_rule("Another"));
  const auto other = run(daemon, "selftest");
  EXPECT_EQ(other.status, 1);
  EXPECT_NE(other.err.find("other rules in force"), std::string::npos) << other.err;
  const auto nobody = run(daemon, "selftest", {"-o", "admin.listen_port=1"});
  EXPECT_EQ(nobody.status, 1);
  EXPECT_NE(nobody.err.find("no daemon answers"), std::string::npos) << nobody.err;
}

TEST_F(SelfCheck, ARuleThatIsDisabledForAWhileIsNamedAndNoDifference) {
  const std::string rules =
      folder_.write("rules.yaml", every_event_rule("Loud") + every_event_rule("Other"));
  folder_.write("disabled-rules.json",
                R"([{"rule":"Loud","until":4102444800000000000}])");  // 2100
  const Lines option{"-o", "store.path=" + folder_.path(), "-o", "rule_matching=all"};
  AuditDaemon daemon({rules}, option);
  ASSERT_NE(daemon.port(), 0) << daemon.process().log();
  Lines words{"--json"};
  words.insert(words.end(), option.begin(), option.end());
  const auto doctor = run(daemon, "doctor", words);
  const std::string found = findings_of(doctor, "daemon");
  EXPECT_TRUE(found.starts_with("good: answers on ")) << doctor.out;
  EXPECT_NE(found.find("warning: rule 'Loud' is disabled until "), std::string::npos) << found;
  const auto selftest = run(daemon, "selftest", words);
  EXPECT_EQ(selftest.status, 0) << selftest.err << selftest.out;
  EXPECT_NE(selftest.err.find("rule 'Loud' is disabled until "), std::string::npos);
  EXPECT_EQ(lines_of(selftest.out).size(), 1U) << selftest.out;
}

// Alerts of others keep every output behind; those of the test are delivered all the same.
TEST_F(SelfCheck, OnABusyClusterOnlyTheTestsOwnAlertsAreWaitedFor) {
  constexpr std::size_t kBehind = 20;
  support::PeerServer peer;
  peer.answer_with([](const support::PeerRequest&) {
    return support::PeerAnswer{.delay = std::chrono::milliseconds(50)};
  });
  const Lines options{"-o", "http_output.enabled=true", "-o", "http_output.url=" + peer.url()};
  AuditDaemon daemon({folder_.write("rules.yaml", every_event_rule())}, options);
  ASSERT_NE(daemon.port(), 0) << daemon.process().log();
  std::atomic<bool> is_over{false};
  std::thread others([&] {
    for (std::size_t posted = 0; !is_over;) {
      // A post takes as long as a commit, a delivery longer: some always wait.
      if (posted > kBehind) {
        EXPECT_TRUE(peer.wait_for(posted - kBehind));
      }
      EXPECT_EQ(daemon.post(event_list(Lines{small_event("o" + std::to_string(posted++))})), 200);
    }
  });
  // What is said of outputs is a second old at the most.
  EXPECT_TRUE(support::wait_until([&daemon] {
    for (const json& one : json::parse(daemon.get("/outputs"), nullptr, false)) {
      if (one["name"] == "http" && one["lag_alerts"] > 0) {
        return true;
      }
    }
    return false;
  }));
  Lines words{"--json", "--timeout", "15"};
  words.insert(words.end(), options.begin(), options.end());
  const auto answer = run(daemon, "selftest", words);
  is_over = true;
  others.join();
  EXPECT_EQ(answer.status, 0) << answer.err << answer.out;
}

// The port knows the sender by its token, and its name counts more than what an event says.
TEST_F(ProvedClient, TheSelftestKnowsInWhoseNameItPosts) {
  const Lines options = this->options();
  AuditDaemon daemon(
      {folder_.write("rules.yaml", cluster_rule("production") + cluster_rule("staging"))}, options);
  ASSERT_NE(daemon.port(), 0) << daemon.process().log();
  Lines words{"--json", "--token-file", token_};
  words.insert(words.end(), options.begin(), options.end());
  const auto answer = run(daemon, "selftest", words);
  EXPECT_EQ(answer.status, 3) << answer.err << answer.out;
  const Lines lines = lines_of(answer.out);
  ASSERT_EQ(lines.size(), 2U) << answer.out << answer.err;
  EXPECT_EQ(json::parse(lines[0])["result"], "passed") << answer.out;
  EXPECT_EQ(json::parse(lines[1])["result"], "untested") << answer.out;
}

}  // namespace
}  // namespace tiercel::tests
