#include <type_traits>

#include <nlohmann/json.hpp>

#include "tiercel/api/cost_report.h"

namespace tiercel::api {

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
    out = found->is_string() ? found->template get<std::string>() : out;
  } else if constexpr (std::is_same_v<T, std::vector<std::string>>) {
    for (const Json& one : found->is_array() ? *found : Json::array()) {
      out.push_back(one.is_string() ? one.template get<std::string>() : std::string());
    }
  } else {
    out = found->is_number() ? found->template get<T>() : out;
  }
}

// The members, for writing and for reading: one list, so that neither forgets one.
void each_member(auto& report, const auto& visit) requires
    std::is_same_v<std::remove_cvref_t<decltype(report)>, CostReport> {
  visit("hash", report.hash);
  visit("seconds", report.seconds);
  visit("sample_every", report.sample_every);
  visit("measured_events", report.events);
  visit("nanoseconds_per_event", report.nanoseconds);
  visit("index_share", report.index_share);
  visit("rule_count", report.rule_count);
}

void each_member(auto& rule, const auto& visit) requires
    std::is_same_v<std::remove_cvref_t<decltype(rule)>, CostReport::Rule> {
  visit("name", rule.name);
  visit("matches", rule.matches);
  visit("matches_a_minute", rule.matches_a_minute);
  visit("tried", rule.tried);
  visit("nanoseconds_per_try", rule.nanoseconds);
  visit("share", rule.share);
  visit("finding", rule.finding);
}

void each_member(auto& check, const auto& visit) requires
    std::is_same_v<std::remove_cvref_t<decltype(check)>, CostReport::Check> {
  visit("check", check.text);
  visit("evaluations", check.evaluations);
  visit("held", check.held);
  visit("nanoseconds_per_evaluation", check.nanoseconds);
  visit("share", check.share);
  visit("rule_count", check.rule_count);
  visit("rules", check.rules);
}

Json written(const auto& one) {
  Json out = Json::object();
  each_member(one, [&out](const char* name, const auto& value) { out[name] = value; });
  return out;
}

template <class T>
void read_all(const Json& from, T& into) {
  each_member(into, [&from](const char* name, auto& value) { read(from, name, value); });
}

template <class T>
void read_list(const Json& from, const char* name, std::vector<T>& into) {
  const auto found = from.find(name);
  if (found == from.end() || !found->is_array()) {
    return;
  }
  for (const Json& one : *found) {
    if (one.is_object()) {
      read_all(one, into.emplace_back());
    }
  }
}

}  // namespace

std::string cost_json(const CostReport& report) {
  Json out = written(report);
  out["memory_bytes"] = report.memory ? Json(*report.memory) : Json(nullptr);
  out["memory_bytes_per_rule"] = report.memory && report.rule_count != 0
                                     ? Json(*report.memory / report.rule_count)
                                     : Json(nullptr);
  out["rules"] = Json::array();
  for (const CostReport::Rule& rule : report.rules) {
    out["rules"].push_back(written(rule));
  }
  out["checks"] = Json::array();
  for (const CostReport::Check& check : report.checks) {
    out["checks"].push_back(written(check));
  }
  return out.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::optional<CostReport> read_cost_json(std::string_view json) {
  const Json in = Json::parse(json, nullptr, false);
  if (!in.is_object() || !in.contains("rules")) {
    return std::nullopt;
  }
  CostReport report;
  read_all(in, report);
  if (const auto memory = in.find("memory_bytes"); memory != in.end() && memory->is_number()) {
    report.memory = memory->get<std::uint64_t>();
  }
  read_list(in, "rules", report.rules);
  read_list(in, "checks", report.checks);
  return report;
}

}  // namespace tiercel::api
