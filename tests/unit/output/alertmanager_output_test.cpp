#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "http_support.h"

namespace tiercel::output {
namespace {

using nlohmann::json;
using support::AlertText;
using support::PeerAnswer;
using support::PeerRequest;
using support::PeerServer;

std::string list_of(const std::vector<std::string>& urls) {
  std::string text;
  for (const std::string& url : urls) {
    text += "- " + url + "\n";
  }
  return text;
}

json sent(const PeerServer& peer) { return json::parse(peer.requests().back().body); }

TEST(AlertmanagerOutput, LabelsWhatAnAlertIsAndAnnotatesWhatItSays) {
  PeerServer peer;
  peer.answer_with(http_kind("alertmanager").takes);
  HttpOutputUnderTest output("alertmanager", {{"urls", list_of({peer.url("/prefix/")})},
                                              {"resolve_timeout", "2h"},
                                              {"labels", "team: platform\n9-bad name: x\n"},
                                              {"extra_labels", "- ka.target.name\n- none\n"},
                                              {"severity_map", "notice: page\n"}});
  support::AlertList list;
  add(list, {.rule = "Attach/Exec Pod",
             .priority = base::Priority::kNotice,
             .message = "exec into web-1",
             .fields = {{"ka.target.name", "web-1"}, {"ka.user.name", "alice"}}});
  list.back().user = "alice";
  list.back().name_space = "web";
  ASSERT_TRUE(is_taken(output.deliver(list)));
  EXPECT_EQ(peer.requests()[0].target, "/prefix/api/v2/alerts");
  const json alert = sent(peer).at(0);
  EXPECT_EQ(alert["labels"], json({{"alertname", "Attach/Exec Pod"},
                                   {"priority", "Notice"},
                                   {"severity", "page"},
                                   {"source", "k8s_audit"},
                                   {"hostname", "cp-1"},
                                   {"user", "alice"},
                                   {"namespace", "web"},
                                   {"ka_target_name", "web-1"},
                                   {"team", "platform"},
                                   {"__bad_name", "x"}}));
  EXPECT_EQ(alert["annotations"]["summary"], "exec into web-1");
  EXPECT_EQ(alert["annotations"]["description"], "exec into web-1");
  EXPECT_EQ(alert["annotations"]["ka_user_name"], "alice");
  EXPECT_EQ(alert["annotations"]["alert_id"], "00000000000000000000000000000001");
  EXPECT_EQ(alert["startsAt"], "2026-01-02T03:04:05.000Z");
  EXPECT_EQ(alert["endsAt"], "2026-01-02T05:04:05.000Z");
}

TEST(AlertmanagerOutput, APriorityHasASeverity) {
  PeerServer peer;
  peer.answer_with(http_kind("alertmanager").takes);
  HttpOutputUnderTest output("alertmanager", {{"urls", list_of({peer.url("")})}});
  support::AlertList list;
  for (int number = 0; number < 8; ++number) {
    add(list, {.priority = static_cast<base::Priority>(number)});
  }
  ASSERT_TRUE(is_taken(output.deliver(list)));
  std::vector<std::string> severities;
  for (const json& alert : sent(peer)) {
    severities.push_back(alert["labels"]["severity"]);
  }
  EXPECT_EQ(severities, (std::vector<std::string>{"critical", "critical", "critical", "critical",
                                                  "warning", "info", "info", "info"}));
}

TEST(AlertmanagerOutput, AnUnknownPriorityIsToldAtTheStart) {
  HttpOutputUnderTest output("alertmanager", {{"severity_map", "Notive: page\n"}});
  const auto opened = output->open();
  ASSERT_FALSE(opened);
  EXPECT_NE(opened.error().text().find("Notive: page"), std::string::npos) << opened.error().text();
}

// There they are one alert, and the last one's annotations are shown.
TEST(AlertmanagerOutput, AlertsOfTheSameLabelsSayHowManyTheyAre) {
  PeerServer peer;
  peer.answer_with(http_kind("alertmanager").takes);
  HttpOutputUnderTest output("alertmanager", {{"urls", list_of({peer.url("")})}});
  support::AlertList list;
  for (int number = 0; number < 30; ++number) {
    add(list, {.message = "one of them"});
  }
  add(list, {.rule = "Another"});
  ASSERT_TRUE(is_taken(output.deliver(list)));
  const json alerts = sent(peer);
  ASSERT_EQ(alerts.size(), 31U);
  const json annotations = alerts[29]["annotations"];
  EXPECT_EQ(annotations["alert_count"], "30");
  const auto ids = annotations["alert_ids"].get<std::string>();
  EXPECT_TRUE(ids.starts_with(alerts[0]["annotations"]["alert_id"].get<std::string>() + ","));
  EXPECT_EQ(std::count(ids.begin(), ids.end(), ','), 19);
  EXPECT_FALSE(alerts[30]["annotations"].contains("alert_count"));
}

TEST(AlertmanagerOutput, OnePeerThatTakesThemIsEnough) {
  PeerServer down({.listens = false});
  PeerServer well;
  down.answer_with(http_kind("alertmanager").takes);
  well.answer_with(http_kind("alertmanager").takes);
  HttpOutputUnderTest output("alertmanager", {{"urls", list_of({down.url(""), well.url("")})}});
  EXPECT_TRUE(is_taken(output.deliver("one")));
  EXPECT_EQ(well.requests().size(), 1U);
  // It is left alone for a while, so that one that hangs does not hold up each batch.
  down.listen();
  EXPECT_TRUE(is_taken(output.deliver("two")));
  EXPECT_TRUE(down.requests().empty());
  output.clock().pass_seconds(31);
  EXPECT_TRUE(is_taken(output.deliver("three")));
  EXPECT_EQ(down.requests().size(), 1U);
  EXPECT_EQ(well.requests().size(), 3U);
}

TEST(AlertmanagerOutput, APeerThatFailedIsAskedWhereNoOtherTakesThem) {
  PeerServer first;
  PeerServer second;
  HttpOutputUnderTest output("alertmanager", {{"urls", list_of({first.url(""), second.url("")})}});
  const auto fails = [](const PeerRequest&) { return PeerAnswer{.status = 503}; };
  first.answer_with(fails);
  second.answer_with(fails);
  EXPECT_EQ(output.deliver("one").again.size(), 1U);
  second.answer_with(http_kind("alertmanager").takes);
  EXPECT_TRUE(is_taken(output.deliver("one")));
  EXPECT_EQ(second.requests().size(), 2U);
}

TEST(AlertmanagerOutput, HopeCountsMoreThanARefusal) {
  PeerServer refuses;
  PeerServer busy;
  refuses.answer_with([](const PeerRequest&) { return PeerAnswer{.status = 400}; });
  busy.answer_with([](const PeerRequest&) {
    return PeerAnswer{.status = 429, .headers = {{"Retry-After", "9"}}};
  });
  for (const bool is_turned : {false, true}) {
    const std::vector<std::string> urls{(is_turned ? busy : refuses).url(""),
                                        (is_turned ? refuses : busy).url("")};
    HttpOutputUnderTest output("alertmanager", {{"urls", list_of(urls)}});
    const Delivery delivery = output.deliver("one");
    EXPECT_EQ(delivery.again.size(), 1U);
    EXPECT_TRUE(delivery.rejected.empty());
    EXPECT_EQ(delivery.retry_after, std::chrono::seconds(9));
  }
  HttpOutputUnderTest output("alertmanager", {{"urls", list_of({refuses.url("")})}});
  EXPECT_EQ(output.deliver("one").rejected.size(), 1U);
}

TEST(AlertmanagerOutput, NeedsAPeer) {
  HttpOutputUnderTest output("alertmanager", {{"urls", list_of({"http://a", "https://b/x"})}});
  EXPECT_TRUE(output->open());
}

}  // namespace
}  // namespace tiercel::output
