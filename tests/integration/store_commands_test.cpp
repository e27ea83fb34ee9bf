// The commands that work on the store: alerts, alerts verify, store backup, outputs test.
#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tiercel/base/metrics.h"

#include "crash_loader.h"
#include "follower.h"
#include "harness.h"
#include "peer_server.h"

namespace tiercel::tests {
namespace {

using support::run_program;

// A daemon with three alerts in its store: two rules, two users, an hour between.
class StoreCommands : public testing::Test {
 protected:
  void SetUp() override {
    const std::string rules = rules_.write(
        "rules.yaml",
        "- rule: Deletes\n  desc: d\n  condition: ka.verb = delete\n  output: gone %ka.auditid\n"
        "  priority: CRITICAL\n  tags: [k8s, loud]\n  source: k8s_audit\n"
        "- rule: Lists\n  desc: d\n  condition: ka.verb = list\n  output: seen %ka.auditid\n"
        "  priority: NOTICE\n  tags: [k8s]\n  source: k8s_audit\n");
    daemon_ =
        std::make_unique<AuditDaemon>(Lines{rules}, Lines{"-o", "file_output.hash_chain=true"});
    ASSERT_NE(daemon_->port(), 0) << daemon_->process().log();
    const Lines items{event("one", "delete", "alice", "2026-01-02T10:00:00.000000Z"),
                      event("two", "list", "bob", "2026-01-02T11:00:00.000000Z"),
                      event("three", "list", "alice", "2026-01-02T12:00:00.000000Z")};
    ASSERT_EQ(daemon_->post(event_list(items)), 200);
    ASSERT_EQ(daemon_->new_alerts().size(), 3U);
  }
  static std::string event(const std::string& id, const std::string& verb, const std::string& user,
                           const std::string& time) {
    return R"({"auditID":")" + id + R"(","stage":"ResponseComplete","verb":")" + verb +
           R"(","user":{"username":")" + user +
           R"("},"objectRef":{"resource":"pods","namespace":"ns-)" + user +
           R"("},"stageTimestamp":")" + time + R"("})";
  }
  // The ids that `tiercel alerts` prints with these arguments, in their order.
  [[nodiscard]] std::string ids(Lines arguments) const {
    arguments.insert(arguments.begin(), {"alerts", "--json", "--store", store()});
    const auto result = run_program(arguments);
    EXPECT_EQ(result.status, 0) << result.err;
    std::string text;
    for (const std::string& alert : lines_of(result.out)) {
      text += (text.empty() ? "" : " ") + output_field(alert, "ka.auditid");
    }
    return text;
  }
  [[nodiscard]] std::string store() const { return daemon_->folder().path("store"); }

  support::TempDir rules_;
  std::unique_ptr<AuditDaemon> daemon_;
};

TEST_F(StoreCommands, AlertsAreFoundWhileTheDaemonRuns) {
  struct Case {
    Lines arguments;
    std::string want;
  };
  const std::vector<Case> cases{
      {{}, "one two three"},
      {{"--rule", "Lists"}, "two three"},
      {{"--rule", "D*s"}, "one"},
      {{"--rule", "Lists", "--rule", "Deletes"}, "one two three"},
      {{"--user", "alice"}, "one three"},
      {{"--user", "*b*", "--namespace", "ns-bob"}, "two"},
      {{"--tag", "k8s"}, "one two three"},
      {{"--tag", "k8s", "--tag", "loud"}, "one"},
      {{"--priority", "warning"}, "one"},
      {{"--since", "2026-01-02T11:00:00Z"}, "two three"},
      {{"--until", "2026-01-02T11:00:00Z"}, "one"},
      {{"--since", "2026-01-02T10:30:00Z", "--until", "2026-01-02T11:30:00Z"}, "two"},
      {{"--since", "1h"}, ""},
      {{"--limit", "2"}, "two three"},
      {{"--limit", "1", "--user", "bob"}, "two"},
  };
  for (const Case& one : cases) {
    EXPECT_EQ(ids(one.arguments), one.want) << testing::PrintToString(one.arguments);
  }
}

TEST_F(StoreCommands, AlertsAreCounted) {
  const auto count = [this](const std::string& by) {
    return run_program({"alerts", "--count-by", by, "--store", store()}).out;
  };
  EXPECT_EQ(count("rule"), "        2  Lists\n        1  Deletes\n");
  EXPECT_EQ(count("user"), "        2  alice\n        1  bob\n");
  EXPECT_EQ(count("tag"), "        3  k8s\n        1  loud\n");
  EXPECT_EQ(count("hour"),
            "        1  2026-01-02T10\n        1  2026-01-02T11\n        1  2026-01-02T12\n");
  const auto text = run_program({"alerts", "--store", store(), "--rule", "Deletes"});
  EXPECT_EQ(text.out, "2026-01-02T10:00:00Z Critical [Deletes] gone one\n");
}

