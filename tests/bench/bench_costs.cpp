// What measuring the rules' costs takes: recorded traffic decoded and evaluated with the shipped
// rules, with every evaluator's usual sample and without, body by body in turn.
//   bench_costs [--rounds N] [--max-percent P]
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "tiercel/audit/decode.h"

#include "bench_support.h"

namespace {

using namespace tiercel;

class Sink final : public bench::EvaluateSink {
 public:
  using EvaluateSink::EvaluateSink;
  void measure_nothing() { evaluator().measure_every(0); }
};

double seconds_of(audit::BatchDecoder& decoder, const bench::Body& body, Sink& sink) {
  const double start = bench::now();
  decoder.decode(body.view(), audit::BatchForm::kBody, 0, sink);
  return bench::now() - start;
}

}  // namespace

int main(int argc, char** argv) {
  std::size_t rounds = 41;
  double max_percent = 0;
  for (int at = 1; at + 1 < argc; at += 2) {
    if (std::strcmp(argv[at], "--rounds") == 0) {
      rounds = std::strtoul(argv[at + 1], nullptr, 10);
    } else if (std::strcmp(argv[at], "--max-percent") == 0) {
      max_percent = std::strtod(argv[at + 1], nullptr);
    } else {
      std::fprintf(stderr, "unknown argument %s\n", argv[at]);
      return 2;
    }
  }
  const std::vector<bench::Body> bodies = bench::recorded_bodies(400);
  const auto rules = bench::shipped_rules(engine::Matching::kFirst);
  audit::BatchDecoder decoder;
  Sink measured(rules);
  Sink plain(rules);
  plain.measure_nothing();
  // Each body by each in turn, and whoever is second finds it in the cache: they take turns in
  // that too. The sums of each body's medians are compared.
  std::vector<std::vector<double>> of_measured(bodies.size());
  std::vector<std::vector<double>> of_plain(bodies.size());
  for (std::size_t round = 0; round < rounds; ++round) {
    for (std::size_t at = 0; at < bodies.size(); ++at) {
      const bool is_first = (round + at) % 2 == 0;
      if (is_first) {
        of_measured[at].push_back(seconds_of(decoder, bodies[at], measured));
      }
      of_plain[at].push_back(seconds_of(decoder, bodies[at], plain));
      if (!is_first) {
        of_measured[at].push_back(seconds_of(decoder, bodies[at], measured));
      }
    }
  }
  double with = 0;
  double without = 0;
  for (std::size_t at = 0; at < bodies.size(); ++at) {
    with += bench::median(of_measured[at]);
    without += bench::median(of_plain[at]);
  }
  if (measured.matches != plain.matches) {
    std::fprintf(stderr, "measured %lu matches, not measured %lu\n", measured.matches,
                 plain.matches);
    return 1;
  }
  const double events = static_cast<double>(measured.events) / static_cast<double>(rounds);
  const double percent = (with / without - 1) * 100;
  const engine::RuleCosts::Cost sampled = rules->costs().of_events();
  std::printf("machine      %s\n", bench::machine().c_str());
  std::printf("not measured %.0f ns/event\nmeasured     %.0f ns/event, %lu events of %lu\n",
              without / events * 1e9, with / events * 1e9, sampled.times, measured.events);
  std::printf("evaluating   %.0f ns/event by the sample\n", sampled.mean());
  std::printf("difference   %+.2f %% (medians of %zu rounds)\n", percent, rounds);
  return max_percent > 0 && percent > max_percent ? 1 : 0;
}
