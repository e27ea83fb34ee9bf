#include "tiercel/pipeline/evaluate_batch.h"

#include <utility>

#include "tiercel/audit/event_key.h"

namespace tiercel::pipeline {

class Scratch::Sink final : public audit::EventSink {
 public:
  Sink(audit::FieldContext context, StreamState& stream)
      : context_(std::move(context)), stream_(stream) {}

  void begin(const std::shared_ptr<const engine::RuleSet>& rules, store::RecordBatch& out,
             const OnBad& on_bad) {
    evaluator_.use(rules);
    out_ = &out;
    on_bad_ = &on_bad;
    rules_ = rules;
  }

  void on_event(audit::AuditEvent& event) override {
    event.set_number(stream_.events.fetch_add(1, std::memory_order_relaxed) + 1);
    if (context_.first_event_time == 0) {
      learn_first_time(event.time());
    }
    const auto matches = evaluator_.evaluate(event, context_);
    if (!matches.empty()) {
      alert(event, matches);
    }
  }
  void on_bad(const audit::BadInput& bad) override { (*on_bad_)(bad); }

  void set_static_fields(std::vector<std::pair<std::string, std::string>> fields) {
    context_.static_fields = std::move(fields);
  }

 private:
  void learn_first_time(std::int64_t time) {
    std::int64_t first = 0;
    if (stream_.first_event_time.compare_exchange_strong(first, time)) {
      first = time;
    }
    context_.first_event_time = first;
  }

  void alert(const audit::AuditEvent& event, std::span<const std::uint32_t> matches) {
    audit::FieldMap& map = evaluator_.map();
    const audit::EventKey key = audit::event_key(event, map.arena());
    for (const std::uint32_t number : matches) {
      const engine::CompiledRule& rule = rules_->rules()[number];
      const alert::AlertId id =
          alert::make_alert_id(event.time(), event.time_is_arrival(), key, rule.meta.name);
      store::Record record;
      record.id = id.bytes;
      record.time = event.time();
      record.priority = static_cast<std::uint8_t>(rule.meta.priority);
      record.offset = out_->bytes.size();
      rule.output->render(map, id, out_->bytes);
      record.length = out_->bytes.size() - record.offset;
      record.rule = rule.meta.name;
      out_->records.push_back(record);
    }
    out_->owner = rules_;
  }

  audit::FieldContext context_;
  StreamState& stream_;
  engine::Evaluator evaluator_;
  std::shared_ptr<const engine::RuleSet> rules_;
  store::RecordBatch* out_ = nullptr;
  const OnBad* on_bad_ = nullptr;
};

Scratch::Scratch(audit::DecodeLimits limits, audit::FieldContext context, StreamState& stream)
    : sink_(std::make_unique<Sink>(std::move(context), stream)), decoder_(limits) {}

Scratch::~Scratch() = default;

audit::DecodeCounts Scratch::evaluate(const source::Batch& batch,
                                      const std::shared_ptr<const engine::RuleSet>& rules,
                                      store::RecordBatch& out, const OnBad& on_bad) {
  return evaluate(batch.view(), batch.form, batch.arrival, rules, out, on_bad);
}

audit::DecodeCounts Scratch::evaluate(std::string_view bytes, audit::BatchForm form,
                                      std::int64_t arrival,
                                      const std::shared_ptr<const engine::RuleSet>& rules,
                                      store::RecordBatch& out, const OnBad& on_bad) {
  sink_->begin(rules, out, on_bad);
  return decoder_.decode(bytes, form, arrival, *sink_);
}

void Scratch::set_static_fields(std::vector<std::pair<std::string, std::string>> fields) {
  sink_->set_static_fields(std::move(fields));
}

void Scratch::shrink() { decoder_.shrink(); }

}  // namespace tiercel::pipeline
