// Every member of an event, each replaced by every other kind of value.
#include <algorithm>
#include <chrono>
#include <cstdlib>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "harness.h"

namespace tiercel::tests {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t kBatchMutants = 400;

void collect(const ordered_json& value, const ordered_json::json_pointer& at,
             std::vector<ordered_json::json_pointer>& out) {
  if (!at.empty()) {
    out.push_back(at);
  }
  if (value.is_object()) {
    for (const auto& [name, member] : value.items()) {
      collect(member, at / name, out);
    }
  } else if (value.is_array()) {
    for (std::size_t number = 0; number < value.size(); ++number) {
      collect(value[number], at / number, out);
    }
  }
}

// The event with each of its members replaced in turn.
Lines mutants(const ordered_json& event) {
  std::vector<ordered_json::json_pointer> places;
  collect(event, ordered_json::json_pointer(), places);
  Lines out;
  for (const auto& place : places) {
    for (const char* const other : {"null", "7", "-1.5e300", "true", "\"text\"", "[]", "[{}]",
                                    "[null]", "{}", R"({"x":[1]})"}) {
      ordered_json changed = event;
      changed[place] = ordered_json::parse(other);
      out.push_back(changed.dump());
    }
  }
  return out;
}

// The events of a scenario whose request has a body, for they have the most members.
std::vector<ordered_json> rich_events(const std::string& scenario) {
  std::vector<ordered_json> events;
  for (const std::string& line : recorded("scenarios/" + scenario)) {
    ordered_json event = ordered_json::parse(line);
    if (event.contains("requestObject") && event.value("verb", "") == "create") {
      events.push_back(std::move(event));
    }
  }
  EXPECT_FALSE(events.empty()) << scenario;
  events.resize(std::min<std::size_t>(events.size(), 1));
  return events;
}

// Takes away the alerts of events whose time is that of their arrival; how many.
std::size_t erase_timeless(Lines& alerts, std::int64_t start) {
  return std::erase_if(alerts, [start](const std::string& alert) {
    return std::strtoll(output_field(alert, "evt.time").c_str(), nullptr, 10) >= start;
  });
}

std::size_t count_good(const Lines& alerts) {
  return static_cast<std::size_t>(
      std::count_if(alerts.begin(), alerts.end(), [](const std::string& alert) {
        return output_field(alert, "ka.auditid").starts_with("good-");
      }));
}

class WrongTypes : public testing::TestWithParam<const char*> {};

TEST_P(WrongTypes, AreAnswered200AndGiveWhatReplayGives) {
  const std::int64_t start = std::chrono::duration_cast<std::chrono::nanoseconds>(
                                 std::chrono::system_clock::now().time_since_epoch())
                                 .count();
  const support::TempDir folder;
  const Lines rules{shipped_rules(), folder.write("every.yaml", every_event_rule())};
  const Lines arguments{"-o", "rule_matching=all", "-o",
                        R"(append_output[]={"extra_output":"%evt.time"})"};
  AuditDaemon daemon(rules, arguments);
  std::set<std::string> ids;
  int good = 0;
  ASSERT_NE(daemon.port(), 0) << daemon.process().log();
  for (const ordered_json& event : rich_events(GetParam())) {
    const Lines changed = mutants(event);
    EXPECT_GT(changed.size(), 200U);
    for (std::size_t from = 0; from < changed.size(); from += kBatchMutants) {
      Lines items;
      for (std::size_t at = from; at < std::min(from + kBatchMutants, changed.size()); ++at) {
        items.push_back(small_event("good-" + std::to_string(++good)));
        items.push_back(changed[at]);
      }
      const std::string body = event_list(items);
      ASSERT_EQ(daemon.post(body), 200) << daemon.process().log();
      Lines actual = daemon.new_alerts();
      // What was changed leaves most events with their identity.
      Lines expected = distinct(replayed(rules, Lines{body}, arguments), ids);
      EXPECT_GE(count_good(actual), items.size() / 2);
      EXPECT_EQ(erase_timeless(actual, start), erase_timeless(expected, start));
      expect_same_lines(actual, expected);
    }
  }
  EXPECT_TRUE(daemon.is_healthy());
}

INSTANTIATE_TEST_SUITE_P(All, WrongTypes,
                         testing::Values("b08_pod_multi_security.jsonl",
                                         "d01_exec_attach_portforward.jsonl", "c01_services.jsonl",
                                         "c02_configmap_credentials.jsonl",
                                         "e02_clusterrolebinding_admin.jsonl",
                                         "e04_clusterrole_write.jsonl", "f01_deployments.jsonl"),
                         [](const auto& one) {
                           const std::string name = one.param;
                           return name.substr(0, name.find('_'));
                         });

}  // namespace
}  // namespace tiercel::tests
