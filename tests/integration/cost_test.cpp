// What the rules cost: of a running daemon, and over recorded events.
#include <csignal>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "harness.h"

namespace tiercel::tests {
namespace {

using nlohmann::json;
using support::run_program;

constexpr const char* kTail = "  desc: d\n  output: o\n  priority: INFO\n  source: k8s_audit\n";

std::string two_rules() {
  return every_event_rule() + "- rule: Never\n  condition: ka.verb = never\n" + kTail;
}

Lines small_events(int count) {
  Lines events;
  for (int at = 0; at < count; ++at) {
    events.push_back(small_event("e" + std::to_string(at)));
  }
  return events;
}

class Cost : public testing::Test {
 protected:
  [[nodiscard]] support::ProgramResult ask(AuditDaemon& daemon, const Lines& more) const {
    Lines arguments{"rules", "--cost",
                    "-c",    daemon.folder().path("tiercel.yaml"),
                    "-o",    "admin.listen_port=" + std::to_string(daemon.admin_port())};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_program(arguments);
  }

  support::TempDir folder_;
  const std::string rules_ = folder_.write("rules.yaml", two_rules());
};

TEST_F(Cost, OfTheRunningDaemonsRulesIsShown) {
  AuditDaemon daemon({rules_});
  ASSERT_NE(daemon.port(), 0) << daemon.process().log();
  EXPECT_EQ(daemon.post(event_list(small_events(3'000))), 200);
  const auto answer = ask(daemon, {"--json"});
  ASSERT_EQ(answer.status, 0) << answer.err;
  const json report = json::parse(answer.out, nullptr, false);
  ASSERT_TRUE(report.is_object()) << answer.out;
  ASSERT_EQ(report["rules"].size(), 2U) << answer.out;
  const json& first = report["rules"][0];
  const json& every = first["name"] == "Every event" ? first : report["rules"][1];
  EXPECT_EQ(every["matches"], 3'000) << "matches are exact";
  EXPECT_GE(every["matches_a_minute"], 60);
  EXPECT_TRUE(every["finding"].get<std::string>().starts_with("noisy: 100 % of all alerts, "))
      << answer.out;
  EXPECT_EQ(report["rule_count"], 2);

  const auto text = ask(daemon, {});
  ASSERT_EQ(text.status, 0) << text.err;
  EXPECT_NE(text.out.find("2 rules in force, rule set "), std::string::npos) << text.out;
  EXPECT_NE(text.out.find(" 3,000 "), std::string::npos) << text.out;
  EXPECT_NE(text.out.find("Every event  noisy: 100 % of all alerts, "), std::string::npos)
      << text.out;

  // With as many rows as are asked for, and what is wrong beside.
  support::HttpClient client(daemon.admin_port());
  const auto one = json::parse(client.exchange(support::get("/rules?top=1")).body, nullptr, false);
  ASSERT_TRUE(one.is_object());
  EXPECT_EQ(one["rules"].size(), 1U) << one.dump();
  EXPECT_EQ(one["rules"][0]["name"], "Every event");
  EXPECT_EQ(one["sample_every"].get<int>() % 509, 0) << one.dump();
  // None given is 100, and 0 is all.
  const json all = json::parse(ask(daemon, {"--top", "0", "--json"}).out, nullptr, false);
  ASSERT_TRUE(all.is_object());
  EXPECT_EQ(all["rules"].size(), 2U);
  EXPECT_LE(one["checks"].size(), 1U);
}

// About one event in 509 is measured; 20,000 of them cannot all be missed.
TEST_F(Cost, AddsUpInTheStatus) {
  const std::string rules = folder_.write(
      "nobody.yaml", std::string("- rule: Nobody\n  condition: ka.user.name = nobody\n") + kTail);
  AuditDaemon daemon({rules}, {"-o", "io_threads=1"});
  ASSERT_NE(daemon.port(), 0) << daemon.process().log();
  for (int batch = 0; batch < 4; ++batch) {
    ASSERT_EQ(daemon.post(event_list(small_events(5'000))), 200);
  }
  json counters;
  EXPECT_TRUE(support::wait_until([&] {
    support::HttpClient client(daemon.admin_port());
    counters =
        json::parse(client.exchange(support::get("/status")).body, nullptr, false)["counters"];
    return counters.value("evaluation_measured_events_total", 0) > 0;
  }));
  EXPECT_GT(counters["evaluation_measured_nanoseconds_total"], 0);
  EXPECT_LT(counters["evaluation_measured_events_total"], 20'000 / 509 * 4);
  const json report = json::parse(ask(daemon, {"--json"}).out, nullptr, false);
  EXPECT_GT(report["measured_events"], 0);
  EXPECT_GT(report["nanoseconds_per_event"], 0);
  EXPECT_FALSE(report["checks"].empty());
}

TEST_F(Cost, BeginsAnewWithAReload) {
  AuditDaemon daemon({rules_});
  ASSERT_NE(daemon.port(), 0) << daemon.process().log();
  EXPECT_EQ(daemon.post(event_list(small_events(10))), 200);
  const json before = json::parse(ask(daemon, {"--json"}).out, nullptr, false);
  folder_.write("rules.yaml", every_event_rule("Another name"));
  daemon.process().signal(SIGHUP);
  ASSERT_TRUE(daemon.process().wait_for_log("info: reloaded:")) << daemon.process().log();
  EXPECT_EQ(daemon.post(event_list(small_events(5))), 200);
  const json after = json::parse(ask(daemon, {"--json"}).out, nullptr, false);
  ASSERT_EQ(after["rules"].size(), 1U) << after.dump();
  EXPECT_EQ(after["rules"][0]["name"], "Another name");
  EXPECT_EQ(after["rules"][0]["matches"], 5);
  EXPECT_NE(after["hash"], before["hash"]);
  // Known only where nobody else took memory meanwhile; and where the heap tells it, to `check`
  // too.
  EXPECT_TRUE(after["memory_bytes"].is_null());
  const std::string checked = run_program({"check", "-r", shipped_rules()}).out;
  EXPECT_EQ(before["memory_bytes"].is_null(), checked.find("; they hold ") == std::string::npos)
      << before.dump() << checked;
}

TEST_F(Cost, IsNotShownWhereNoDaemonAnswers) {
  std::uint16_t port = 0;
  {
    AuditDaemon daemon({rules_});
    port = daemon.admin_port();
    ASSERT_NE(port, 0);
  }
  const std::string config = folder_.write("no_port.yaml", "admin: {listen_port: 0}\n");
  const auto gone = run_program(
      {"rules", "--cost", "-c", config, "-o", "admin.listen_port=" + std::to_string(port)});
  EXPECT_EQ(gone.status, 1);
  EXPECT_EQ(gone.out, "");
  EXPECT_NE(
      gone.err.find("no daemon answers on http://127.0.0.1:" + std::to_string(port) + "/rules"),
      std::string::npos)
      << gone.err;
  const auto no_port = run_program({"rules", "--cost", "-c", config});
  EXPECT_EQ(no_port.status, 1);
  EXPECT_NE(no_port.err.find("no admin port"), std::string::npos) << no_port.err;
  const auto other_rules = run_program({"rules", "--cost", "-r", rules_});
  EXPECT_EQ(other_rules.status, 2);
  EXPECT_NE(other_rules.err.find("--events"), std::string::npos) << other_rules.err;
  EXPECT_EQ(run_program({"rules", "--top", "3", "-r", rules_}).status, 2);
}

TEST_F(Cost, IsMeasuredOverRecordedEvents) {
  const Lines events(bulk().begin(), bulk().begin() + 3'000);
  const std::string file = folder_.write("events.jsonl", joined(events) + "\nbroken\n");
  const auto result = run_program(
      {"rules", "--cost", "--json", "--top", "0", "-r", shipped_rules(), "--events", file});
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(result.err, "unreadable lines or events: 1; tiercel replay tells which and why\n");
  const json report = json::parse(result.out, nullptr, false);
  ASSERT_TRUE(report.is_object()) << result.out;
  EXPECT_EQ(report["measured_events"], 3'000);
  EXPECT_EQ(report["sample_every"], 1);
  EXPECT_GT(report["seconds"], 0);
  // Exactly what replay alerts on.
  std::map<std::string, std::uint64_t> alerts;
  for (const std::string& alert : replayed({shipped_rules()}, events)) {
    ++alerts[rule_of(alert)];
  }
  EXPECT_FALSE(alerts.empty());
  std::map<std::string, std::uint64_t> matches;
  double share = report["index_share"];
  for (const json& rule : report["rules"]) {
    share += rule["share"].get<double>();
    if (rule["matches"] != 0) {
      matches[rule["name"]] = rule["matches"];
    }
  }
  EXPECT_EQ(matches, alerts);
  EXPECT_NEAR(share, 1, 0.1);
  EXPECT_EQ(report["rules"].size(), report["rule_count"]);
}

}  // namespace
}  // namespace tiercel::tests
