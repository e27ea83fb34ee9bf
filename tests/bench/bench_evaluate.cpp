// Decode and evaluate recorded traffic with the shipped rules, beside a bare simdjson DOM
// parse of the same bytes. The two alternate, and the ratio of their medians counts.
//   bench_evaluate [--rounds N] [--batch N] [--render] [--alerting PERCENT]
//     [--min-ratio R]
// Without --alerting the events are those recorded, of which 42 % alert. Fails where matches, and
// the bytes rendered, are not those of `tiercel replay`.
#include <cstdio>

#include <simdjson.h>

#include "tiercel/audit/decode.h"
#include "tiercel/audit/event_key.h"
#include "tiercel/watch/batch_facts.h"

#include "bench_arguments.h"
#include "bench_support.h"

namespace {

using namespace tiercel;

constexpr std::size_t kAsRecorded = 101;

struct Options {
  std::size_t rounds = 25;
  std::size_t batch = 400;
  bool render = false;
  std::size_t alerting = kAsRecorded;  // percent
  double min_ratio = 0;
};

// What the pipeline does with each event, without the store.
class RenderSink final : public bench::EvaluateSink {
 public:
  RenderSink(std::shared_ptr<const engine::RuleSet> rules, bool render)
      : EvaluateSink(std::move(rules)), render_(render) {}
  void next_batch() {
    rendered += out_.size();
    out_.clear();
    facts_.clear();
  }

  std::uint64_t rendered = 0;

 private:
  void on_evaluated(const audit::AuditEvent& event, std::span<const std::uint32_t> rules) override {
    facts_.add(event, evaluator().map().arena());
    if (!render_) {
      return;
    }
    for (const std::uint32_t rule : rules) {
      const auto key = audit::event_key(event, evaluator().map().arena());
      const engine::CompiledRule& compiled = evaluator().rule_set().rules()[rule];
      const auto id =
          alert::make_alert_id(event.time(), event.time_is_arrival(), key, compiled.meta.name);
      compiled.output->render(evaluator().map(), id, out_);
    }
  }

  bool render_;
  std::string out_;
  watch::BatchFacts facts_;
};

// What is measured; of its own, so that instructions.sh finds it.
[[gnu::noinline]] void evaluate_bodies(const std::vector<bench::Body>& bodies,
                                       audit::BatchDecoder& decoder, RenderSink& sink) {
  for (const bench::Body& body : bodies) {
    decoder.decode(body.view(), audit::BatchForm::kBody, 0, sink);
    sink.next_batch();
  }
}

// The last round as `tiercel replay` has it, and alerts at all where some are wanted.
bool is_right(const RenderSink& sink, const bench::Replayed& wanted, const Options& options) {
  const bool is_rendered = sink.rendered == (options.render ? wanted.bytes : 0);
  if (sink.matches == wanted.alerts && is_rendered &&
      (wanted.alerts != 0 || options.alerting == 0)) {
    return true;
  }
  std::fprintf(stderr, "%lu matches, %lu bytes rendered; replay has %zu alerts of %zu bytes\n",
               sink.matches, sink.rendered, wanted.alerts, wanted.bytes);
  return false;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  bench::read_arguments(argc, argv,
                        {{"--rounds", &options.rounds},
                         {"--batch", &options.batch},
                         {"--render", &options.render},
                         {"--alerting", &options.alerting},
                         {"--min-ratio", &options.min_ratio}});
  const std::vector<bench::Body> bodies = bench::bodies_of(
      options.alerting == kAsRecorded ? bench::recorded_events()
                                      : bench::with_share(bench::sorted_events(), options.alerting),
      options.batch);
  const auto rules = bench::shipped_rules(engine::Matching::kFirst);
  const bench::Replayed wanted = bench::replayed(bodies, rules);
  std::size_t bytes = 0;
  for (const bench::Body& body : bodies) {
    bytes += body.size;
  }

  simdjson::dom::parser parser;
  audit::BatchDecoder decoder;
  RenderSink sink(rules, options.render);
  std::vector<double> dom_seconds;
  std::vector<double> ours_seconds;
  std::uint64_t dom_events = 0;
  for (std::size_t round = 0; round < options.rounds; ++round) {
    double start = bench::now();
    dom_events = 0;
    for (const bench::Body& body : bodies) {
      simdjson::dom::element root;
      if (parser.parse(body.bytes.data(), body.size, false).get(root) != simdjson::SUCCESS) {
        std::fputs("simdjson refuses a recorded body\n", stderr);
        return 1;
      }
      dom_events += root["items"].get_array().value_unsafe().size();
    }
    dom_seconds.push_back(bench::now() - start);

    sink.events = sink.matches = sink.bad = sink.rendered = 0;
    start = bench::now();
    evaluate_bodies(bodies, decoder, sink);
    ours_seconds.push_back(bench::now() - start);
  }
  if (sink.events != dom_events || sink.bad != 0) {
    std::fprintf(stderr, "decoded %lu of %lu events\n", sink.events, dom_events);
    return 1;
  }
  if (!is_right(sink, wanted, options)) {
    return 1;
  }
  const double dom = bench::median(dom_seconds);
  const double ours = bench::median(ours_seconds);
  const auto size = static_cast<double>(bytes);
  const auto events = static_cast<double>(sink.events);
  std::printf("machine    %s\nkernel     %s\n", bench::machine().c_str(),
              simdjson::get_active_implementation()->name().c_str());
  std::printf("input      %lu events, %.1f MB, %zu bodies of %zu, %zu rules, %zu predicates\n",
              sink.events, size / 1e6, bodies.size(), options.batch, rules->rules().size(),
              rules->predicate_count());
  std::printf("dom parse  %.0f MB/s  %.0f ns/event\n", size / dom / 1e6, dom / events * 1e9);
  std::printf("tiercel    %.0f MB/s  %.0f ns/event  %.0f events/s  %lu matches%s\n",
              size / ours / 1e6, ours / events * 1e9, events / ours, sink.matches,
              options.render ? ", rendered" : "");
  std::printf("ratio      %.3f (medians of %zu rounds)\n", dom / ours, options.rounds);
  return dom / ours >= options.min_ratio ? 0 : 1;
}
