#include "flow_report.h"

#include <algorithm>
#include <string>

#include <nlohmann/json.hpp>

#include "tiercel/api/routes.h"
#include "tiercel/base/utc_time.h"

#include "age.h"

namespace tiercel::api {

namespace {

using Json = nlohmann::ordered_json;

// Of those that are silent for the longest time; the others are counted.
constexpr std::size_t kMostNamed = 20;

constexpr const char* kNobodySends =
    "Is kube-apiserver started with --audit-policy-file and --audit-webhook-config-file, does that "
    "kubeconfig lead to this port? `tiercel doctor --kubeconfig FILE --manifest FILE` looks";
constexpr const char* kNobodyPosts =
    "Is it up, does it reach this port, is --audit-webhook-config-file as it was? `tiercel doctor` "
    "looks at this side; its log says 'audit webhook' where it cannot deliver. Raise watch.silence "
    "where such a pause is ordinary; restart tiercel where it was taken away for good";
constexpr const char* kNobodyWrites =
    "Is the apiserver up, is --audit-log-path as it was? Raise watch.silence where such a pause is "
    "ordinary";

std::string name_of(const watch::ApiserverStatus& one) {
  const std::string who =
      one.source == "file" ? "the log followed in " + one.address : "the apiserver " + one.address;
  return one.cluster.empty() ? who : who + " (cluster " + one.cluster + ")";
}

const char* advice_of(const watch::ApiserverStatus& one) {
  return one.source == "file" ? kNobodyWrites : kNobodyPosts;
}

double seconds(std::int64_t nanoseconds) { return static_cast<double>(nanoseconds) / kSecond; }

Json silent_part(const watch::ApiserverStatus& one, std::int64_t now) {
  return {{"source", one.source},
          {"address", one.address},
          {"cluster", one.cluster},
          {"since", base::utc_text(now - one.silent_for)},
          {"silent_seconds", seconds(one.silent_for)},
          {"silence_expected_seconds", seconds(one.silence_expected)},
          {"advice", advice_of(one)}};
}

http::Response not_ready(const Json& body) {
  http::Response answer =
      json_response(body.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n", 503);
  answer.is_answer = true;
  return answer;
}

}  // namespace

http::Response flow_answer(const FlowInput& input) {
  if (input.nothing_for != 0) {
    const std::string since = base::utc_text(input.now - input.nothing_for);
    return not_ready(
        {{"status", "not ready"},
         {"reason", "no audit events have come from anywhere since the start, " + since},
         {"since", since},
         {"silent", Json::array()},
         {"advice", kNobodySends}});
  }
  std::vector<watch::ApiserverStatus> silent;
  std::size_t expected = 0;
  for (const watch::ApiserverStatus& one : input.apiservers) {
    expected += one.silence_expected != 0 ? 1U : 0U;
    if (one.is_silent) {
      silent.push_back(one);
    }
  }
  if (silent.empty()) {
    return json_response(R"({"status": "ok", "expected_apiservers": )" + std::to_string(expected) +
                         "}\n");
  }
  std::stable_sort(silent.begin(), silent.end(),
                   [](const auto& a, const auto& b) { return a.silent_for > b.silent_for; });
  Json list = Json::array();
  for (std::size_t at = 0; at < std::min(silent.size(), kMostNamed); ++at) {
    list.push_back(silent_part(silent[at], input.now));
  }
  const watch::ApiserverStatus& longest = silent.front();
  const std::string since = base::utc_text(input.now - longest.silent_for);
  const std::string others =
      silent.size() == 1 ? "" : "; so many more are silent: " + std::to_string(silent.size() - 1);
  return not_ready({{"status", "not ready"},
                    {"reason", "no audit events have come from " + name_of(longest) + " since " +
                                   since + others},
                    {"since", since},
                    {"silent", std::move(list)},
                    {"silent_apiservers", silent.size()},
                    {"advice", advice_of(longest)}});
}

}  // namespace tiercel::api
