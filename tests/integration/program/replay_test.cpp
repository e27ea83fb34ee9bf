#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "samples.h"
#include "test_daemon.h"

namespace tiercel::integration {
namespace {

class ReplayTest : public testing::Test {
 protected:
  ReplayTest() : rules_(dir_.write("rules.yaml", kDeletionRule)) {}

  [[nodiscard]] Finished replay(const std::vector<std::string>& more,
                                const std::string& input = {}) const {
    std::vector<std::string> arguments{TIERCEL_BINARY, "replay", "-r", rules_};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_process(arguments, input);
  }
  // The ids in the alerts, one a word.
  static std::string ids(const std::string& out) {
    std::string all;
    for (const std::string& line : lines_of(out)) {
      const std::string text = nlohmann::json::parse(line)["output"];
      const std::size_t from = text.find("(id=") + 4;
      all += text.substr(from, text.find(')', from) - from) + " ";
    }
    return all;
  }

  const support::TempDir dir_;
  const std::string rules_;
};

TEST_F(ReplayTest, PrintsOneAlertALineInInputOrderAndNothingElse) {
  std::string lines;
  std::string want;
  for (int number = 0; number < 5000; ++number) {
    lines += event(std::to_string(number), number % 3 == 0 ? "delete" : "get") + "\n";
    want += number % 3 == 0 ? std::to_string(number) + " " : "";
  }
  const std::string events = dir_.write("events.jsonl", lines);
  for (const char* const threads : {"1", "4", "0"}) {
    const Finished run = replay({"--json", "--threads", threads, events});
    EXPECT_EQ(run.status, 0) << run.err;
    EXPECT_EQ(ids(run.out), want);
  }
}

TEST_F(ReplayTest, ReadsStandardInputFilesAndFoldersInOneRun) {
  const std::string list = dir_.write("list.json", list_of({event("1", "delete")}));
  const support::TempDir folder;
  folder.write("x", event("2", "delete"));
  const Finished run =
      replay({"--json", list, folder.path(), "-"}, "[" + event("3", "delete") + "]");
  EXPECT_EQ(run.status, 0) << run.err;
  EXPECT_EQ(ids(run.out), "1 2 3 ");
}

TEST_F(ReplayTest, TellsTheSummaryOnStandardError) {
  const Finished run = replay({"--json", "-"}, event("1", "delete") + "\n" + event("2", "get"));
  EXPECT_NE(run.err.find("2 events, 1 alerts, 0 unreadable"), std::string::npos) << run.err;
  EXPECT_NE(run.err.find("1  Deletion"), std::string::npos) << run.err;
  EXPECT_EQ(replay({"--json", "-q", "-"}, event("1", "delete")).err, "");
}

TEST_F(ReplayTest, UnreadableEventsAreReportedWithTheirLine) {
  const std::string events =
      dir_.write("e", event("1", "delete") + "\nnonsense\n" + event("3", "delete") + "\n");
  const Finished run = replay({"--json", events});
  EXPECT_EQ(run.status, 0);
  EXPECT_EQ(ids(run.out), "1 3 ");
  EXPECT_NE(run.err.find(events + ":2: "), std::string::npos) << run.err;
  const Finished strict = replay({"--json", "--strict", events});
  EXPECT_EQ(strict.status, 3);
  EXPECT_EQ(strict.out, run.out);
  EXPECT_EQ(replay({"--json", "--strict", "-"}, event("1", "get")).status, 0);
}

TEST_F(ReplayTest, LineNumbersGoOnAcrossBlocks) {
  std::string lines;
  for (int number = 0; number < 5000; ++number) {
    lines += event("x", "get") + "\n";
  }
  const std::string events = dir_.write("e", lines + "nonsense\n");
  const Finished run = replay({"--json", events});
  EXPECT_NE(run.err.find(events + ":5001: "), std::string::npos) << run.err;
}

TEST_F(ReplayTest, RulesThatCountSeeTheEventsInOrder) {
  const std::string rules = dir_.write("count.yaml", R"(
- rule: Third
  desc: d
  condition: evt.num = 3
  output: third (id=%ka.auditid)
  priority: WARNING
  source: k8s_audit
)");
  std::string lines;
  for (int number = 1; number < 3000; ++number) {
    lines += event(std::to_string(number), "get") + "\n";
  }
  const Finished run = run_process({TIERCEL_BINARY, "replay", "-r", rules, "--json", "-"}, lines);
  EXPECT_EQ(ids(run.out), "3 ");
}

TEST_F(ReplayTest, TakesFalcosOptions) {
  const Finished run =
      replay({"--json", "-o", "append_output[]={\"extra_output\": \"by %ka.user.name\"}", "-o",
              "json_include_tags_property=false", "-"},
             event("1", "delete"));
  ASSERT_EQ(run.status, 0) << run.err;
  const auto alert = nlohmann::json::parse(run.out);
  EXPECT_TRUE(alert["output"].get<std::string>().ends_with("(id=1) by alice")) << alert;
  EXPECT_FALSE(alert.contains("tags"));
}

TEST_F(ReplayTest, SelectsRulesAsFalcosOldFlagsDid) {
  EXPECT_EQ(replay({"--json", "-q", "-D", "Delet", "-"}, event("1", "delete")).out, "");
  EXPECT_EQ(replay({"--json", "-q", "-t", "none", "-"}, event("1", "delete")).out, "");
  EXPECT_EQ(replay({"--json", "-t", "a", "-T", "b", "-"}, event("1", "delete")).status, 1);
}

TEST_F(ReplayTest, WritesTextWithoutJson) {
  const Finished run = replay({"-"}, event("1", "delete"));
  EXPECT_NE(run.out.find(": Warning deleted (id=1)\n"), std::string::npos) << run.out;
}

TEST_F(ReplayTest, FailsWithoutOutputWhereRulesDoNotLoad) {
  const std::string bad = dir_.write("bad.yaml", "- rule: x\n");
  const Finished run =
      run_process({TIERCEL_BINARY, "replay", "-r", bad, "--json", "-"}, event("1", "delete"));
  EXPECT_EQ(run.status, 1);
  EXPECT_EQ(run.out, "");
  EXPECT_NE(run.err.find("bad.yaml:1:"), std::string::npos) << run.err;
}

TEST_F(ReplayTest, FailsWhereAnInputCannotBeRead) {
  const Finished run = replay({"--json", dir_.path("none")});
  EXPECT_EQ(run.status, 1);
  EXPECT_NE(run.err.find("Error: "), std::string::npos) << run.err;
}

TEST_F(ReplayTest, OpensNoOutputOfTheConfiguration) {
  const std::string config =
      dir_.write("c.yaml", "file_output: {enabled: true, filename: " + dir_.path("alerts") + "}\n");
  const Finished run = replay({"-c", config, "--json", "-"}, event("1", "delete"));
  EXPECT_EQ(ids(run.out), "1 ");
  EXPECT_FALSE(std::filesystem::exists(dir_.path("alerts")));
}

// Events of several blocks that alert, and behind them one that cannot be read.
class ReplayOutputTest : public ReplayTest {
 protected:
  ReplayOutputTest() {
    std::string lines;
    for (int number = 0; number < 5000; ++number) {
      lines += event(std::to_string(number), "delete") + "\n";
    }
    events_ = dir_.write("e", lines + "nonsense\n");
  }
  [[nodiscard]] std::string said() const { return support::read_file(dir_.path("err")); }
  [[nodiscard]] bool read_to_the_end() const { return said().find(":5001: ") != std::string::npos; }

