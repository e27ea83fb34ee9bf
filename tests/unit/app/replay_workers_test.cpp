#include "replay_workers.h"

#include <gtest/gtest.h>

namespace tiercel::app {
namespace {

std::shared_ptr<const engine::RuleSet> rules_of(const std::string& condition,
                                                const std::string& output) {
  const std::string yaml =
      "- rule: r\n  desc: d\n  priority: WARNING\n  source: k8s_audit\n  condition: " + condition +
      "\n  output: \"" + output + "\"\n";
  return engine::load_rules({{"test.yaml", yaml}}, {}).rule_set;
}

std::string event(const std::string& id) {
  return R"({"kind":"Event","auditID":")" + id +
         R"(","stage":"ResponseComplete","verb":"get","stageTimestamp":"2026-01-02T03:04:05Z"})";
}

InputBlock block_of(const std::string& text, audit::BatchForm form = audit::BatchForm::kLines) {
  InputBlock block;
  block.bytes.assign(text.begin(), text.end());
  block.bytes.resize(text.size() + audit::kPadding);
  block.size = text.size();
  block.form = form;
  block.file = std::make_shared<const std::string>("file");
  return block;
}

// What replaying the blocks gave: the ends of the alerts, and unreadable lines.
struct Replayed {
  std::string alerts;
  std::string unreadable;
  std::uint64_t events = 0;
};

Replayed replay(const std::vector<InputBlock>& blocks, unsigned threads,
                const std::shared_ptr<const engine::RuleSet>& rules) {
  Replayed out;
  ReplayWorkers workers(rules, {}, {});
  std::size_t at = 0;
  const auto read = workers.run(
      threads,
      [&](InputBlock& block) {
        if (at == blocks.size()) {
          return base::Result<bool>(false);
        }
        block = blocks[at++];
        return base::Result<bool>(true);
      },
      [&out](ReplayResult& result) {
        for (const store::Record& record : result.alerts.records) {
          const std::string_view line = result.alerts.line(record);
          out.alerts += line.substr(line.find("Warning ") + 8);
        }
        for (const Unreadable& one : result.unreadable) {
          out.unreadable += std::to_string(one.line) + " ";
        }
        out.events += result.counts.events;
        return true;
      });
  EXPECT_TRUE(read);
  return out;
}

TEST(ReplayWorkers, GivesResultsInTheOrderOfTheInput) {
  const auto rules = rules_of("ka.verb=get", "%ka.auditid");
  std::vector<InputBlock> blocks;
  std::string want;
  for (int number = 0; number < 300; ++number) {
    // Blocks of very different length, so that threads overtake one another.
    std::string text;
    for (int line = 0; line < (number % 7 == 0 ? 50 : 1); ++line) {
      const std::string id = std::to_string(number) + "." + std::to_string(line);
      text += event(id) + "\n";
      want += id + "\n";
    }
    blocks.push_back(block_of(text));
  }
  for (const unsigned threads : {1U, 4U}) {
    EXPECT_TRUE(replay(blocks, threads, rules).alerts == want) << threads;
  }
}

TEST(ReplayWorkers, ALineIsABodyOfItsOwn) {
  const auto rules = rules_of("ka.verb=get", "%ka.auditid");
  const Replayed got = replay(
      {block_of(event("1") + "\n\n  \n{\"a\": \"x\n" + event("2") + "\r\n[" + event("3") + "," +
                event("4") + "]\n" + R"({"kind":"EventList","items":[)" + event("5") + "]}")},
      1, rules);
  EXPECT_EQ(got.alerts, "1\n2\n3\n4\n5\n");
  EXPECT_EQ(got.unreadable, "4 ");
  EXPECT_EQ(got.events, 5U);
}

// A writer that goes on at its old offset after its file was cut off leaves zeros.
TEST(ReplayWorkers, ZerosAroundALineMeanNothing) {
  const auto rules = rules_of("ka.verb=get", "%ka.auditid");
  const std::string zeros(50, '\0');
  const Replayed got =
      replay({block_of(event("1") + "\n" + zeros + event("2") + "\n" + zeros + "\nx\n"),
              block_of("\n" + event("3"))},
             1, rules);
  EXPECT_EQ(got.alerts, "1\n2\n3\n");
  EXPECT_EQ(got.unreadable, "4 ");
}

TEST(ReplayWorkers, EndsWithTheErrorOfTheInputBehindWhatWasRead) {
  const auto rules = rules_of("ka.verb=get", "%ka.auditid");
  for (const unsigned threads : {1U, 3U}) {
    ReplayWorkers workers(rules, {}, {});
    std::uint64_t read = 0;
    std::uint64_t events = 0;
    const auto outcome = workers.run(
        threads,
        [&](InputBlock& block) -> base::Result<bool> {
          if (read == 5) {
            return base::Error{"read_failed", "gone", "file"};
          }
          ++read;
          block = block_of(event("1"));
          return true;
        },
        [&events](ReplayResult& result) {
          events += result.counts.events;
          return true;
        });
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().code, "read_failed");
    EXPECT_EQ(events, 5U);
  }
}

TEST(ReplayWorkers, ReadsNoMoreWhereAResultIsRefused) {
  const auto rules = rules_of("ka.verb=get", "%ka.auditid");
  for (const unsigned threads : {1U, 4U}) {
    ReplayWorkers workers(rules, {}, {});
    std::uint64_t read = 0;
    std::uint64_t taken = 0;
    const auto outcome = workers.run(
        threads,
        [&read](InputBlock& block) -> base::Result<bool> {
          block = block_of(event("1"));
          return ++read < 1000;
        },
        [&taken](ReplayResult&) { return ++taken < 10; });
    EXPECT_TRUE(outcome);
    EXPECT_EQ(taken, 10U) << threads;
    EXPECT_LE(read, 10U + threads * 4) << threads;  // those under way
  }
}

TEST(ReplayWorkers, ABodySpansLines) {
  const auto rules = rules_of("ka.verb=get", "%ka.auditid");
  const Replayed got = replay({block_of("{\"kind\":\"EventList\",\n\"items\":[\n" + event("1") +
                                            ",\n" + event("2") + "]\n}",
                                        audit::BatchForm::kBody)},
                              2, rules);
  EXPECT_EQ(got.alerts, "1\n2\n");
}

TEST(ReplayThreads, IsOneWhereRulesCountEvents) {
  EXPECT_EQ(replay_threads(*rules_of("ka.verb=get", "x"), 4), 4U);
  EXPECT_EQ(replay_threads(*rules_of("ka.verb=get", "%evt.num"), 4), 1U);
  EXPECT_EQ(replay_threads(*rules_of("evt.num > 5", "x"), 4), 1U);
  EXPECT_EQ(replay_threads(*rules_of("ka.verb=get", "%evt.reltime"), 4), 1U);
  EXPECT_GE(replay_threads(*rules_of("ka.verb=get", "x"), 0), 1U);
}

}  // namespace
}  // namespace tiercel::app
