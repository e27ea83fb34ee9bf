// What measuring the rules' costs takes: recorded traffic decoded and evaluated with the shipped
// rules, not measured, with the usual sample, and with every eighth event measured, body by body
// in turn. The usual sample's own difference drowns in the machine's noise; what a measured event
// costs beyond another can be seen from the third, and judged.
//   bench_costs [--rounds N] [--max-percent P]
#include <array>
#include <cstdio>
#include <cstdlib>

#include "tiercel/audit/decode.h"

#include "bench_arguments.h"
#include "bench_support.h"

namespace {

using namespace tiercel;

constexpr std::uint32_t kOften = 8;

class Sink final : public bench::EvaluateSink {
 public:
  Sink(std::shared_ptr<const engine::RuleSet> rules, const char* sink_name)
      : EvaluateSink(std::move(rules)), name(sink_name) {}
  void measure_every(std::uint32_t count) { evaluator().measure_every(count); }

  const char* name;
  double nanoseconds = 0;  ///< an event
};

double seconds_of(audit::BatchDecoder& decoder, const bench::Body& body, Sink& sink) {
  const double start = bench::now();
  decoder.decode(body.view(), audit::BatchForm::kBody, 0, sink);
  return bench::now() - start;
}

// Each body by each sink in turn, beginning with another each time, since who comes later finds
// the body in the cache. The sums of the bodies' medians are compared.
void run(std::array<Sink, 3>& sinks, const std::vector<bench::Body>& bodies, std::size_t rounds) {
  audit::BatchDecoder decoder;
  std::array<std::vector<std::vector<double>>, 3> seconds;
  seconds.fill(std::vector<std::vector<double>>(bodies.size()));
  for (std::size_t round = 0; round < rounds; ++round) {
    for (std::size_t body = 0; body < bodies.size(); ++body) {
      for (std::size_t turn = 0; turn < sinks.size(); ++turn) {
        const std::size_t at = (turn + round + body) % sinks.size();
        seconds[at][body].push_back(seconds_of(decoder, bodies[body], sinks[at]));
      }
    }
  }
  std::array<double, 3> sums{};
  for (std::size_t at = 0; at < sinks.size(); ++at) {
    for (const std::vector<double>& of_body : seconds[at]) {
      sums[at] += bench::median(of_body);
    }
  }
  for (std::size_t at = 0; at < sinks.size(); ++at) {
    const double events = static_cast<double>(sinks[at].events) / static_cast<double>(rounds);
    sinks[at].nanoseconds = sums[at] / events * 1e9;
  }
}

}  // namespace

int main(int argc, char** argv) {
  std::size_t rounds = 25;
  double max_percent = 0;
  bench::read_arguments(argc, argv, {{"--rounds", &rounds}, {"--max-percent", &max_percent}});
  const std::vector<bench::Body> bodies = bench::recorded_bodies(400);
  const auto rules = bench::shipped_rules(engine::Matching::kFirst);
  std::array<Sink, 3> sinks{
      {{rules, "not measured"}, {rules, "usual sample"}, {rules, "every eighth"}}};
  sinks[0].measure_every(0);
  sinks[2].measure_every(kOften);
  run(sinks, bodies, rounds);
  const double plain = sinks[0].nanoseconds;
  std::printf("machine       %s\n", bench::machine().c_str());
  for (const Sink& sink : sinks) {
    if (sink.matches != sinks[0].matches) {
      std::fprintf(stderr, "%s: %lu matches, not %lu\n", sink.name, sink.matches, sinks[0].matches);
      return 1;
    }
    std::printf("%s  %.0f ns/event  %+.2f %%\n", sink.name, sink.nanoseconds,
                (sink.nanoseconds / plain - 1) * 100);
  }
  const double more = (sinks[2].nanoseconds - plain) * kOften;
  const double percent = more / engine::RuleCosts::sample_every() / plain * 100;
  std::printf("a measured event takes %.0f ns more, one in %u costs %.2f %%\n", more,
              engine::RuleCosts::sample_every(), percent);
  return max_percent > 0 && percent > max_percent ? 1 : 0;
}
