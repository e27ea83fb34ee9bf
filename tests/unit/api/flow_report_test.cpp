#include "flow_report.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace tiercel::api {
namespace {

using Json = nlohmann::json;

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kNow = 1'767'323'045 * kSecond;  // 2026-01-02T03:04:05Z

watch::ApiserverStatus one(const std::string& address, std::int64_t silent_for) {
  watch::ApiserverStatus out;
  out.source = "webhook";
  out.address = address;
  out.silent_for = silent_for * kSecond;
  out.silence_expected = 300 * kSecond;
  out.is_silent = silent_for > 300;
  return out;
}

http::Response answer(const std::vector<watch::ApiserverStatus>& apiservers,
                      std::int64_t nothing_for = 0) {
  return flow_answer({.apiservers = apiservers, .nothing_for = nothing_for, .now = kNow});
}

TEST(FlowReport, IsGoodWhileEventsFlowOrNoneAreDue) {
  EXPECT_EQ(answer({}).status, 200U);
  EXPECT_EQ(answer({}).body, "{\"status\": \"ok\", \"expected_apiservers\": 0}\n");
  watch::ApiserverStatus hardly_known = one("10.0.0.2", 200);
  hardly_known.silence_expected = 0;
  const http::Response flowing = answer({one("10.0.0.1", 4), hardly_known});
  EXPECT_EQ(flowing.status, 200U);
  EXPECT_EQ(flowing.body, "{\"status\": \"ok\", \"expected_apiservers\": 1}\n");
}

TEST(FlowReport, NamesWhoIsSilentSinceWhenAndWhatToDo) {
  watch::ApiserverStatus east = one("10.0.0.2", 605);
  east.cluster = "east \"1\"";
  const http::Response silent = answer({one("10.0.0.1", 4), one("10.0.0.3", 400), east});
  EXPECT_EQ(silent.status, 503U);
  EXPECT_TRUE(silent.is_answer) << "no batch was turned away";
  EXPECT_EQ(silent.content_type, "application/json");
  const Json body = Json::parse(silent.body, nullptr, false);
  EXPECT_EQ(body["status"], "not ready");
  EXPECT_EQ(body["reason"],
            "no audit events have come from the apiserver 10.0.0.2 (cluster east \"1\") since "
            "2026-01-02T02:54:00Z; so many more are silent: 1");
  EXPECT_EQ(body["since"], "2026-01-02T02:54:00Z");
  EXPECT_NE(body["advice"].get<std::string>().find("--audit-webhook-config-file"),
            std::string::npos);
  ASSERT_EQ(body["silent"].size(), 2U) << "not the one that sends";
  EXPECT_EQ(body["silent"][0]["address"], "10.0.0.2");
  EXPECT_EQ(body["silent"][0]["cluster"], "east \"1\"");
  EXPECT_EQ(body["silent"][0]["silent_seconds"], 605);
  EXPECT_EQ(body["silent"][0]["silence_expected_seconds"], 300);
  EXPECT_EQ(body["silent"][1]["address"], "10.0.0.3");
  EXPECT_EQ(body["silent"][1]["since"], "2026-01-02T02:57:25Z");
}

TEST(FlowReport, OfALogItAsksForTheLog) {
  watch::ApiserverStatus log = one("/var/log/kubernetes/audit", 400);
  log.source = "file";
  const Json body = Json::parse(answer({log}).body, nullptr, false);
  EXPECT_EQ(body["reason"],
            "no audit events have come from the log followed in /var/log/kubernetes/audit since "
            "2026-01-02T02:57:25Z");
  EXPECT_NE(body["advice"].get<std::string>().find("--audit-log-path"), std::string::npos);
  EXPECT_NE(body["silent"][0]["advice"].get<std::string>().find("--audit-log-path"),
            std::string::npos);
}

TEST(FlowReport, SaysThatNobodyHasSentAnythingYet) {
  const http::Response nothing = answer({}, 605 * kSecond);
  EXPECT_EQ(nothing.status, 503U);
  EXPECT_TRUE(nothing.is_answer);
  const Json body = Json::parse(nothing.body, nullptr, false);
  EXPECT_EQ(body["reason"],
            "no audit events have come from anywhere since the start, 2026-01-02T02:54:00Z");
  EXPECT_NE(body["advice"].get<std::string>().find("tiercel doctor --kubeconfig"),
            std::string::npos);
}

TEST(FlowReport, NamesSoManyOnly) {
  std::vector<watch::ApiserverStatus> all(watch::Apiservers::kMost, one("10.0.0.1", 400));
  all.front().cluster = "\xff\n";
  const Json body = Json::parse(answer(all).body, nullptr, false);
  EXPECT_EQ(body["silent"].size(), 20U);
  EXPECT_EQ(body["silent_apiservers"], 256);
  EXPECT_EQ(body["silent"][0]["cluster"], "\xef\xbf\xbd\n");
}

}  // namespace
}  // namespace tiercel::api
