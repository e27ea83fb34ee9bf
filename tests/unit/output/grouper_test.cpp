#include <set>

#include <gtest/gtest.h>

#include "tiercel/output/routing.h"

#include "routing_support.h"

namespace tiercel::output {
namespace {

RouteAction grouped_by(std::vector<std::string> names, int wait = 10, int interval = 60) {
  RouteAction action;
  action.name = "routes";
  action.grouping = {std::move(names), std::chrono::seconds(wait), std::chrono::seconds(interval)};
  return action;
}

// Takes and tells at times given in seconds.
class Hand {
 public:
  explicit Hand(RouteAction action) : action_(std::move(action)) {}

  void take(std::int64_t seconds, std::uint64_t number, const Sample& like = {}) {
    Sample sample = like;
    sample.number = number;
    grouper.take(Stored(sample).alert, action_, seconds * kSecond);
  }
  // "3x1" for three alerts from position 1 on, in order.
  std::string due(std::int64_t seconds) { return told(grouper.due(seconds * kSecond)); }

  static std::string told(const std::vector<Grouper::Due>& list) {
    std::string out;
    for (const Grouper::Due& due : list) {
      out += (out.empty() ? "" : " ") + std::to_string(due.count) + "x" +
             std::to_string(due.alert.position);
    }
    return out;
  }
  [[nodiscard]] std::int64_t next() const {
    return grouper.next_due().value_or(-kSecond) / kSecond;
  }
  [[nodiscard]] std::uint64_t pending() const { return grouper.oldest_pending().value_or(0); }

  Grouper grouper;

