#include "tiercel/pipeline/pipeline.h"

#include <algorithm>
#include <filesystem>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "hand_clock.h"
#include "pipeline_support.h"
#include "read_file.h"
#include "temp_dir.h"

namespace tiercel::pipeline {
namespace {

namespace asio = boost::asio;
using source::BatchOutcome;

class PipelineTest : public testing::Test {
 protected:
  PipelineTest()
      : rules_(rules_of(yaml_of({{"ka.verb=delete", "%ka.auditid"}}))),
        alerts_(store_, {}, clock_, metrics_),
        quarantine_({.path = dir_.path("quarantine")}, clock_, metrics_) {}

  BatchOutcome process(const std::string& body,
                       std::chrono::milliseconds timeout = std::chrono::milliseconds{20'000}) {
    PipelineOptions options;
    options.append_timeout = timeout;
    Pipeline pipeline(options, rules_, store_, quarantine_, alerts_, metrics_);
    return process(pipeline, body);
  }
  static BatchOutcome process(Pipeline& pipeline, const std::string& body) {
    asio::io_context context;
    BatchOutcome outcome = BatchOutcome::kBusy;
    asio::co_spawn(
        context,
        [&]() -> asio::awaitable<void> { outcome = co_await pipeline.process(batch_of(body)); },
        asio::detached);
    context.run();
    return outcome;
  }

  const support::TempDir dir_;
  support::HandClock clock_;
  base::Metrics metrics_;
  base::Snapshot<engine::RuleSet> rules_;
  FakeStore store_;
  InternalAlerts alerts_;
  Quarantine quarantine_;
};

TEST_F(PipelineTest, IsDoneWhenTheStoreHasTheAlerts) {
  EXPECT_EQ(process(list_of({event("1", "delete"), event("2", "get")})), BatchOutcome::kDone);
  EXPECT_EQ(store_.lines().size(), 1U);
  EXPECT_EQ(metrics_.value(base::Metric::kEvents), 2U);
  EXPECT_EQ(metrics_.value(base::Metric::kAlerts), 1U);
}

TEST_F(PipelineTest, WaitsForNothingWithoutAlerts) {
  store_.is_silent = true;
  EXPECT_EQ(process(event("1", "get")), BatchOutcome::kDone);
  EXPECT_TRUE(store_.lines().empty());
}

TEST_F(PipelineTest, AnswersAsTheStoreDoes) {
  store_.answer = store::AppendResult::kFailed;
  EXPECT_EQ(process(event("1", "delete")), BatchOutcome::kFailed);
  store_.answer = store::AppendResult::kStopping;
  EXPECT_EQ(process(event("1", "delete")), BatchOutcome::kBusy);
}

TEST_F(PipelineTest, FailsWhenTheStoreDoesNotAnswerInTime) {
  store_.is_silent = true;
  EXPECT_EQ(process(event("1", "delete"), std::chrono::milliseconds{10}), BatchOutcome::kFailed);
}

// A body that is refused after its first window comes again, and that is no repetition.
TEST_F(PipelineTest, ALargeBodyIsAcknowledgedAfterItsLastWindow) {
  watch::Apiservers watched(
      {}, [](watch::Finding) {}, clock_, metrics_);
  PipelineOptions options;
  options.watch = &watched;
  Pipeline pipeline(options, rules_, store_, quarantine_, alerts_, metrics_);
  source::Windows windows;
  const auto take = [&](const std::string& id, bool is_last) {
    source::Batch batch = batch_of(list_of({event(id, "get")}));
    batch.windows = &windows;
    windows.is_last = is_last;
    EXPECT_EQ(pipeline.process_and_wait(batch), BatchOutcome::kDone);
    return metrics_.value(base::Metric::kRepeatedBatches);
  };
  EXPECT_EQ(take("1", false), 0U);
  windows = {};
  EXPECT_EQ(take("1", false), 0U) << "its first window alone is not known";
  EXPECT_EQ(take("2", true), 0U);
  windows = {};
  EXPECT_EQ(take("2", false), 0U) << "nor is a body by its other windows";
  windows = {};
  EXPECT_EQ(take("1", false), 1U);
}

// One body of many windows is one batch, and makes nobody's rhythm known.
TEST_F(PipelineTest, TheWindowsOfALargeBodyAreOneBatch) {
  watch::Apiservers watched(
      {}, [](watch::Finding) {}, clock_, metrics_);
  PipelineOptions options;
  options.watch = &watched;
  Pipeline pipeline(options, rules_, store_, quarantine_, alerts_, metrics_);
  const std::uint64_t windows_of_body = 2 * watch::Apiservers::kKnown;
  for (std::uint64_t time = 1; time <= 2; ++time) {
    source::Windows windows;
    for (std::uint64_t at = 1; at <= windows_of_body; ++at) {
      source::Batch batch = batch_of(list_of({event(std::to_string(at), "get")}));
      batch.source = "webhook";
      batch.windows = &windows;
      windows.is_last = at == windows_of_body;
      EXPECT_EQ(pipeline.process_and_wait(batch), BatchOutcome::kDone);
    }
    EXPECT_EQ(metrics_.value(base::Metric::kBatches), time);
    ASSERT_EQ(watched.status().size(), 1U);
    EXPECT_EQ(watched.status()[0].batches, time);
    EXPECT_EQ(watched.status()[0].events, time * windows_of_body);
    EXPECT_EQ(watched.status()[0].silence_expected, 0);
  }
  // All of the body that came again is known, not its first window alone.
  EXPECT_EQ(watched.distinct_events(), windows_of_body);
  EXPECT_EQ(watched.status()[0].repeated_batches, 1U);
  EXPECT_EQ(metrics_.value(base::Metric::kRepeatedBatches), 1U);
}

// As `tiercel doctor` posts one.
TEST_F(PipelineTest, AListWithoutEventsIsTakenAndNoSignOfLife) {
  watch::Apiservers watched(
      {}, [](watch::Finding) {}, clock_, metrics_);
  PipelineOptions options;
  options.watch = &watched;
  Pipeline pipeline(options, rules_, store_, quarantine_, alerts_, metrics_);
  EXPECT_EQ(process(pipeline, list_of({})), BatchOutcome::kDone);
  EXPECT_TRUE(store_.lines().empty());
  EXPECT_EQ(quarantine_.files(), 0U);
  EXPECT_TRUE(watched.status().empty());
  EXPECT_EQ(metrics_.value(base::Metric::kLastBatch), 0U);
}

// For sources with a thread of their own: alerts and positions go together.
TEST_F(PipelineTest, AThreadWaitsForAlertsAndNotForPositionsAlone) {
  PipelineOptions options;
  options.append_timeout = std::chrono::milliseconds{10};
  Pipeline pipeline(options, rules_, store_, quarantine_, alerts_, metrics_);
  const auto take = [&pipeline](const std::string& body) {
    source::Batch batch = batch_of(body);
    batch.source = "file";
    batch.positions = {{"one", "17"}, {"two", ""}};
    return pipeline.process_and_wait(batch);
  };
  EXPECT_EQ(take(event("1", "delete")), BatchOutcome::kDone);
  ASSERT_EQ(store_.positions().size(), 2U);
  EXPECT_EQ(store_.positions()[0].source, "file");
  EXPECT_EQ(store_.positions()[0].key, "one");
  EXPECT_EQ(store_.positions()[0].value, "17");
  store_.answer = store::AppendResult::kFull;
  EXPECT_EQ(take(event("2", "delete")), BatchOutcome::kBusy);
  store_.answer = store::AppendResult::kFailed;
  EXPECT_EQ(take(event("3", "delete")), BatchOutcome::kFailed);
  store_.is_silent = true;
  EXPECT_EQ(take(event("4", "delete")), BatchOutcome::kFailed);
  EXPECT_EQ(take(event("5", "get")), BatchOutcome::kDone);
  // Positions of a batch without a body, as of a file that was read to its end.
  source::Batch empty;
  empty.source = "file";
  empty.positions = {{"one", "18"}};
  EXPECT_EQ(pipeline.process_and_wait(empty), BatchOutcome::kDone);
  EXPECT_EQ(store_.positions().back().value, "18");
  EXPECT_EQ(metrics_.value(base::Metric::kBatches), 5U);
}

TEST_F(PipelineTest, ABadBodyIsDoneAndKept) {
  EXPECT_EQ(process("{\"kind\":"), BatchOutcome::kDone);
  EXPECT_EQ(metrics_.value(base::Metric::kQuarantinedBodiesTruncated), 1U);
  EXPECT_EQ(quarantine_.files(), 1U);
  ASSERT_EQ(store_.lines().size(), 1U);
  EXPECT_NE(store_.lines()[0].find("tiercel: "), std::string::npos) << store_.lines()[0];
  EXPECT_NE(store_.lines()[0].find("192.0.2.7"), std::string::npos) << store_.lines()[0];
}

TEST_F(PipelineTest, BadItemsAreKeptAndTheOthersEvaluated) {
  EXPECT_EQ(process(list_of({"{nonsense}", event("2", "delete")})), BatchOutcome::kDone);
  EXPECT_EQ(metrics_.value(base::Metric::kQuarantinedItemsNotJson), 1U);
  EXPECT_EQ(quarantine_.files(), 1U);
  EXPECT_EQ(store_.lines().size(), 2U);
}

TEST_F(PipelineTest, OneBodyCannotFlushTheQuarantine) {
  const std::vector<std::string> bad(100, "{nonsense}");
  EXPECT_EQ(process(list_of(bad)), BatchOutcome::kDone);
  EXPECT_EQ(metrics_.value(base::Metric::kQuarantinedItemsNotJson), 100U);
  EXPECT_EQ(quarantine_.files(), Pipeline::kMostKeptItems);
  EXPECT_NE(store_.lines().back().find("84 further events"), std::string::npos)
      << store_.lines().back();
}

// Each limit and each mistake under a reason of its own, and nothing else counted for it.
TEST_F(PipelineTest, BadInputIsCountedByItsReason) {
  const auto only = [this](base::Metric metric, const std::string& body) {
    const std::uint64_t before = metrics_.value(metric);
    const auto all = [this] {
      std::uint64_t sum = 0;
      for (const base::MetricRow& row : base::kMetrics) {
        sum += row.name.starts_with("quarantined_") ? metrics_.value(row.metric) : 0;
      }
      return sum;
    };
    const std::uint64_t before_all = all();
    EXPECT_EQ(process(body), BatchOutcome::kDone) << body.substr(0, 100);
    EXPECT_EQ(metrics_.value(metric), before + 1) << body.substr(0, 100);
    EXPECT_EQ(all(), before_all + 1) << body.substr(0, 100);
  };
  const std::string good = event("1", "get");
  const std::string deep =
      "{\"requestObject\":" + std::string(600, '[') + std::string(600, ']') + "}";
  const std::string large = "{\"requestURI\":\"" + std::string(17U << 20U, 'x') + "\"}";
  using base::Metric;
  only(Metric::kQuarantinedBodiesNotJson, "<html>");
  only(Metric::kQuarantinedBodiesNotAuditList, "{\"kind\":\"Pod\"}");
  only(Metric::kQuarantinedBodiesTruncated, "{\"kind\":");
  only(Metric::kQuarantinedItemsNotJson, list_of({good, "{nonsense}"}));
  only(Metric::kQuarantinedItemsWrongKind, list_of({good, "{\"kind\":\"Pod\"}"}));
  only(Metric::kQuarantinedItemsTooDeep, list_of({good, deep}));
  only(Metric::kQuarantinedItemsTooLarge, list_of({good, large}));
  const std::string list = list_of({good, good});
  only(Metric::kQuarantinedItemsTruncated, list.substr(0, list.size() - good.size() / 2));
  only(Metric::kQuarantinedItemsTrailingGarbage, list + "}");
}

// A source hands the same batch over until the store has room: one bad item is one piece of the
// quarantine, one report and one count, however long that takes.
TEST_F(PipelineTest, ABatchThatComesAgainIsCountedAndReportedOnce) {
  Pipeline pipeline({}, rules_, store_, quarantine_, alerts_, metrics_);
  source::Batch batch = batch_of(list_of({"{nonsense}", event("2", "delete")}));
  store_.answer = store::AppendResult::kFull;
  EXPECT_EQ(pipeline.process_and_wait(batch), BatchOutcome::kBusy);
  batch.is_repeat = true;
  EXPECT_EQ(pipeline.process_and_wait(batch), BatchOutcome::kBusy);
  store_.answer = store::AppendResult::kStored;
  EXPECT_EQ(pipeline.process_and_wait(batch), BatchOutcome::kDone);
  EXPECT_EQ(quarantine_.files(), 1U);
  EXPECT_EQ(metrics_.value(base::Metric::kQuarantinedItemsNotJson), 1U);
  EXPECT_EQ(metrics_.value(base::Metric::kBatches), 1U);
  EXPECT_EQ(metrics_.value(base::Metric::kAlerts), 1U);
  // The report too is offered to the store until it is taken, as the same alert.
  auto lines = store_.lines();
  std::sort(lines.begin(), lines.end());
  lines.erase(std::unique(lines.begin(), lines.end()), lines.end());
  EXPECT_EQ(std::count_if(lines.begin(), lines.end(),
                          [](const std::string& line) {
                            return line.find("tiercel: ") != std::string::npos;
                          }),
            1);
}

TEST_F(PipelineTest, TakesPiecesThatNoBatchCouldBeMadeOf) {
  Pipeline pipeline({}, rules_, store_, quarantine_, alerts_, metrics_);
  source::BadPiece piece;
  piece.input = {.bytes = "head", .code = "too_large", .message = "too large", .item = 3};
  piece.peer = "192.0.2.8";
  piece.source = "webhook";
  pipeline.take_bad_piece(piece);
  EXPECT_EQ(quarantine_.files(), 1U);
  EXPECT_EQ(metrics_.value(base::Metric::kQuarantinedItemsTooLarge), 1U);
  ASSERT_EQ(store_.lines().size(), 1U);
  EXPECT_NE(store_.lines()[0].find("too large"), std::string::npos) << store_.lines()[0];

  piece.input = {.bytes = "head", .code = "bad_gzip", .message = "cut short", .whole = true};
  pipeline.take_bad_piece(piece);
  EXPECT_EQ(metrics_.value(base::Metric::kQuarantinedBodiesBadGzip), 1U);
  EXPECT_EQ(metrics_.value(base::Metric::kQuarantinedBodiesNotJson), 0U);
}

TEST_F(PipelineTest, UsesTheRulesThatAreInForceWhenTheBatchBegins) {
  Pipeline pipeline({}, rules_, store_, quarantine_, alerts_, metrics_);
  EXPECT_EQ(process(pipeline, event("1", "get")), BatchOutcome::kDone);
  EXPECT_TRUE(store_.lines().empty());
  rules_.publish(rules_of(yaml_of({{"ka.verb=get", "now"}})));
  EXPECT_EQ(process(pipeline, event("1", "get")), BatchOutcome::kDone);
  EXPECT_EQ(store_.lines().size(), 1U);
}

TEST_F(PipelineTest, TakesUpChangedStaticFields) {
  engine::CompileOptions options;
  options.alerts.static_fields = {{"site", "old"}};
  rules_.publish(rules_of(yaml_of({{"static.site=new", "moved"}}), options));
  PipelineOptions of_pipeline;
  of_pipeline.context.static_fields = {{"site", "old"}};
  Pipeline pipeline(of_pipeline, rules_, store_, quarantine_, alerts_, metrics_);
  EXPECT_EQ(process(pipeline, event("1", "get")), BatchOutcome::kDone);
  EXPECT_TRUE(store_.lines().empty());
  pipeline.set_live({{"site", "new"}}, true);
  EXPECT_EQ(process(pipeline, event("1", "get")), BatchOutcome::kDone);
  EXPECT_EQ(store_.lines().size(), 1U);
}

TEST_F(PipelineTest, MasksTheQuarantineAsAReloadSays) {
  const std::string secret = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJzeXN0ZW0ifQ.c2lnbmF0dXJlMTIz";
  const auto holds_secret = [&] {
    bool is_found = false;
    for (const auto& entry : std::filesystem::directory_iterator(dir_.path("quarantine"))) {
      is_found = support::read_file(entry.path()).find(secret) != std::string::npos || is_found;
    }
    return is_found;
  };
  Pipeline pipeline({}, rules_, store_, quarantine_, alerts_, metrics_);
  EXPECT_EQ(process(pipeline, "no JSON " + secret), BatchOutcome::kDone);
  EXPECT_EQ(metrics_.value(base::Metric::kQuarantinedBodiesNotJson), 1U);
  EXPECT_FALSE(holds_secret());
  pipeline.set_live({}, false);
  EXPECT_EQ(process(pipeline, "no JSON, again " + secret), BatchOutcome::kDone);
  EXPECT_TRUE(holds_secret());
}

}  // namespace
}  // namespace tiercel::pipeline
