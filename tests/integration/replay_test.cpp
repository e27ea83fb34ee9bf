// The contracts of `tiercel replay` with scripts.
#include <filesystem>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "harness.h"

namespace tiercel::tests {
namespace {

using support::run_program;

constexpr const char* kEvents = "/scenarios/l01_attack_chain.jsonl";

std::string data(const std::string& name) { return std::string(TIERCEL_TEST_DATA) + name; }

// Three events and a rule that matches all of them.
class Replay : public testing::Test {
 protected:
  [[nodiscard]] Lines run(const Lines& more, std::string_view input = {}) const {
    Lines arguments{"replay", "-q", "--json", "-r", rules_};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const auto result = run_program(arguments, input);
    EXPECT_EQ(result.status, 0) << result.err;
    return lines_of(result.out);
  }
  // The auditIDs of the alerts, one after the other.
  static std::string ids(const Lines& alerts) {
    std::string text;
    for (const std::string& alert : alerts) {
      text += (text.empty() ? "" : " ") + output_field(alert, "ka.auditid");
    }
    return text;
  }

  support::TempDir folder_;
  const std::string rules_ = folder_.write("every.yaml", every_event_rule());
  const Lines events_{small_event("a"), small_event("b"), small_event("c")};
};

TEST_F(Replay, PrintsJsonLinesOnlyInInputOrder) {
  const auto result = run_program({"replay", "-r", shipped_rules(), "--json", data(kEvents)});
  EXPECT_EQ(result.status, 0);
  const Lines alerts = lines_of(result.out);
  EXPECT_GT(alerts.size(), 5U);
  for (const std::string& alert : alerts) {
    const auto json = nlohmann::json::parse(alert, nullptr, false);
    ASSERT_TRUE(json.is_object()) << alert;
    EXPECT_TRUE(json.contains("rule") && json.contains("time") && json.contains("output"));
  }
  EXPECT_NE(result.err.find(" alerts, 0 unreadable"), std::string::npos) << result.err;
  EXPECT_EQ(ids(run({"-"}, joined(events_))), "a b c");
}

TEST_F(Replay, RulesMayStandBeforeOrAfterTheEvents) {
  const std::string file = folder_.write("events.jsonl", joined(events_));
  const auto before = run_program({"replay", "-q", "-r", rules_, "--json", file});
  const auto after = run_program({"replay", "-q", file, "--json", "-r", rules_});
  EXPECT_EQ(before.status, 0);
  EXPECT_EQ(after.status, 0);
  EXPECT_EQ(lines_of(before.out).size(), 3U);
  EXPECT_EQ(before.out, after.out);
}

TEST_F(Replay, EveryFormOfInput) {
  const std::string text = joined(events_);
  std::string pretty =
      "{\n  \"kind\": \"EventList\",\n  \"apiVersion\": \"audit.k8s.io/v1\",\n"
      "  \"items\": [\n";
  for (const std::string& event : events_) {
    pretty += nlohmann::ordered_json::parse(event).dump(4) + (&event == &events_.back() ? "" : ",");
  }
  pretty += "]\n}\n";
  EXPECT_EQ(ids(run({"-"}, text)), "a b c");
  EXPECT_EQ(ids(run({"-"}, support::gzipped(text))), "a b c");
  EXPECT_EQ(ids(run({"-"}, event_list(events_))), "a b c");
  EXPECT_EQ(ids(run({"-"}, pretty)), "a b c");
  EXPECT_EQ(ids(run({"-"}, pretty + pretty)), "a b c a b c");
  EXPECT_EQ(ids(run({"-"}, "[" + events_[0] + "," + events_[1] + "]")), "a b");
  EXPECT_EQ(ids(run({folder_.write("e.jsonl", text)})), "a b c");
  EXPECT_EQ(ids(run({folder_.write("e.jsonl.gz", support::gzipped(text))})), "a b c");
  EXPECT_EQ(ids(run({"-"}, "\n\r\n" + text + "\n\n")), "a b c");
  EXPECT_EQ(ids(run({"-"}, text.substr(0, text.size() - 1))), "a b c");
}

TEST_F(Replay, Zstd) {
  const Lines packed = run({data("/bulk.jsonl.zst")});
  EXPECT_EQ(packed.size(), bulk().size());
  EXPECT_EQ(packed, replayed({rules_}, bulk()));
}

TEST_F(Replay, FolderIsReadOldestFirst) {
  const std::string events = folder_.path("events");
  std::filesystem::create_directory(events);
  const auto now = std::filesystem::file_time_type::clock::now();
  for (std::size_t at = 0; at < events_.size(); ++at) {
    // Named against their order.
    const std::string file =
        folder_.write("events/" + std::string(1, static_cast<char>('z' - at)), events_[at] + "\n");
    std::filesystem::last_write_time(file, now + std::chrono::minutes(at));
  }
  EXPECT_EQ(ids(run({events})), "a b c");
}

TEST_F(Replay, StrictIsStatusThreeWhereALineIsUnreadable) {
  const std::string text = events_[0] + "\n{\"kind\":\n" + events_[1] + "\n";
  for (const bool is_strict : {false, true}) {
    Lines arguments{"replay", "-r", rules_, "--json", "-"};
    if (is_strict) {
      arguments.emplace_back("--strict");
    }
    const auto result = run_program(arguments, text);
    EXPECT_EQ(result.status, is_strict ? 3 : 0);
    EXPECT_EQ(ids(lines_of(result.out)), "a b");
    EXPECT_NE(result.err.find("standard input:2: "), std::string::npos) << result.err;
  }
  EXPECT_EQ(run({"--strict", "-"}, joined(events_)).size(), 3U);
}

TEST_F(Replay, RulesThatDoNotLoadAreStatusOneAndPrintNothing) {
  const std::string broken =
      folder_.write("broken.yaml", every_event_rule() +
                                       "- rule: B\n  desc: d\n  condition: no.such = 1\n"
                                       "  output: o\n  priority: INFO\n  source: k8s_audit\n");
  const auto result = run_program({"replay", "-r", broken, "--json", "-"}, joined(events_));
  EXPECT_EQ(result.status, 1);
  EXPECT_EQ(result.out, "");
  EXPECT_NE(result.err.find("broken.yaml:9"), std::string::npos) << result.err;
}

TEST_F(Replay, AbsentInputIsStatusOne) {
  const auto result = run_program({"replay", "-r", rules_, folder_.path("absent")});
  EXPECT_EQ(result.status, 1);
  EXPECT_NE(result.err.find("absent"), std::string::npos) << result.err;
}

TEST_F(Replay, WrongUsageIsStatusTwo) {
  for (const Lines& arguments :
       {Lines{"replay", "-r", rules_}, Lines{"replay", "--no-such-flag", "-"},
        Lines{"replay", "--threads", "many", "-r", rules_, "-"}, Lines{"no-such-command"}, Lines{},
        Lines{"replay", "-r"}}) {
    const auto result = run_program(arguments);
    EXPECT_EQ(result.status, 2) << joined(arguments);
    EXPECT_EQ(result.out, "");
    EXPECT_NE(result.err, "");
  }
}

TEST_F(Replay, AppendOutputOnTheCommandLine) {
  const Lines alerts =
      run({"-o", R"(append_output[]={"extra_output":"EX %ka.verb"})", "-"}, joined(events_));
  ASSERT_EQ(alerts.size(), 3U);
  for (const std::string& alert : alerts) {
    const auto json = nlohmann::json::parse(alert);
    EXPECT_TRUE(json.value("output", "").ends_with(" EX list")) << alert;
    EXPECT_EQ(output_field(alert, "ka.verb"), "list");
  }
}

TEST_F(Replay, EventNumberIsTheOrdinal) {
  std::string rules = every_event_rule();
  rules.replace(rules.find("verb=%ka.verb"), 13, "n=%evt.num");
  const std::string numbered = folder_.write("numbered.yaml", rules);
  const auto result = run_program(
      {"replay", "-q", "--json", "--threads", "4", "-r", numbered, data("/bulk.jsonl.zst")});
  EXPECT_EQ(result.status, 0);
  const Lines alerts = lines_of(result.out);
  ASSERT_EQ(alerts.size(), bulk().size());
  for (std::size_t at = 0; at < alerts.size(); at += 97) {
    EXPECT_EQ(output_field(alerts[at], "evt.num"), std::to_string(at + 1));
  }
}

TEST_F(Replay, SameBytesWithAnyNumberOfThreads) {
  const auto run_with = [](const char* threads) {
    return run_program({"replay", "-q", "--json", "--threads", threads, "-r", shipped_rules(),
                        data("/bulk.jsonl.zst")});
  };
  const auto one = run_with("1");
  EXPECT_EQ(one.status, 0);
  EXPECT_GT(one.out.size(), 1'000'000U);
  for (const char* const threads : {"2", "5"}) {
    EXPECT_TRUE(run_with(threads).out == one.out) << threads;
  }
}

TEST_F(Replay, QuietLeavesTheStandardErrorEmpty) {
  const auto result = run_program({"replay", "-q", "-r", rules_, "-"}, joined(events_));
  EXPECT_EQ(result.status, 0);
  EXPECT_EQ(result.err, "");
  EXPECT_NE(result.out.find("Notice seen (id=a verb=list)\n"), std::string::npos) << result.out;
}

}  // namespace
}  // namespace tiercel::tests