TEST_F(StoreCommands, MistakesAreToldWithWhatToWrite) {
  struct Case {
    Lines arguments;
    std::string says;
  };
  for (const auto& [arguments, says] : std::vector<Case>{
           {{"--since", "last week"}, "2026-01-02T03:04:05Z"},
           {{"--since", "1h", "--until", "2h"}, "nothing lies between"},
           {{"--priority", "warn"}, "warning, notice"},
           {{"--id", "12"}, "32 digits"},
           {{"--limit", "-1"}, "not in range"},
           {{"--count-by", "colour"}, "namespace"},
           {{"--count-by", "rule", "--verdicts"}, "--verdicts"},
       }) {
    Lines all{"alerts", "--store", store()};
    all.insert(all.end(), arguments.begin(), arguments.end());
    const auto wrong = run_program(all);
    EXPECT_EQ(wrong.status, 2) << testing::PrintToString(arguments);
    EXPECT_NE(wrong.err.find(says), std::string::npos) << wrong.err;
  }
  const auto none = run_program({"alerts", "--store", store() + "/nothing"});
  EXPECT_EQ(none.status, 1);
  EXPECT_NE(none.err.find("no alert store here"), std::string::npos) << none.err;
}

TEST_F(StoreCommands, AFollowerSeesWhatIsStoredLater) {
  const std::string out = rules_.path("followed");
  const std::string command =
      std::string(TIERCEL_BINARY) + " alerts --follow --json --store " + store() + " > " + out;
  support::Daemon shell({"/bin/sh", "-c", "exec " + command});
  // It prints what comes after it began, so alerts are made until one is seen.
  int number = 0;
  EXPECT_TRUE(support::wait_until([&] {
    const std::string id = "later-" + std::to_string(++number);
    EXPECT_EQ(daemon_->post(
                  event_list(Lines{event(id, "delete", "alice", "2026-01-03T10:00:00.000000Z")})),
              200);
    return !lines_of_file(out).empty();
  }));
  EXPECT_TRUE(output_field(lines_of_file(out).front(), "ka.auditid").starts_with("later-"));
  shell.signal(SIGTERM);
}

TEST_F(StoreCommands, AFollowerEndsWithItsReader) {
  const std::string command = "timeout 50 " + std::string(TIERCEL_BINARY) +
                              " alerts --follow --store " + store() +
                              " | true; echo ${PIPESTATUS[0]}";
  EXPECT_EQ(run_program({"/bin/bash", "-c", command}).out, "0\n");
}

TEST_F(StoreCommands, ABackupIsAStoreThatADaemonStartsOn) {
  const std::string folder = rules_.path("backup");
  const auto backup = run_program({"store", "backup", folder, "--store", store()});
  EXPECT_EQ(backup.status, 0) << backup.err;
  EXPECT_EQ(backup.out, "3 alerts copied to " + folder + "\n");
  EXPECT_EQ(run_program({"store", "backup", folder, "--store", store()}).status, 1);
  AuditDaemon other({rules_.path("rules.yaml")}, {"-o", "store.path=" + folder});
  ASSERT_NE(other.port(), 0) << other.process().log();
  const auto copied = run_program({"alerts", "--json", "--store", folder});
  EXPECT_EQ(lines_of(copied.out).size(), 3U) << copied.err;
  // What is stored from now on is read like that of any other store.
  Follower follower(folder, rules_.path("followed"));
  ASSERT_TRUE(follower.has_begun());
  ASSERT_EQ(other.post(event_list(Lines{event("four", "delete", "eve", "2026-01-02T13:00:00Z")})),
            200);
  EXPECT_TRUE(follower.sees("four"));
}

