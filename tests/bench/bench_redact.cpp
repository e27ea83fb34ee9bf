// What redaction costs: renders an alert for each recorded event, with and without it. The
// two alternate, and the ratio of their medians counts.
//   bench_redact [--rounds N]
#include <cstdio>
#include <cstdlib>

#include "tiercel/alert/redactor.h"
#include "tiercel/alert/rule_output.h"
#include "tiercel/audit/decode.h"

#include "bench_arguments.h"
#include "bench_support.h"

namespace {

using namespace tiercel;

struct Case {
  const char* name;
  const char* output;
};

constexpr Case kCases[] = {
    {"a rule about users",
     "Request (user=%ka.user.name verb=%ka.verb uri=%ka.uri reason=%ka.auth.reason "
     "from=%ka.sourceips.last)"},
    {"a rule about pods",
     "Pod written (user=%ka.user.name verb=%ka.verb workload=%ka.workload.kind "
     "name=%ka.target.name ns=%ka.target.namespace images=%ka.workload.containers.image)"},
    {"a rule about exec",
     "Exec (user=%ka.user.name pod=%ka.target.name ns=%ka.target.namespace "
     "action=%ka.target.subresource command=%ka.uri.param[command] uri=%ka.uri "
     "from=%ka.sourceips.last)"},
    {"the object of the request",
     "Written (user=%ka.user.name object=%jevt.value[/requestObject])"},
    {"the whole event", "Event %jevt.obj"},
};

struct Rendering {
  audit::FieldSet fields;
  std::unique_ptr<const alert::RuleOutput> output;

  Rendering(const char* text, bool redact) {
    alert::RuleMeta meta;
    meta.name = "Bench";
    meta.source = "k8s_audit";
    alert::AlertOptions options;
    options.json_output = true;
    options.redact = redact;
    std::vector<alert::TemplateProblem> problems;
    output = alert::RuleOutput::compile(meta, text, options, fields, problems);
    if (output == nullptr) {
      std::fprintf(stderr, "bench_redact: a template does not compile\n");
      std::exit(1);
    }
  }
};

// Renders each event both ways, one after the other.
class Sink final : public audit::EventSink {
 public:
  explicit Sink(const char* text) : off_(text, false), on_(text, true) {}

  void on_event(audit::AuditEvent& event) override {
    ++events;
    // Who comes second finds the event in the cache: they take turns.
    const bool off_first = events % 2 == 0;
    if (off_first) {
      off_seconds += seconds(off_, event, off_bytes);
    }
    on_seconds += seconds(on_, event, on_bytes);
    if (!off_first) {
      off_seconds += seconds(off_, event, off_bytes);
    }
  }
  void on_bad(const audit::BadInput& /*bad*/) override { std::exit(1); }

  std::uint64_t events = 0;
  std::uint64_t off_bytes = 0;
  std::uint64_t on_bytes = 0;
  double off_seconds = 0;
  double on_seconds = 0;

 private:
  double seconds(const Rendering& rendering, const audit::AuditEvent& event, std::uint64_t& bytes) {
    map_.bind(rendering.fields, context_, event);
    out_.clear();
    const double begin = bench::now();
    rendering.output->render(map_, {}, out_);
    const double end = bench::now();
    bytes += out_.size();
    return end - begin;
  }

  Rendering off_;
  Rendering on_;
  audit::FieldContext context_;
  audit::FieldMap map_;
  std::string out_;
};

void measure(const Case& row, const std::vector<bench::Body>& bodies, std::size_t rounds) {
  std::vector<double> off;
  std::vector<double> on;
  std::uint64_t changed = 0;
  for (std::size_t round = 0; round < rounds; ++round) {
    Sink sink(row.output);
    audit::BatchDecoder decoder;
    for (const bench::Body& body : bodies) {
      decoder.decode(body.view(), audit::BatchForm::kBody, 0, sink);
    }
    const auto events = static_cast<double>(sink.events);
    off.push_back(sink.off_seconds / events * 1e9);
    on.push_back(sink.on_seconds / events * 1e9);
    changed = sink.off_bytes != sink.on_bytes ? 1 : 0;
  }
  const double before = bench::median(off);
  const double after = bench::median(on);
  std::printf("%-28s %8.0f ns %8.0f ns  %+6.1f %%%s\n", row.name, before, after,
              (after / before - 1) * 100, changed != 0 ? "  (something masked)" : "");
}

void measure_bytes(const std::vector<bench::Body>& bodies) {
  double total = 0;
  double bytes = 0;
  for (const bench::Body& body : bodies) {
    std::string raw(body.view().substr(0, body.size - body.size / 8));
    const double begin = bench::now();
    alert::mask_bytes(raw);
    total += bench::now() - begin;
    bytes += static_cast<double>(body.size);
  }
  std::printf("%-28s %8.0f MB/s\n", "mask_bytes on cut bodies", bytes / total / 1e6);
}

}  // namespace

int main(int argc, char** argv) {
  std::size_t rounds = 5;
  bench::read_arguments(argc, argv, {{"--rounds", &rounds}});
  const std::vector<bench::Body> bodies = bench::recorded_bodies(400);
  std::printf("%s\n%-28s %11s %11s\n", bench::machine().c_str(), "rendering one alert", "without",
              "redacted");
  for (const Case& row : kCases) {
    measure(row, bodies, rounds == 0 ? 1 : rounds);
  }
  measure_bytes(bodies);
  return 0;
}