 private:
  RouteAction action_;
};

Sample with(std::string rule, std::string user = "alice") {
  Sample sample;
  sample.rule = std::move(rule);
  sample.user = std::move(user);
  return sample;
}

TEST(Grouper, WaitsThenCollectsByInterval) {
  Hand hand(grouped_by({"rule"}));
  EXPECT_EQ(hand.next(), -1);
  EXPECT_EQ(hand.pending(), 0U);
  hand.take(0, 1);
  hand.take(3, 2);
  hand.take(9, 3);
  EXPECT_EQ(hand.next(), 10);
  EXPECT_EQ(hand.pending(), 1U);
  EXPECT_EQ(hand.due(9), "");
  EXPECT_EQ(hand.due(10), "3x1");
  EXPECT_EQ(hand.pending(), 0U);
  EXPECT_EQ(hand.next(), -1);
  // What comes within the interval is told at its end: 70.
  hand.take(11, 4);
  hand.take(69, 5);
  EXPECT_EQ(hand.next(), 70);
  EXPECT_EQ(hand.pending(), 4U);
  EXPECT_EQ(hand.due(69), "");
  EXPECT_EQ(hand.due(70), "2x4");
  hand.take(100, 6);
  EXPECT_EQ(hand.due(130), "1x6");
  // An interval without any: the group is forgotten, the next one waits anew.
  EXPECT_EQ(hand.due(190), "");
  hand.take(195, 7);
  EXPECT_EQ(hand.next(), 205);
  EXPECT_EQ(hand.due(205), "1x7");
}

TEST(Grouper, ForgetsWithoutBeingAsked) {
  Hand hand(grouped_by({"rule"}));
  hand.take(0, 1);
  EXPECT_EQ(hand.due(10), "1x1");
  hand.take(70, 2);  // nobody called due() at 70
  EXPECT_EQ(hand.next(), 80);
  EXPECT_EQ(hand.due(79), "");
  EXPECT_EQ(hand.due(80), "1x2");
}

TEST(Grouper, GroupsByEachValue) {
  Hand hand(grouped_by({"rule", "user", "ka.code"}));
  Sample other = with("R");
  other.fields["ka.code"] = 403;
  hand.take(0, 1, with("R"));
  hand.take(1, 2, with("S"));
  hand.take(2, 3, with("R", "bob"));
  hand.take(3, 4, other);
  hand.take(4, 5, with("R"));
  EXPECT_EQ(hand.due(12), "2x1 1x2 1x3");
  EXPECT_EQ(hand.next(), 13);
  EXPECT_EQ(hand.pending(), 4U);
  EXPECT_EQ(hand.due(100), "1x4");
}

TEST(Grouper, NoValueCanLookLikeTwo) {
  Hand hand(grouped_by({"rule", "user"}));
  hand.take(0, 1, with("a\nuser=1:b", ""));
  hand.take(0, 2, with("a", "b\nuser=0:"));
  hand.take(0, 3, with("a", "b"));
  EXPECT_EQ(hand.due(10), "1x1 1x2 1x3");
}

TEST(Grouper, LongValuesAreToldApart) {
  Hand hand(grouped_by({"user"}));
  const std::string length(1000, 'x');
  hand.take(0, 1, with("R", length + "1"));
  hand.take(0, 2, with("R", length + "2"));
  hand.take(0, 3, with("R", length + "1"));
  const std::vector<Grouper::Due> due = hand.grouper.due(10 * kSecond);
  EXPECT_EQ(Hand::told(due), "2x1 1x2");
  EXPECT_LT(json_of(due.front().alert.body)["output_fields"]["group.key"].get<std::string>().size(),
            300U);
}

TEST(Grouper, RoutesHaveTheirOwnGroups) {
  Grouper grouper;
  RouteAction one = grouped_by({"rule"});
  RouteAction two = grouped_by({"rule"}, 20);
  two.name = "routes[0]";
  const Stored first(Sample{1});
  const Stored second(Sample{2});
  grouper.take(first.alert, one, 0);
  grouper.take(second.alert, two, 0);
  EXPECT_EQ(Hand::told(grouper.due(15 * kSecond)), "1x1");
  EXPECT_EQ(Hand::told(grouper.due(20 * kSecond)), "1x2");
}

TEST(Grouper, ChangedRouteTakesEffect) {
  Grouper grouper;
  const Stored first(Sample{1});
  const Stored second(Sample{2});
  {
    const RouteAction gone = grouped_by({"rule"});
    grouper.take(first.alert, gone, 0);
  }
  RouteAction now = grouped_by({"rule"});
  now.message_template = "changed";
  grouper.take(second.alert, now, kSecond);
  const std::vector<Grouper::Due> due = grouper.due(10 * kSecond);
  ASSERT_EQ(Hand::told(due), "2x1");
  EXPECT_NE(due.front().alert.body.find("Warning changed (2 alerts"), std::string_view::npos);
}

TEST(Grouper, LoneAlertIsDeliveredAsItself) {
  Hand hand(grouped_by({"rule"}));
  Sample sample;
  sample.cluster = "prod";
  hand.take(0, 1, sample);
  const std::vector<Grouper::Due> due = hand.grouper.due(10 * kSecond);
  ASSERT_EQ(due.size(), 1U);
  const Stored same(sample);
  EXPECT_EQ(due.front().alert.body, same.alert.body);
  EXPECT_EQ(due.front().alert.id, same.alert.id);
  EXPECT_EQ(due.front().alert.rule, "R");
  EXPECT_EQ(due.front().alert.tags, "k8s");
  EXPECT_EQ(due.front().alert.user, "alice");
  EXPECT_EQ(due.front().alert.name_space, "web");
  EXPECT_EQ(due.front().alert.cluster, "prod");
}

TEST(Grouper, LoneAlertHasItsRoutesTemplate) {
  RouteAction action = grouped_by({"rule"});
  action.message_template = "%rule by %user";
  Hand hand(action);
  hand.take(0, 1);
  const std::vector<Grouper::Due> due = hand.grouper.due(10 * kSecond);
  ASSERT_EQ(due.size(), 1U);
  EXPECT_EQ(json_of(due.front().alert.body)["output"], "03:04:05.000000000: Warning R by alice");
}

nlohmann::json message_of(const std::vector<Grouper::Due>& due) {
  EXPECT_EQ(due.size(), 1U);
  EXPECT_TRUE(due.front().alert.body.ends_with("}\n"));
  return json_of(due.front().alert.body);
}

TEST(Grouper, MessageSaysHowManyAndWhen) {
  Hand hand(grouped_by({"rule", "user"}));
  for (std::uint64_t number = 1; number <= 7; ++number) {
    hand.take(0, number, with("R \"1\"\n", "zoë"));
  }
  const std::vector<Grouper::Due> due = hand.grouper.due(10 * kSecond);
  const nlohmann::json body = message_of(due);
  ASSERT_TRUE(body.is_object()) << due.front().alert.body;
  EXPECT_EQ(body["output"],
            "03:04:05.000000000: Warning alice did it (7 alerts like this one since "
            "2026-01-02T03:04:06.000000Z, last 2026-01-02T03:04:12.000000Z; ids: "
            "019b7c00000107070000000000000000, 019b7c00000207070000000000000000, "
            "019b7c00000307070000000000000000, 019b7c00000407070000000000000000, "
            "019b7c00000507070000000000000000, …)");
  const nlohmann::json& fields = body["output_fields"];
  EXPECT_EQ(fields["group.count"], 7);
  EXPECT_EQ(fields["group.first"], "2026-01-02T03:04:06.000000Z");
  EXPECT_EQ(fields["group.last"], "2026-01-02T03:04:12.000000Z");
  EXPECT_EQ(fields["group.ids"].size(), Grouper::kMostSamples);
  EXPECT_EQ(fields["group.ids"][0], "019b7c00000107070000000000000000");
  EXPECT_EQ(fields["group.key"], "rule=R \"1\"\n, user=zoë");
  EXPECT_FALSE(fields.contains("group.worst_priority"));
  EXPECT_EQ(fields["ka.user.name"], "alice");
  EXPECT_EQ(fields["evt.time"], kStart + kSecond);
  EXPECT_EQ(body["alert_id"], alert::to_text(alert::AlertId{due.front().alert.id}));
  EXPECT_EQ(due.front().count, 7U);
  EXPECT_EQ(due.front().alert.position, 1U);
  // Members and fields in byte order, no blanks: what nlohmann writes of it is the same.
  EXPECT_EQ(body.dump() + "\n", due.front().alert.body);
}

TEST(Grouper, IdIsTheSameForTheSameAlerts) {
  const auto id_of = [](std::vector<std::uint64_t> numbers) {
    Hand hand(grouped_by({"rule"}));
    for (const std::uint64_t number : numbers) {
      hand.take(0, number);
    }
    return hand.grouper.due(10 * kSecond).front().alert.id;
  };
  EXPECT_EQ(id_of({1, 2, 3}), id_of({1, 2, 3}));
  const std::set<std::array<std::uint8_t, 16>> ids{id_of({1, 2, 3}),    id_of({1, 3, 2}),
                                                   id_of({1, 2, 4, 3}), id_of({2, 3, 4}),
                                                   id_of({1}),          id_of({1, 2})};
  EXPECT_EQ(ids.size(), 6U);
  for (const auto& id : {id_of({1, 2, 3}), id_of({1, 2})}) {
    EXPECT_TRUE(std::equal(id.begin(), id.begin() + 6, Stored(Sample{1}).alert.id.begin()));
  }
}

TEST(Grouper, TheWorstPriorityIsNotHidden) {
  Hand hand(grouped_by({"namespace"}));
  Sample worse;
  worse.priority = base::Priority::kCritical;
  hand.take(0, 1);
  hand.take(0, 2, worse);
  const nlohmann::json body = message_of(hand.grouper.due(10 * kSecond));
  EXPECT_EQ(body["priority"], "Warning");
  EXPECT_EQ(body["output_fields"]["group.worst_priority"], "Critical");
  EXPECT_NE(body["output"].get<std::string>().find("; the worst is Critical; ids: "),
            std::string::npos);
}

TEST(Grouper, TemplateKnowsTheGroup) {
  RouteAction action = grouped_by({"rule"});
  action.message_template = "%group.count times %rule, %group.key";
  Hand hand(action);
  hand.take(0, 1);
  hand.take(0, 2);
  const std::string output = message_of(hand.grouper.due(10 * kSecond))["output"];
  EXPECT_TRUE(output.starts_with(
      "03:04:05.000000000: Warning 2 times R, rule=R (2 alerts like this one since "))
      << output;
}

TEST(Grouper, ABodyThatIsNoAlertIsToldAtOnce) {
  Grouper grouper;
  const RouteAction action = grouped_by({"rule"});
  store::StoredAlert alert;
  alert.position = 9;
  alert.body = "{\"odd\n";
  grouper.take(alert, action, 5);
  EXPECT_EQ(grouper.next_due(), 5);
  EXPECT_EQ(grouper.oldest_pending(), 9U);
  const std::vector<Grouper::Due> due = grouper.due(5);
  ASSERT_EQ(due.size(), 1U);
  EXPECT_EQ(due.front().alert.body, "{\"odd\n");
  EXPECT_EQ(grouper.oldest_pending(), std::nullopt);
  EXPECT_EQ(grouper.next_due(), std::nullopt);
}

TEST(Grouper, FlushTellsEverything) {
  Hand hand(grouped_by({"rule"}));
  hand.take(0, 1, with("A"));
  hand.take(1, 2, with("B"));
  hand.take(2, 3, with("A"));
  EXPECT_EQ(Hand::told(hand.grouper.flush()), "2x1 1x2");
  EXPECT_EQ(hand.next(), -1);
  EXPECT_EQ(hand.pending(), 0U);
  EXPECT_EQ(Hand::told(hand.grouper.flush()), "");
  hand.take(3, 4, with("A"));  // a new group
  EXPECT_EQ(hand.next(), 13);
}

TEST(Grouper, WithoutAnIntervalEachWaitIsAGroup) {
  Hand hand(grouped_by({"rule"}, 0, 0));
  hand.take(5, 1);
  EXPECT_EQ(hand.next(), 5);
  EXPECT_EQ(hand.due(5), "1x1");
  hand.take(5, 2);
  hand.take(5, 3);
  EXPECT_EQ(hand.due(5), "2x2");
}

TEST(Grouper, TooManyGroupsAreToldEarlyOldestFirst) {
  Hand hand(grouped_by({"rule"}));
  const std::uint64_t most = Grouper::kMostGroups;
  for (std::uint64_t number = 1; number <= most; ++number) {
    hand.take(0, number, with("R" + std::to_string(number)));
  }
  EXPECT_EQ(hand.next(), 10);
  hand.take(1, most + 1, with("R2"));  // an old one: no group more
  EXPECT_EQ(hand.next(), 10);
  hand.take(2, most + 2, with("new"));
  hand.take(3, most + 3, with("newer"));
  EXPECT_EQ(hand.next(), 2);
  EXPECT_EQ(hand.pending(), 1U);
  EXPECT_EQ(hand.due(3), "1x1 2x2");
  EXPECT_EQ(hand.pending(), 3U);
  // All the rest is told in its time: nothing was lost.
  std::uint64_t count = 0;
  for (const Grouper::Due& due : hand.grouper.due(20 * kSecond)) {
    count += due.count;
  }
  EXPECT_EQ(count, most);
}

TEST(Grouper, GroupsWithNothingToTellGoFirst) {
  Hand hand(grouped_by({"rule"}));
  const std::uint64_t most = Grouper::kMostGroups;
  for (std::uint64_t number = 1; number <= most; ++number) {
    hand.take(0, number, with("R" + std::to_string(number)));
  }
  EXPECT_EQ(hand.grouper.due(10 * kSecond).size(), most);
  hand.take(11, most + 1, with("new"));
  EXPECT_EQ(hand.due(12), "");
  EXPECT_EQ(hand.due(21), "1x" + std::to_string(most + 1));
}

TEST(Grouper, KeysOfGroupsWithNothingToTellAreBounded) {
  // Each key takes about 8 KiB: far fewer than kMostGroups fit.
  Hand hand(grouped_by(std::vector<std::string>(32, "rule"), 0, 60));
  std::uint64_t number = 0;
  for (std::uint64_t group = 0; group < 6000; ++group) {
    hand.take(0, ++number, with(std::string(250, 'x') + std::to_string(group)));
    EXPECT_EQ(hand.grouper.due(0).size(), 1U);
  }
  // The first has been forgotten, so it begins anew and is told at once; the last has not.
  hand.take(0, ++number, with(std::string(250, 'x') + "5999"));
  EXPECT_EQ(hand.due(0), "");
  hand.take(0, ++number, with(std::string(250, 'x') + "0"));
  EXPECT_EQ(hand.due(0), "1x" + std::to_string(number));
}

TEST(Grouper, BytesAreBounded) {
  Hand hand(grouped_by({"rule"}));
  Sample large;
  large.message = std::string(std::size_t{1} << 20U, 'x');
  std::uint64_t told = 0;
  std::size_t held = 0;
  for (std::uint64_t number = 1; number <= 40; ++number) {
    large.rule = "R" + std::to_string(number);
    hand.take(0, number, large);
    for (const Grouper::Due& due : hand.grouper.due(0)) {
      EXPECT_EQ(due.alert.position, ++told);  // the oldest first
    }
    held = static_cast<std::size_t>(number - told) << 20U;
    EXPECT_LE(held, std::size_t{32} << 20U);
  }
  EXPECT_GT(told, 0U);
  EXPECT_EQ(hand.grouper.due(10 * kSecond).size(), 40 - told);
}

}  // namespace
}  // namespace tiercel::output
