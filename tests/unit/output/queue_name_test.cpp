#include "queue_name.h"

#include <gtest/gtest.h>

namespace tiercel::output {
namespace {

using Kind = QueueName::Kind;

store::StoredAlert sample() {
  store::StoredAlert alert;
  alert.priority = 4;
  alert.rule = "Attach to pod, or exec";
  alert.cluster = "blue";
  return alert;
}

std::string name_of(std::string_view text, Kind kind, const store::StoredAlert& alert) {
  const auto name = QueueName::parse(text, kind);
  return name ? name->of(alert) : name.error().text();
}

TEST(QueueName, IsFilledByTheAlert) {
  const store::StoredAlert alert = sample();
  EXPECT_EQ(name_of("tiercel-alerts", Kind::kTopic, alert), "tiercel-alerts");
  EXPECT_EQ(name_of("a.%cluster.%priority-x", Kind::kTopic, alert), "a.blue.Warning-x");
  EXPECT_EQ(name_of("%rule", Kind::kSubject, alert), "Attach_to_pod_or_exec");
  EXPECT_EQ(name_of("alerts.%cluster", Kind::kSubject, {}), "alerts.none");
}

TEST(QueueName, LetsNoAlertAddLevelsOrWildcards) {
  store::StoredAlert alert = sample();
  alert.rule = "a.b>c *\r\nPUB d \xc3\xa4";
  EXPECT_EQ(name_of("x.%rule", Kind::kSubject, alert), "x.a_b_c_PUB_d_");
  const std::string longest(1000, 'n');
  alert.rule = longest;
  EXPECT_EQ(name_of("x.%rule", Kind::kTopic, alert).size(), 82U);
}

TEST(QueueName, RefusesWhatNoServerTakes) {
  for (const char* const bad :
       {"", ".a", "a.", "a..b", "a b", "a.*", "a.>", "%user", "%namespace", "%", "a.%x"}) {
    EXPECT_FALSE(QueueName::parse(bad, Kind::kSubject)) << bad;
    EXPECT_FALSE(QueueName::parse(bad, Kind::kTopic)) << bad;
  }
  EXPECT_TRUE(QueueName::parse("a$b", Kind::kSubject));
  EXPECT_FALSE(QueueName::parse("a$b", Kind::kTopic));
  EXPECT_TRUE(QueueName::parse(std::string(249, 'a'), Kind::kTopic));
  EXPECT_FALSE(QueueName::parse(std::string(250, 'a'), Kind::kTopic));
  EXPECT_TRUE(QueueName::parse(std::string(169, 'a') + "%rule", Kind::kTopic));
  EXPECT_FALSE(QueueName::parse(std::string(170, 'a') + "%rule", Kind::kTopic));
}

}  // namespace
}  // namespace tiercel::output
