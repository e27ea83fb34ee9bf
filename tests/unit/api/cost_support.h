#pragma once

#include <string>
#include <vector>

#include "tiercel/audit/decode.h"
#include "tiercel/engine/rule_set.h"

namespace tiercel::tests {

inline std::string cost_rule(const std::string& name, const std::string& condition) {
  return "- rule: " + name + "\n  condition: " + condition +
         "\n  desc: d\n  output: o\n  priority: INFO\n  source: k8s_audit\n";
}

inline std::shared_ptr<const engine::RuleSet> load_cost_rules(const std::string& text) {
  engine::CompileOptions options;
  options.matching = engine::Matching::kAll;
  return engine::load_rules({{"rules.yaml", text}}, options).rule_set;
}

/// Evaluates so many equal events, each of them measured.
class MeasuredEvents final : public audit::EventSink {
 public:
  explicit MeasuredEvents(std::shared_ptr<const engine::RuleSet> rules) {
    evaluator_.use(std::move(rules));
    evaluator_.measure_every(1);
  }
  void put(std::size_t count, const std::string& verb, const std::string& uri = "/x") {
    std::string event =
        R"({"kind":"Event","auditID":"a","level":"Metadata","stage":"ResponseComplete","verb":")" +
        verb + R"(","requestURI":")" + uri + R"(","user":{"username":"u"}})";
    const std::size_t size = event.size();
    event.append(audit::kPadding, ' ');
    for (std::size_t at = 0; at < count; ++at) {
      (void)decoder_.decode(std::string_view(event).substr(0, size), audit::BatchForm::kBody, 0,
                            *this);
    }
  }
  void on_event(audit::AuditEvent& event) override { (void)evaluator_.evaluate(event, {}); }
  void on_bad(const audit::BadInput& /*bad*/) override {}

 private:
  engine::Evaluator evaluator_;
  audit::BatchDecoder decoder_;
};

/// A check that takes RE2 long for slow_uri(): counted repetitions make an automaton of many
/// states, and the text walks through it.
inline const char* const kSlowCheck = "ka.uri regex \".*(a.{40,60}b){3}c$\"";
inline std::string slow_uri() {
  std::string uri = "/";
  for (int at = 0; at < 400; ++at) {
    uri += "axyz" + std::to_string(at) + "b";
  }
  return uri;
}

}  // namespace tiercel::tests
