#include "tiercel/selftest/synthetic_event.h"

#include <algorithm>
#include <span>
#include <utility>

#include "tiercel/audit/decode.h"
#include "tiercel/audit/event_key.h"
#include "tiercel/base/utc_time.h"

#include "event_maker.h"
#include "needs.h"

namespace tiercel::selftest {

namespace {

// Evaluates one event and remembers which rules it matched first.
class Probe final : public audit::EventSink {
 public:
  Probe(const std::shared_ptr<const engine::RuleSet>& rules, audit::FieldContext context)
      : rules_(rules), context_(std::move(context)) {
    evaluator_.measure_every(0);
    evaluator_.use(rules);
  }

  void evaluate(std::string event, std::int64_t time) {
    matched_.clear();
    const std::size_t size = event.size();
    event.append(audit::kPadding, '\0');
    (void)decoder_.decode({event.data(), size}, audit::BatchForm::kBody, time, *this);
  }
  [[nodiscard]] bool has(std::uint32_t rule) const {
    for (const std::uint32_t one : matched_) {
      if (one == rule) {
        return true;
      }
    }
    return false;
  }
  [[nodiscard]] bool has_any() const { return !matched_.empty(); }
  [[nodiscard]] std::uint32_t first() const { return matched_.front(); }
  [[nodiscard]] alert::AlertId alert_of(std::uint32_t rule) const {
    return alert::make_alert_id(time_, time_is_arrival_, key_, rules_->rules()[rule].meta.name);
  }

 private:
  void on_event(audit::AuditEvent& event) override {
    event.set_number(1);
    const auto matches = evaluator_.evaluate(event, context_);
    matched_.assign(matches.begin(), matches.end());
    key_ = audit::event_key(event, evaluator_.map().arena());
    time_ = event.time();
    time_is_arrival_ = event.time_is_arrival();
  }
  void on_bad(const audit::BadInput& /*bad*/) override {}

  std::shared_ptr<const engine::RuleSet> rules_;
  audit::FieldContext context_;
  engine::Evaluator evaluator_;
  audit::BatchDecoder decoder_;
  std::vector<std::uint32_t> matched_;
  audit::EventKey key_;
  std::int64_t time_ = 0;
  bool time_is_arrival_ = false;
};

// Rules that stand before one and take its events, so that the search has to go past them too.
class Before {
 public:
  explicit Before(const engine::RuleSet& rules) : rules_(rules) {}

  void add(std::uint32_t number) {
    last_ = &rules_.rules()[number].meta.name;
    const condition::Expr* const condition = rules_.rules()[number].condition.get();
    if (conditions_.size() < kMost &&
        std::find(conditions_.begin(), conditions_.end(), condition) == conditions_.end()) {
      conditions_.push_back(condition);
    }
  }
  [[nodiscard]] std::span<const condition::Expr* const> conditions() const { return conditions_; }
  [[nodiscard]] std::string text() const {
    return last_ != nullptr ? "; events made for it matched '" + *last_ +
                                  "', which stands before it (rule_matching: first)"
                            : std::string();
  }

 private:
  static constexpr std::size_t kMost = 8;
  const engine::RuleSet& rules_;
  std::vector<const condition::Expr*> conditions_;
  const std::string* last_ = nullptr;
};

SyntheticEvent find(const engine::RuleSet& rules, std::uint32_t number, Probe& probe,
                    const SyntheticOptions& options) {
  const engine::CompiledRule& rule = rules.rules()[number];
  SyntheticEvent out;
  out.rule = rule.meta.name;
  out.is_off = is_switched_off(*rule.condition);
  if (out.is_off) {
    out.problem =
        "its condition is switched off by a macro (jevt.rawtime = 0, or absent, never holds)";
    return out;
  }
  const EventBase base{options.mark, options.mark + "-" + std::to_string(number),
                       base::utc_text(options.time, 6U)};
  Before before(rules);
  for (unsigned attempt = 0; attempt < options.attempts; ++attempt) {
    Choices choices(attempt);
    std::string event = make_event(needs_of(*rule.condition, before.conditions(), choices), base);
    if (event.empty()) {
      continue;
    }
    probe.evaluate(event, options.time);
    if (probe.has(number)) {
      out.alert = probe.alert_of(number);
      out.event = std::move(event);
      return out;
    }
    if (probe.has_any() && probe.first() < number) {
      before.add(probe.first());
    }
  }
  out.problem = "no event was found that satisfies its condition" + before.text();
  return out;
}

}  // namespace

std::vector<SyntheticEvent> synthetic_events(const std::shared_ptr<const engine::RuleSet>& rules,
                                             const SyntheticOptions& options) {
  Probe probe(rules, options.context);
  std::vector<SyntheticEvent> out;
  for (std::uint32_t number = 0; number < rules->rules().size(); ++number) {
    out.push_back(find(*rules, number, probe, options));
  }
  return out;
}

}  // namespace tiercel::selftest
