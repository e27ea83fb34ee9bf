#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tiercel/api/reports.h"

#include "cost_support.h"

namespace tiercel::api {
namespace {

using Json = nlohmann::json;

constexpr std::int64_t kSecond = 1'000'000'000;

TEST(StatusReport, TellsWhetherTheDaemonIsFed) {
  base::Metrics metrics;
  const auto rules = tests::load_cost_rules(tests::cost_rule("One", "ka.verb = get"));
  const store::StoreStatus store;
  const std::vector<output::OutputStatus> outputs;
  StatusInput input{.metrics = metrics, .rules = *rules, .store = store, .outputs = outputs};
  input.started = 10 * kSecond;
  input.steady = 70 * kSecond;
  input.now = 1'000 * kSecond;
  Json status = Json::parse(status_json(input), nullptr, false);
  EXPECT_EQ(status["up_seconds"], 60);
  EXPECT_EQ(status["ready"], true);
  EXPECT_TRUE(status["not_ready_reason"].is_null());
  EXPECT_TRUE(status["last_batch_seconds"].is_null());
  EXPECT_TRUE(status["reload"]["last_seconds"].is_null());
  EXPECT_EQ(status["credentials"]["stale"], false);
  EXPECT_EQ(status["rules"]["in_force"], 1);
  EXPECT_EQ(status["rules"]["hash"], rules->hash());

  metrics.set(base::Metric::kLastBatch, 990);
  input.unready_reason = "no room";
  input.reload = {40 * kSecond, "bad \xff name"};
  input.stale_credentials = {"/etc/token: it is empty"};
  status = Json::parse(status_json(input), nullptr, false);
  EXPECT_EQ(status["last_batch_seconds"], 10);
  EXPECT_EQ(status["ready"], false);
  EXPECT_EQ(status["not_ready_reason"], "no room");
  EXPECT_EQ(status["reload"]["last_seconds"], 30);
  EXPECT_EQ(status["credentials"]["stale"], true);
  EXPECT_EQ(status["credentials"]["errors"][0], "/etc/token: it is empty");
  EXPECT_EQ(status["reload"]["error"], "bad \xef\xbf\xbd name");
  EXPECT_EQ(status["counters"].size(), base::kMetrics.size());
}

}  // namespace
}  // namespace tiercel::api
