// What an event costs, and what loading costs, as the number of rules grows. The rules are
// about different things, as those of many teams are; the shipped ones stand beside them.
//   bench_rules [--rounds N] [--max-ratio R]
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <deque>

#include <nlohmann/json.hpp>

#include "tiercel/audit/decode.h"

#include "bench_arguments.h"
#include "bench_support.h"
#include "many_rules.h"

namespace {

using namespace tiercel;

struct Subject {
  std::string name;
  std::shared_ptr<const engine::RuleSet> rules;
  double load_seconds = 0;
};

Subject load(std::string name, const std::string& yaml) {
  Subject subject;
  subject.name = std::move(name);
  const double start = bench::now();
  engine::LoadResult loaded = engine::load_rules({{"many.yaml", yaml}}, {});
  subject.load_seconds = bench::now() - start;
  if (loaded.rule_set == nullptr) {
    std::fputs(base::to_text(loaded.diagnostics).c_str(), stderr);
    std::exit(1);
  }
  subject.rules = loaded.rule_set;
  return subject;
}

// Requests that create pods, answered: what the rules of Subject::kPods are about.
std::vector<std::string> created_pods(const std::vector<std::string>& events) {
  std::vector<std::string> pods;
  for (const std::string& event : events) {
    const auto json = nlohmann::json::parse(event);
    const auto object = json.value("objectRef", nlohmann::json::object());
    if (json.value("verb", "") == "create" && object.value("resource", "") == "pods" &&
        !object.contains("subresource") && json.value("stage", "") == "ResponseComplete") {
      pods.push_back(event);
    }
  }
  return pods;
}

// Each subject's ratio to the first, by medians of alternating rounds.
double compare(const char* title, const std::vector<Subject>& subjects,
               const std::vector<bench::Body>& bodies, std::size_t rounds) {
  std::vector<std::vector<double>> seconds(subjects.size());
  std::deque<bench::EvaluateSink> sinks;  // they do not move
  for (const Subject& subject : subjects) {
    sinks.emplace_back(subject.rules);
  }
  audit::BatchDecoder decoder;
  for (std::size_t round = 0; round < rounds; ++round) {
    for (std::size_t at = 0; at < subjects.size(); ++at) {
      sinks[at].events = sinks[at].matches = 0;
      const double start = bench::now();
      for (const bench::Body& body : bodies) {
        decoder.decode(body.view(), audit::BatchForm::kBody, 0, sinks[at]);
      }
      seconds[at].push_back(bench::now() - start);
    }
  }
  std::printf("%s\n", title);
  double last = 0;
  const double first = bench::median(seconds.front());
  for (std::size_t at = 0; at < subjects.size(); ++at) {
    const double median = bench::median(seconds[at]);
    last = median / first;
    const engine::RuleSet& rules = *subjects[at].rules;
    std::printf(
        "  %-22s loaded in %7.1f ms  %5.1f KB a rule  %6.0f ns/event  %5.2f times  %lu matches\n",
        subjects[at].name.c_str(), subjects[at].load_seconds * 1e3,
        static_cast<double>(rules.memory()) / 1e3 / static_cast<double>(rules.rules().size()),
        median / static_cast<double>(sinks[at].events) * 1e9, last, sinks[at].matches);
  }
  return last;
}

}  // namespace

int main(int argc, char** argv) {
  std::size_t rounds = 25;
  double max_ratio = 0;
  bench::read_arguments(argc, argv, {{"--rounds", &rounds}, {"--max-ratio", &max_ratio}});
  const std::vector<std::string> events = bench::recorded_events();
  Subject shipped{"48 shipped", nullptr, bench::now()};
  shipped.rules = bench::shipped_rules(engine::Matching::kFirst);
  shipped.load_seconds = bench::now() - shipped.load_seconds;
  using tests::many_rules;
  std::printf("machine  %s\n", bench::machine().c_str());

  std::vector<Subject> subjects{shipped};
  for (const std::size_t count : {10U, 50U, 1'000U, 10'000U}) {
    subjects.push_back(
        load(std::to_string(count) + " of many teams", many_rules(count, tests::Subject::kAll)));
  }
  const double all =
      compare("all recorded events", subjects, bench::bodies_of(events, 400), rounds);

  // Few and many rules of a kind, beside the shipped ones.
  const auto of_kind = [&](const char* title, const std::string& name, tests::Subject kind,
                           const std::vector<std::string>& over) {
    subjects = {shipped};
    for (const std::size_t count : {50U, 10'000U}) {
      subjects.push_back(load(std::to_string(count) + " about " + name, many_rules(count, kind)));
    }
    return compare(title, subjects, bench::bodies_of(over, 400), rounds);
  };
  const double of_pods =
      of_kind("created pods alone", "created pods", tests::Subject::kPods, created_pods(events));
  const double of_parts =
      of_kind("all recorded events", "parts of texts", tests::Subject::kParts, events);

  // As they stand beside each other in one daemon: lists for many verbs and resources, each with
  // the rules that name none.
  subjects = {shipped, load("10000 of all kinds", bench::shipped_rules_text() +
                                                      many_rules(3'000, tests::Subject::kAll) +
                                                      many_rules(1'000, tests::Subject::kPods) +
                                                      many_rules(6'000, tests::Subject::kParts))};
  const double of_all_kinds =
      compare("all recorded events", subjects, bench::bodies_of(events, 400), rounds);
  return max_ratio > 0 && std::max({all, of_pods, of_parts, of_all_kinds}) > max_ratio ? 1 : 0;
}