// What stands on the disk then is of another time.
TEST_F(StoreCommands, OfAStoreInMemoryNoCommandAnswersFromTheDisk) {
  const Lines in_memory{"-o", "store.durability=memory", "-o", "store.path=" + store()};
  daemon_->process().signal(SIGTERM);
  ASSERT_EQ(daemon_->process().wait(), 0);
  AuditDaemon other({rules_.path("rules.yaml")}, in_memory);
  ASSERT_NE(other.port(), 0) << other.process().log();
  EXPECT_NE(other.process().log().find("warning: 'store.durability' is memory"), std::string::npos)
      << other.process().log();
  for (const Lines& command : {Lines{"alerts"}, Lines{"store", "backup", rules_.path("copy")}}) {
    Lines arguments = command;
    arguments.insert(arguments.end(), {"-c", other.folder().path("tiercel.yaml")});
    arguments.insert(arguments.end(), in_memory.begin(), in_memory.end());
    const auto result = run_program(arguments);
    EXPECT_EQ(result.status, 1);
    EXPECT_EQ(result.out, "");
    EXPECT_NE(result.err.find("no command can read"), std::string::npos) << result.err;
    EXPECT_NE(result.err.find("--store " + store()), std::string::npos) << result.err;
  }
  EXPECT_EQ(ids({}), "one two three");
}

// Each counter, drops by reason among them, while the daemon runs.
TEST_F(StoreCommands, TheStatusTellsOfTheStoreAndOfAllThatIsCounted) {
  support::HttpClient client(daemon_->admin_port());
  const auto answer = client.exchange(support::get("/status"));
  ASSERT_EQ(answer.status, 200);
  const auto status = nlohmann::json::parse(answer.body, nullptr, false);
  ASSERT_TRUE(status.is_object()) << answer.body;
  EXPECT_EQ(status["store"]["alerts"], 3);
  EXPECT_EQ(status["store"]["segments"], 1);
  EXPECT_EQ(status["store"]["is_full"], false);
  EXPECT_TRUE(status["store"]["last_dropped_seconds"].is_null());
  EXPECT_GT(status["store"]["bytes"], 0);
  EXPECT_EQ(status["counters"].size(), base::kMetrics.size());
  EXPECT_EQ(status["counters"]["events_total"], 3) << answer.body;
}

