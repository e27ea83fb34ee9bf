#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tiercel/audit/decode.h"
#include "tiercel/engine/rule_set.h"

namespace tiercel::bench {

/// A request body in padded memory.
struct Body {
  std::vector<char> bytes;
  std::size_t size = 0;
  [[nodiscard]] std::string_view view() const { return {bytes.data(), size}; }
};

/// The recorded traffic of a real cluster (tests/data/bulk.jsonl.zst), an event each.
[[nodiscard]] std::vector<std::string> recorded_events();
/// EventLists of `events_per_body` events.
[[nodiscard]] std::vector<Body> bodies_of(const std::vector<std::string>& events,
                                          std::size_t events_per_body);
/// Both together.
[[nodiscard]] std::vector<Body> recorded_bodies(std::size_t events_per_body);

/// Writes the number over the first digits of each auditID in the text: other events than before.
void number_ids(std::string& text, std::size_t number);

/// The recorded events, by whether a shipped rule matches.
struct Sorted {
  std::vector<std::string> quiet;
  std::vector<std::string> alerting;
};
[[nodiscard]] Sorted sorted_events();
/// The quiet ones, so many of a hundred replaced by ones that alert.
[[nodiscard]] std::vector<std::string> with_share(const Sorted& events, std::size_t percent);

[[nodiscard]] std::string shipped_rules_text();
/// The shipped rules, compiled. Ends the program with the diagnostics if they do not load.
[[nodiscard]] std::shared_ptr<const engine::RuleSet> shipped_rules(engine::Matching matching);

/// Evaluates what a decoder hands it and counts.
class EvaluateSink : public audit::EventSink {
 public:
  explicit EvaluateSink(std::shared_ptr<const engine::RuleSet> rules) {
    evaluator_.use(std::move(rules));
  }
  void on_event(audit::AuditEvent& event) final {
    ++events;
    const std::span<const std::uint32_t> rules = evaluator_.evaluate(event, context_);
    matches += rules.size();
    on_evaluated(event, rules);
  }
  void on_bad(const audit::BadInput& /*bad*/) final { ++bad; }

  std::uint64_t events = 0;
  std::uint64_t matches = 0;
  std::uint64_t bad = 0;

 protected:
  virtual void on_evaluated(const audit::AuditEvent& /*event*/,
                            std::span<const std::uint32_t> /*rules*/) {}
  [[nodiscard]] engine::Evaluator& evaluator() { return evaluator_; }

 private:
  engine::Evaluator evaluator_;
  audit::FieldContext context_;
};

/// What `tiercel replay` makes of the bodies. Ends the program where a body cannot be read.
struct Replayed {
  std::size_t alerts = 0;
  std::size_t bytes = 0;  ///< as rendered
};
[[nodiscard]] Replayed replayed(const std::vector<Body>& bodies,
                                const std::shared_ptr<const engine::RuleSet>& rules);

[[nodiscard]] double median(std::vector<double> values);
/// The value below which `part` (0 to 1) of them lie; 0 of none.
[[nodiscard]] double percentile(std::vector<double> values, double part);
/// Seconds of a clock that never jumps.
[[nodiscard]] double now();
/// Seconds of a processor that this thread has taken.
[[nodiscard]] double thread_seconds();
/// The processor's name and the build type, for the head of a report.
[[nodiscard]] std::string machine();

}  // namespace tiercel::bench
