// Bodies that no retry can cure are answered 200, kept in the quarantine and reported.
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <ostream>

#include <gtest/gtest.h>

#include "harness.h"

namespace tiercel::tests {
namespace {

namespace fs = std::filesystem;

using Codes = std::map<std::string, int>;

const std::string kListHead =
    R"({"kind":"EventList","apiVersion":"audit.k8s.io/v1","metadata":{},"items":)";

struct BadBody {
  const char* name;
  std::string body;
  Codes codes;  ///< what is quarantined
};

void PrintTo(const BadBody& body, std::ostream* out) { *out << body.name; }

std::vector<BadBody> bad_bodies() {
  return {
      {"NotJson", "hello", {{"not_json", 1}}},
      {"Empty", "", {{"not_json", 1}}},
      {"OnlyNulBytes", std::string(64, '\0'), {{"not_json", 1}}},
      {"Truncated", kListHead + R"([{"kind":"Ev)", {{"truncated", 1}}},
      {"TruncatedInAString", kListHead + R"([{"kind":"Event)", {{"truncated", 1}}},
      {"Deep", std::string(100'000, '['), {{"truncated", 1}}},
      {"DeepAndWhole", std::string(100'000, '[') + std::string(100'000, ']'), {{"too_deep", 1}}},
      {"AnotherKind", R"({"kind":"Pod","apiVersion":"v1"})", {{"not_audit_list", 1}}},
      {"NoKind", "{}", {{"not_audit_list", 1}}},
      {"Number", "42", {{"not_audit_list", 1}}},
      {"Text", "\"EventList\"", {{"not_audit_list", 1}}},
      {"Null", "null", {{"not_audit_list", 1}}},
      {"HugeNumber", std::string(100'000, '9'), {{"not_audit_list", 1}}},
      {"ArrayOfNumbers", "[1,2]", {{"wrong_kind", 2}}},
      {"ItemsOfKindPod", kListHead + R"([{"kind":"Pod"},{"kind":7}]})", {{"wrong_kind", 2}}},
      {"SomethingBehind", kListHead + "[]} x", {{"trailing_garbage", 1}}},
      {"EmptyList", kListHead + "[]}", {}},
  };
}

class Body : public testing::TestWithParam<BadBody> {};

TEST_P(Body, IsAnswered200AndAccountedFor) {
  AuditDaemon daemon;
  ASSERT_NE(daemon.port(), 0) << daemon.process().log();
  EXPECT_EQ(daemon.post(GetParam().body), 200);
  EXPECT_EQ(daemon.quarantined(), GetParam().codes);
  // The daemon's own alerts are not waited for by the answer.
  EXPECT_TRUE(
      support::wait_until([&] { return daemon.own_alerts().size() == GetParam().codes.size(); }));
  for (const std::string& alert : daemon.own_alerts()) {
    EXPECT_EQ(rule_of(alert), "tiercel: " + GetParam().codes.begin()->first);
  }
  EXPECT_TRUE(daemon.new_alerts().empty());
  EXPECT_TRUE(daemon.is_healthy());
}

INSTANTIATE_TEST_SUITE_P(Bad, Body, testing::ValuesIn(bad_bodies()),
                         [](const auto& one) { return std::string(one.param.name); });

TEST(Quarantine, KeepsTheBytesForItsOwnerAlone) {
  AuditDaemon daemon;
  ASSERT_NE(daemon.port(), 0) << daemon.process().log();
  const std::string body = "not JSON: \x01\xff and more";
  EXPECT_EQ(daemon.post(body), 200);
  ASSERT_TRUE(support::wait_until([&] { return daemon.own_alerts().size() == 1; }));
  const std::string alert = daemon.own_alerts().front();
  EXPECT_EQ(rule_of(alert), "tiercel: not_json");
  EXPECT_EQ(output_field(alert, "peer"), "127.0.0.1");
  EXPECT_EQ(output_field(alert, "bytes"), std::to_string(body.size()));
  const fs::path kept = fs::path(daemon.quarantine_path()) / output_field(alert, "quarantined_as");
  std::ifstream file(kept, std::ios::binary);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), body);
  EXPECT_EQ(fs::status(kept).permissions(), fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_EQ(fs::status(daemon.quarantine_path()).permissions(), fs::perms::owner_all);
}

TEST(Quarantine, ReportsOfOneKindAreHeldBackForAMinute) {
  AuditDaemon daemon;
  ASSERT_NE(daemon.port(), 0) << daemon.process().log();
  for (int at = 0; at < 20; ++at) {
    EXPECT_EQ(daemon.post("hello"), 200);
  }
  EXPECT_EQ(daemon.quarantined(), (Codes{{"not_json", 20}}));
  daemon.process().signal(SIGTERM);
  EXPECT_EQ(daemon.process().wait(), 0);
  EXPECT_EQ(daemon.own_alerts().size(), 1U);
}

TEST(Quarantine, AbsentFolderThatCannotBeMadeStopsNothing) {
  const support::TempDir folder;
  const std::string in_the_way = folder.write("file", "");
  AuditDaemon daemon({shipped_rules()}, {"-o", "quarantine.path=" + in_the_way + "/quarantine"});
  ASSERT_NE(daemon.port(), 0) << daemon.process().log();
  EXPECT_EQ(daemon.post("hello"), 200);
  EXPECT_TRUE(support::wait_until([&] { return daemon.own_alerts().size() == 1; }));
  EXPECT_TRUE(daemon.process().wait_for_log(in_the_way)) << daemon.process().log();
}

// Oddities inside one event are no reason to refuse it or to disagree with replay.
TEST(OddEvents, GiveWhatReplayGives) {
  const support::TempDir folder;
  const Lines rules{folder.write("every.yaml", every_event_rule())};
  AuditDaemon daemon(rules);
  ASSERT_NE(daemon.port(), 0) << daemon.process().log();
  const Lines events{
      small_event("duplicate-keys", R"(,"verb":"get","verb":"delete")"),
      small_event("huge", ",\"requestObject\":{\"n\":" + std::string(5000, '9') + "}"),
      small_event("small", R"(,"requestObject":{"n":1e-400,"m":-0.0})"),
      small_event("nul-escape\\u0000end"),
      small_event("long", ",\"userAgent\":\"" + std::string(1'000'000, 'a') + "\""),
      small_event("unknown", R"(,"":{"":[]}," ":null)"),
  };
  const Lines expected = replayed(rules, events);
  EXPECT_EQ(expected.size(), events.size());
  EXPECT_EQ(daemon.post(event_list(events)), 200);
  expect_same_lines(daemon.new_alerts(), expected);
  EXPECT_TRUE(daemon.quarantined().empty());
}

// What a recording of odd shapes gives does not depend on the way in.
TEST(OddEvents, RecordedShapes) {
  const support::TempDir folder;
  const Lines rules{folder.write("every.yaml", every_event_rule())};
  AuditDaemon daemon(rules);
  ASSERT_NE(daemon.port(), 0) << daemon.process().log();
  for (const char* const name : {"raw/odd_shapes.jsonl", "raw/invalid_utf8_event.jsonl"}) {
    for (const std::string& line : recorded(name)) {
      EXPECT_EQ(daemon.post(line), 200);
      Lines actual = daemon.new_alerts();
      const Lines expected = replayed(rules, Lines{line});
      // An event without a time takes that of its arrival, and so does its alert.
      EXPECT_EQ(actual.size(), expected.size()) << line;
    }
  }
  EXPECT_TRUE(daemon.is_healthy());
}

}  // namespace
}  // namespace tiercel::tests