// An answer that is not whole says so, wherever in the file the damage is.
TEST_F(StoreCommands, WhatCannotBeReadIsToldAndIsAnError) {
  for (int batch = 0; batch < 5; ++batch) {
    Lines items;
    for (int at = 0; at < 1000; ++at) {
      items.push_back(event("n" + std::to_string(batch * 1000 + at), "list", "bob",
                            "2026-01-02T11:00:00.000000Z"));
    }
    ASSERT_EQ(daemon_->post(event_list(items)), 200);
  }
  daemon_->process().signal(SIGTERM);
  ASSERT_EQ(daemon_->process().wait(), 0);
  const std::string segment = store() + "/alerts/alerts-0000000001.db";
  const auto size = static_cast<std::streamoff>(std::filesystem::file_size(segment));
  std::fstream file(segment, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(size / 2);
  file << std::string(static_cast<std::size_t>(size / 4), 'x');
  file.close();
  for (const Lines& more : {Lines{}, Lines{"--count-by", "rule"}, Lines{"--limit", "5003"}}) {
    Lines arguments{"alerts", "--store", store()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const auto result = run_program(arguments);
    EXPECT_EQ(result.status, 1) << testing::PrintToString(more);
    EXPECT_NE(result.err.find("what it holds is missing here"), std::string::npos) << result.err;
  }
}

TEST_F(StoreCommands, AnAlertIsFoundByItsId) {
  const auto all = run_program({"alerts", "--json", "--store", store(), "--user", "bob"});
  const std::string alert = lines_of(all.out).front();
  const std::size_t at = alert.find("\"alert_id\":\"") + 12;
  EXPECT_EQ(ids({"--id", alert.substr(at, 32)}), "two");
  EXPECT_EQ(ids({"--id", alert.substr(at, 32), "--user", "alice"}), "");
  EXPECT_EQ(ids({"--id", std::string(32, 'f')}), "");
}

// What was acknowledged before the copy began is in it, each alert once.
TEST_F(StoreCommands, ABackupUnderLoadHoldsWhatWasAcknowledgedBefore) {
  const std::string rules = rules_.write("every.yaml", every_event_rule());
  AuditDaemon daemon({rules}, {"-o", "store.segment_size=1MiB"});
  ASSERT_NE(daemon.port(), 0) << daemon.process().log();
  const std::string from = daemon.folder().path("store");
  CrashLoader loaders[2]{CrashLoader{0}, CrashLoader{1}};
  for (CrashLoader& loader : loaders) {
    loader.use_port(daemon.port());
    ASSERT_TRUE(loader.has_begun());
  }
  for (int copy = 0; copy < 3; ++copy) {
    const std::string marker = "marker-" + std::to_string(copy);
    ASSERT_EQ(daemon.post(event_list(Lines{small_event(marker)})), 200);
    const std::string folder = rules_.path("copy-" + std::to_string(copy));
    const auto backup = run_program({"store", "backup", folder, "--store", from});
    ASSERT_EQ(backup.status, 0) << backup.err;
    const auto copied = run_program({"alerts", "--json", "--store", folder});
    const auto ids = alerts_by_event(lines_of(copied.out));
    for (int before = 0; before <= copy; ++before) {
      EXPECT_EQ(ids.count("marker-" + std::to_string(before)), 1U) << "copy " << copy;
    }
    EXPECT_TRUE(std::all_of(ids.begin(), ids.end(), [](const auto& id) { return id.second == 1; }));
  }
  Lines acknowledged;
  for (CrashLoader& loader : loaders) {
    loader.stop();
    acknowledged.insert(acknowledged.end(), loader.acknowledged().begin(),
                        loader.acknowledged().end());
  }
  EXPECT_FALSE(acknowledged.empty());
  const auto all = run_program({"alerts", "--json", "--store", from});
  const auto ids = alerts_by_event(lines_of(all.out));
  EXPECT_TRUE(std::all_of(acknowledged.begin(), acknowledged.end(),
                          [&](const std::string& id) { return ids.count(id) == 1; }));
}

TEST_F(StoreCommands, TheChainOfTheAlertFileIsChecked) {
  const auto good = run_program({"alerts", "verify", daemon_->alerts_path()});
  EXPECT_EQ(good.status, 0) << good.err;
  EXPECT_NE(good.out.find("3 lines, the chain holds from its beginning"), std::string::npos)
      << good.out;
  std::ifstream file(daemon_->alerts_path());
  std::string text{std::istreambuf_iterator<char>(file), {}};
  // Rotated parts in the order in which a shell names them.
  const std::size_t end = text.find('\n') + 1;
  const std::string newest = rules_.write("parts.log", text.substr(end));
  const std::string oldest = rules_.write("parts.log-20260102T100000", text.substr(0, end));
  const auto parts = run_program({"alerts", "verify", newest, oldest});
  EXPECT_EQ(parts.status, 0) << parts.err;
  EXPECT_NE(parts.out.find("3 lines, the chain holds from its beginning"), std::string::npos);
  text.replace(text.find("gone"), 4, "came");
  const auto changed = run_program({"alerts", "verify", rules_.write("changed", text)});
  EXPECT_EQ(changed.status, 1);
  EXPECT_NE(changed.err.find("changed:2:"), std::string::npos) << changed.err;
}

TEST(Outputs, ATestSaysWhatTheOtherSideSaid) {
  const support::TempDir folder;
  support::PeerServer peer;
  const std::string config =
      folder.write("c.yaml", "outputs:\n  good: {type: http, url: \"" + peer.url("/a") +
                                 "\"}\n  bad: {type: http, url: \"" + peer.url("/b") +
                                 "\", bearer_token: s3cret}\n");
  peer.answer_with([](const support::PeerRequest& request) {
    return request.target == "/a" ? support::PeerAnswer{.status = 200, .body = "thanks"}
                                  : support::PeerAnswer{.status = 401, .body = "who are you"};
  });
  const auto good = run_program({"outputs", "test", "good", "-c", config});
  EXPECT_EQ(good.status, 0) << good.err;
  EXPECT_NE(good.out.find("HTTP 200: thanks"), std::string::npos) << good.out;
  ASSERT_FALSE(peer.requests().empty());
  EXPECT_EQ(rule_of(peer.requests()[0].body), "tiercel: test");
  const auto bad = run_program({"outputs", "test", "bad", "-c", config});
  EXPECT_EQ(bad.status, 1);
  EXPECT_NE(bad.err.find("HTTP 401: who are you"), std::string::npos) << bad.err;
  EXPECT_EQ((bad.out + bad.err).find("s3cret"), std::string::npos);
  const auto none = run_program({"outputs", "test", "nobody", "-c", config});
  EXPECT_EQ(none.status, 1);
  EXPECT_NE(none.err.find("there is no output named 'nobody': there are stdout, file"),
            std::string::npos)
      << none.err;
  const auto near = run_program({"outputs", "test", "god", "-c", config});
  EXPECT_NE(near.err.find("did you mean 'good'?"), std::string::npos) << near.err;
  EXPECT_NE(run_program({"outputs", "-c", config}).out.find("good\thttp\tenabled"),
            std::string::npos);
  EXPECT_NE(run_program({"outputs", "--kinds"}).out.find("alertmanager\t"), std::string::npos);
}

}  // namespace
}  // namespace tiercel::tests
