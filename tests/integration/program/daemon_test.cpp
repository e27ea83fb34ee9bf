#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "samples.h"
#include "test_daemon.h"

namespace tiercel::integration {
namespace {

using nlohmann::json;
using support::HttpClient;
using support::read_file;

std::string shipped_rules() {
  return read_file(std::string(TIERCEL_SOURCE_DIR) + "/rules/k8s_audit_rules.yaml");
}

TEST(Daemon, APostedBatchGivesReplaysAlerts) {
  TestDaemon daemon({.rules = shipped_rules()});
  ASSERT_TRUE(daemon.is_up()) << daemon.log();
  const std::string batch = std::string(TIERCEL_TEST_DATA) + "/quickstart-batch.json";
  EXPECT_EQ(daemon.send(read_file(batch)).status, 200);
  const Finished replayed = run_process(
      {TIERCEL_BINARY, "replay", "-r", daemon.folder().path("rules.yaml"), "--json", batch});
  ASSERT_EQ(replayed.status, 0) << replayed.err;
  EXPECT_GT(daemon.alerts().size(), 3U);
  EXPECT_EQ(daemon.alerts(), lines_of(replayed.out));
  EXPECT_EQ(daemon.stop(), 0) << daemon.log();
}

TEST(Daemon, AnswersHealthAndVersions) {
  TestDaemon daemon({.rules = kDeletionRule});
  ASSERT_TRUE(daemon.is_up()) << daemon.log();
  HttpClient client(daemon.port());
  const support::HttpAnswer health = client.exchange(support::get("/healthz"));
  EXPECT_EQ(health.status, 200);
  EXPECT_EQ(health.body, R"({"status": "ok"})");
  EXPECT_EQ(health.header("Content-Type"), "application/json");
  const json versions = json::parse(HttpClient(daemon.admin_port()).exchange(support::get("/versions")).body);
  EXPECT_EQ(versions["engine_version_semver"], "0.62.0");
  EXPECT_EQ(versions["engine_version"], "62");
  EXPECT_EQ(versions["plugin_versions"]["k8saudit"], "0.18.0");
  for (const char* const key :
       {"falco_version", "libs_version", "plugin_api_version", "driver_api_version",
        "driver_schema_version", "default_driver_version", "tiercel_version", "rules_hash"}) {
    EXPECT_TRUE(versions[key].is_string()) << key;
  }
  EXPECT_EQ(client.exchange(support::get("/other")).status, 404);
}

TEST(Daemon, ABadBodyIsKeptCountedAndReported) {
  TestDaemon daemon({.rules = kDeletionRule});
  ASSERT_TRUE(daemon.is_up()) << daemon.log();
  EXPECT_EQ(daemon.send("{\"kind\": \"EventL").status, 200);
  // Nobody waits for an alert of our own, so the answer may come before it.
  ASSERT_TRUE(wait_until([&] { return daemon.alerts().size() == 1; }));
  const json alert = json::parse(daemon.alerts()[0]);
  EXPECT_TRUE(alert["rule"].get<std::string>().starts_with("tiercel: ")) << alert;
  EXPECT_EQ(alert["source"], "tiercel");
  EXPECT_EQ(alert["output_fields"]["peer"], "127.0.0.1");
  const std::string kept = alert["output_fields"]["quarantined_as"];
  EXPECT_EQ(read_file(daemon.folder().path("quarantine/" + kept)), "{\"kind\": \"EventL");
  EXPECT_EQ(daemon.stop(), 0);
  EXPECT_NE(daemon.log().find("quarantined_bodies"), std::string::npos) << daemon.log();
}

TEST(Daemon, ABadItemCostsNoOther) {
  TestDaemon daemon({.rules = kDeletionRule});
  ASSERT_TRUE(daemon.is_up()) << daemon.log();
  EXPECT_EQ(daemon.send(list_of({event("1", "delete"), "{\"a\": nonsense}", event("3", "delete")}))
                .status,
            200);
  std::vector<std::string> rules;
  for (const std::string& line : daemon.alerts()) {
    rules.push_back(json::parse(line)["output"]);
  }
  ASSERT_EQ(rules.size(), 3U);
  EXPECT_NE(rules[0].find("tiercel: "), std::string::npos) << rules[0];
  EXPECT_TRUE(rules[1].ends_with("(id=1)")) << rules[1];
  EXPECT_TRUE(rules[2].ends_with("(id=3)")) << rules[2];
}

TEST(Daemon, ABatchSentTwiceMakesNoSecondAlert) {
  TestDaemon daemon({.rules = kDeletionRule});
  ASSERT_TRUE(daemon.is_up()) << daemon.log();
  EXPECT_EQ(daemon.send(list_of({event("1", "delete")})).status, 200);
  EXPECT_EQ(daemon.send(list_of({event("1", "delete")})).status, 200);
  EXPECT_EQ(daemon.send(list_of({event("2", "delete"), event("1", "delete")})).status, 200);
  EXPECT_EQ(daemon.alerts().size(), 2U);
}

TEST(Daemon, ALargeBodyIsEvaluatedInWindows) {
  TestDaemon daemon({.rules = kDeletionRule, .more_config = "limits: {whole_body: 64KiB}\n"});
  ASSERT_TRUE(daemon.is_up()) << daemon.log();
  std::vector<std::string> items;
  for (int number = 0; number < 2000; ++number) {
    items.push_back(event(std::to_string(number), number % 2 == 0 ? "delete" : "get"));
  }
  EXPECT_EQ(daemon.send(list_of(items)).status, 200);
  ASSERT_EQ(daemon.alerts().size(), 1000U);
  EXPECT_NE(daemon.alerts().back().find("(id=1998)"), std::string::npos);
}

TEST(Daemon, WritesToStandardOutputTooAndNothingElseThere) {
  TestDaemon daemon({.rules = kDeletionRule, .more_config = "stdout_output: {enabled: true}\n"});
  ASSERT_TRUE(daemon.is_up()) << daemon.log();
  EXPECT_EQ(daemon.send(list_of({event("1", "delete")})).status, 200);
  EXPECT_EQ(daemon.stop(), 0);
  EXPECT_EQ(read_file(daemon.folder().path("stdout.log")), read_file(daemon.alert_file()));
  EXPECT_EQ(daemon.alerts().size(), 1U);
}

TEST(Daemon, WritesItsPidAndEndsAfterSeconds) {
  TestDaemon daemon({.rules = kDeletionRule, .arguments = {"-P", "pid", "-M", "1"}});
  ASSERT_TRUE(daemon.is_up()) << daemon.log();
  EXPECT_EQ(daemon.process().wait(), 0) << daemon.log();
  EXPECT_EQ(read_file(daemon.folder().path("pid")), std::to_string(daemon.process().id()));
}

}  // namespace
}  // namespace tiercel::integration
