#include <nlohmann/json.hpp>

#include "cost_report.h"

namespace tiercel::app {

namespace {

using Json = nlohmann::ordered_json;

// A member of the wrong type is as one that is not there.
template <class T>
void read(const Json& from, const char* name, T& out) {
  const auto found = from.find(name);
  if (found == from.end()) {
    return;
  }
  if constexpr (std::is_same_v<T, std::string>) {
    out = found->is_string() ? found->get<std::string>() : out;
  } else {
    out = found->is_number() ? found->get<T>() : out;
  }
}

// The objects of an array, if it is one.
void for_each_object(const Json& from, const char* name, const auto& take) {
  const auto found = from.find(name);
  if (found == from.end() || !found->is_array()) {
    return;
  }
  for (const Json& one : *found) {
    if (one.is_object()) {
      take(one);
    }
  }
}

}  // namespace

std::string cost_json(const CostReport& report) {
  Json out;
  out["hash"] = report.hash;
  out["seconds"] = report.seconds;
  out["measured_events"] = report.events;
  out["nanoseconds_per_event"] = report.nanoseconds;
  out["index_share"] = report.index_share;
  out["rule_count"] = report.rule_count;
  out["memory_bytes"] = report.memory ? Json(*report.memory) : Json(nullptr);
  out["memory_bytes_per_rule"] = report.memory && report.rule_count != 0
                                     ? Json(*report.memory / report.rule_count)
                                     : Json(nullptr);
  out["rules"] = Json::array();
  for (const CostReport::Rule& rule : report.rules) {
    out["rules"].push_back({{"name", rule.name},
                            {"matches", rule.matches},
                            {"matches_a_minute", rule.matches_a_minute},
                            {"tried", rule.tried},
                            {"nanoseconds_per_try", rule.nanoseconds},
                            {"share", rule.share},
                            {"finding", rule.finding}});
  }
  out["checks"] = Json::array();
  for (const CostReport::Check& check : report.checks) {
    out["checks"].push_back({{"check", check.text},
                             {"evaluations", check.evaluations},
                             {"held", check.held},
                             {"nanoseconds_per_evaluation", check.nanoseconds},
                             {"share", check.share},
                             {"rule_count", check.rule_count},
                             {"rules", check.rules}});
  }
  return out.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::optional<CostReport> read_cost_json(std::string_view json) {
  const Json in = Json::parse(json, nullptr, false);
  if (!in.is_object() || !in.contains("rules")) {
    return std::nullopt;
  }
  CostReport report;
  read(in, "hash", report.hash);
  read(in, "seconds", report.seconds);
  read(in, "measured_events", report.events);
  read(in, "nanoseconds_per_event", report.nanoseconds);
  read(in, "index_share", report.index_share);
  read(in, "rule_count", report.rule_count);
  if (const auto memory = in.find("memory_bytes"); memory != in.end() && memory->is_number()) {
    report.memory = memory->get<std::uint64_t>();
  }
  for_each_object(in, "rules", [&report](const Json& one) {
    CostReport::Rule& rule = report.rules.emplace_back();
    read(one, "name", rule.name);
    read(one, "matches", rule.matches);
    read(one, "matches_a_minute", rule.matches_a_minute);
    read(one, "tried", rule.tried);
    read(one, "nanoseconds_per_try", rule.nanoseconds);
    read(one, "share", rule.share);
    read(one, "finding", rule.finding);
  });
  for_each_object(in, "checks", [&report](const Json& one) {
    CostReport::Check& check = report.checks.emplace_back();
    read(one, "check", check.text);
    read(one, "evaluations", check.evaluations);
    read(one, "held", check.held);
    read(one, "nanoseconds_per_evaluation", check.nanoseconds);
    read(one, "share", check.share);
    read(one, "rule_count", check.rule_count);
    if (const auto rules = one.find("rules"); rules != one.end() && rules->is_array()) {
      for (const Json& rule : *rules) {
        check.rules.push_back(rule.is_string() ? rule.get<std::string>() : std::string());
      }
    }
  });
  return report;
}

}  // namespace tiercel::app