  std::string events_;
};

TEST_F(ReplayOutputTest, EndsAtOnceAndSaysWhyWhereStandardOutputIsFull) {
  const std::vector<std::string> replay{TIERCEL_BINARY, "replay",    "-r", rules_,
                                        "--json",       "--threads", "1",  events_};
  Process to_file(replay, {.out = dir_.path("out"), .err = dir_.path("err")});
  EXPECT_EQ(to_file.wait(), 0);
  EXPECT_TRUE(read_to_the_end());
  dir_.write("err", "");
  Process process(replay, {.out = "/dev/full", .err = dir_.path("err")});
  EXPECT_EQ(process.wait(), 1);
  EXPECT_NE(said().find("standard output did not take all alerts: No space left on device"),
            std::string::npos)
      << said();
  EXPECT_FALSE(read_to_the_end());
}

// As a service has it; with SIGPIPE as usual it ends without a word, as every filter does.
TEST_F(ReplayOutputTest, EndsAtOnceAndSaysWhyWhereNobodyReadsAPipe) {
  const std::string script = std::string("trap '' PIPE; { ") + TIERCEL_BINARY + " replay -r " +
                             rules_ + " --json --threads 1 " + events_ + "; echo $? >" +
                             dir_.path("status") + "; } | true";
  Process process({"/bin/sh", "-c", script}, {.err = dir_.path("err")});
  EXPECT_EQ(process.wait(), 0);
  EXPECT_EQ(support::read_file(dir_.path("status")), "1\n");
  EXPECT_NE(said().find("standard output did not take all alerts: Broken pipe"), std::string::npos)
      << said();
  EXPECT_FALSE(read_to_the_end());
}

}  // namespace
}  // namespace tiercel::integration
