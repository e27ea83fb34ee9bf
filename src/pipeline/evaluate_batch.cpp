#include "tiercel/pipeline/evaluate_batch.h"

#include <utility>

#include "tiercel/alert/redactor.h"
#include "tiercel/audit/event_key.h"
#include "tiercel/base/cut_utf8.h"

namespace tiercel::pipeline {

namespace {

// A client chooses some of these texts; a column of the store need not hold more.
std::string_view cut(std::string_view text) {
  constexpr std::size_t kMost = 512;
  return base::cut_utf8(text, kMost);
}

}  // namespace

class Scratch::Sink final : public audit::EventSink {
 public:
  /// Whose events they are.
  struct Origin {
    std::string_view cluster{};
    bool cluster_is_proved = false;
    std::string_view apiserver{};
  };

  Sink(audit::FieldContext context, StreamState& stream, bool redact)
      : context_(std::move(context)), stream_(stream), redact_(redact) {
    learn_cluster();
  }

  void begin(const std::shared_ptr<const engine::RuleSet>& rules, const Origin& origin,
             store::RecordBatch& out, const OnBad& on_bad) {
    facts_.clear();
    apiserver_ = origin.apiserver;
    evaluator_.use(rules);
    context_.cluster = origin.cluster;
    context_.cluster_is_proved = origin.cluster_is_proved;
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
    facts_.add(event, evaluator_.map().arena());
    if (!matches.empty()) {
      alert(event, matches);
    }
  }
  void on_bad(const audit::BadInput& bad) override {
    ++facts_.bad;
    (*on_bad_)(bad);
  }
  [[nodiscard]] const watch::BatchFacts& facts() const { return facts_; }
  // As alerts have it: the sender's proved name counts more than what its events say.
  void name_cluster() {
    if (context_.cluster_is_proved || facts_.cluster.empty()) {
      facts_.cluster = context_.cluster;
    }
  }

  void set_live(std::vector<std::pair<std::string, std::string>> static_fields, bool redact) {
    context_.static_fields = std::move(static_fields);
    redact_ = redact;
    learn_cluster();
  }

 private:
  // Of events that neither name their cluster nor came in one's name: the static field.
  void learn_cluster() {
    static_cluster_.clear();
    for (const auto& [name, value] : context_.static_fields) {
      if (name == "cluster") {
        static_cluster_ = value;
      }
    }
  }

  void learn_first_time(std::int64_t time) {
    std::int64_t first = 0;
    if (stream_.first_event_time.compare_exchange_strong(first, time)) {
      first = time;
    }
    context_.first_event_time = first;
  }

  // The columns that alerts of this event can be found by.
  void add_keys(const audit::AuditEvent& event, base::Arena& arena, store::Record& record) {
    const auto key = [&](audit::Json value) {
      if (!value.is_string()) {
        return out_->add_key({});
      }
      if (!redact_) {
        return out_->add_key(cut(value.text(arena)));
      }
      shown_ = value.text(arena);
      alert::redact_name(shown_);
      return out_->add_key(cut(shown_));
    };
    record.user = key(event.member(audit::Member::kUser).member("username"));
    record.name_space = key(event.member(audit::Member::kObjectRef).member("namespace"));
    record.cluster = context_.cluster_is_proved
                         ? out_->add_key(cut(context_.cluster))
                         : key(event.member(audit::Member::kAnnotations).member("cluster_name"));
    if (record.cluster.length == 0) {
      record.cluster =
          out_->add_key(cut(context_.cluster.empty() ? static_cluster_ : context_.cluster));
    }
  }

  void alert(const audit::AuditEvent& event, std::span<const std::uint32_t> matches) {
    audit::FieldMap& map = evaluator_.map();
    store::Record keys;
    add_keys(event, map.arena(), keys);
    const audit::EventKey key = audit::event_key(event, map.arena());
    const alert::AlertOrigin origin{apiserver_, watch::selftest_mark(event, map.arena())};
    for (const std::uint32_t number : matches) {
      const engine::CompiledRule& rule = rules_->rules()[number];
      const alert::AlertId id =
          alert::make_alert_id(event.time(), event.time_is_arrival(), key, rule.meta.name);
      store::Record record = keys;
      record.id = id.bytes;
      record.time = event.time();
      record.priority = static_cast<std::uint8_t>(rule.meta.priority);
      record.offset = out_->bytes.size();
      rule.output->render(map, id, origin, out_->bytes);
      record.length = out_->bytes.size() - record.offset;
      record.rule = rule.meta.name;
      record.tags = rule.tags_text;
      out_->records.push_back(record);
    }
    out_->owner = rules_;
  }

  audit::FieldContext context_;
  std::string static_cluster_;
  StreamState& stream_;
  bool redact_;
  std::string shown_;
  watch::BatchFacts facts_;
  std::string_view apiserver_;
  engine::Evaluator evaluator_;
  std::shared_ptr<const engine::RuleSet> rules_;
  store::RecordBatch* out_ = nullptr;
  const OnBad* on_bad_ = nullptr;
};

Scratch::Scratch(audit::DecodeLimits limits, audit::FieldContext context, StreamState& stream,
                 bool redact)
    : sink_(std::make_unique<Sink>(std::move(context), stream, redact)), decoder_(limits) {}

Scratch::~Scratch() = default;

audit::DecodeCounts Scratch::evaluate(const source::Batch& batch,
                                      const std::shared_ptr<const engine::RuleSet>& rules,
                                      store::RecordBatch& out, const OnBad& on_bad) {
  sink_->begin(rules, {batch.cluster, batch.cluster_is_proved, batch.peer}, out, on_bad);
  const audit::DecodeCounts counts =
      decoder_.decode(batch.view(), batch.form, batch.arrival, *sink_);
  sink_->name_cluster();
  return counts;
}

audit::DecodeCounts Scratch::evaluate(std::string_view bytes, audit::BatchForm form,
                                      std::int64_t arrival,
                                      const std::shared_ptr<const engine::RuleSet>& rules,
                                      store::RecordBatch& out, const OnBad& on_bad) {
  sink_->begin(rules, {}, out, on_bad);
  return decoder_.decode(bytes, form, arrival, *sink_);
}

const watch::BatchFacts& Scratch::facts() const { return sink_->facts(); }

void Scratch::set_live(std::vector<std::pair<std::string, std::string>> static_fields,
                       bool redact) {
  sink_->set_live(std::move(static_fields), redact);
}

void Scratch::shrink() { decoder_.shrink(); }

}  // namespace tiercel::pipeline
