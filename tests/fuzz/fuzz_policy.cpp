// An audit policy: read, told about, and checked against two rules.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "tiercel/analyse/policy_check.h"
#include "tiercel/engine/rule_set.h"

namespace {

using namespace tiercel;

// What a fuzzer waits for: a fraction of a second, in which policies of hundreds of rules fit.
constexpr std::uint64_t kMostSteps = 2'000'000;

constexpr const char* kRules = R"(
- rule: Secrets
  desc: d
  condition: ka.stage = ResponseComplete and ka.target.resource = secrets and ka.user.name != a
  output: x
  priority: NOTICE
  source: k8s_audit
- rule: Pods
  desc: d
  condition: ka.target.resource = pods and not ka.req.pod.host_network = true
  output: "%ka.resp.name"
  priority: NOTICE
  source: k8s_audit
)";

void check(bool holds) {
  if (!holds) {
    std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  base::Diagnostics diagnostics;
  const auto policy = analyse::read_policy(
      "fuzz.yaml", std::string(reinterpret_cast<const char*>(data), size), diagnostics);
  check(policy.has_value() != diagnostics.has_errors());
  check(diagnostics.empty() || !base::to_text(diagnostics).empty());
  if (!policy) {
    return 0;
  }
  static const auto rules = engine::load_rules({{"rules.yaml", kRules}}, {}).rule_set;
  const auto findings = analyse::check_policy(*policy, *rules, kMostSteps);
  if (findings) {
    check(!analyse::to_json(*policy, *findings).empty());
    (void)base::to_text(analyse::to_diagnostics(*policy, *findings));
  }
  analyse::Request request;
  request.verb = "get";
  request.path = "/api";
  (void)analyse::decide(*policy, request);
  return 0;
}
