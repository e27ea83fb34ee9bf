// With thousands of rules the index must leave out none that matches: what it finds is what
// trying every rule finds.
#include "many_rules.h"

#include <gtest/gtest.h>

#include "bench_support.h"

namespace tiercel::tests {
namespace {

// Keeps the matches of each event in turn.
class Matches final : public bench::EvaluateSink {
 public:
  using EvaluateSink::EvaluateSink;
  std::vector<std::vector<std::uint32_t>> of_event;

 private:
  void on_evaluated(const audit::AuditEvent& /*event*/,
                    std::span<const std::uint32_t> rules) override {
    of_event.emplace_back(rules.begin(), rules.end());
  }
};

class ManyRules : public testing::TestWithParam<engine::Matching> {};

TEST_P(ManyRules, TheIndexLeavesOutNone) {
  const std::string yaml = many_rules(2'000, Subject::kAll) + many_rules(2'000, Subject::kPods) +
                           many_rules(2'000, Subject::kParts);
  std::vector<std::string> events = bench::recorded_events();
  events.resize(4'000);
  const std::vector<bench::Body> bodies = bench::bodies_of(events, 400);
  std::vector<std::vector<std::vector<std::uint32_t>>> results;
  for (const bool use_index : {true, false}) {
    engine::CompileOptions options;
    options.matching = GetParam();
    options.use_index = use_index;
    const engine::LoadResult loaded = engine::load_rules({{"many.yaml", yaml}}, options);
    ASSERT_NE(loaded.rule_set, nullptr) << base::to_text(loaded.diagnostics).substr(0, 2000);
    Matches matches(loaded.rule_set);
    audit::BatchDecoder decoder;
    for (const bench::Body& body : bodies) {
      decoder.decode(body.view(), audit::BatchForm::kBody, 0, matches);
    }
    results.push_back(std::move(matches.of_event));
  }
  ASSERT_EQ(results[0].size(), events.size());
  EXPECT_EQ(results[0], results[1]);
  std::size_t matched = 0;
  for (const auto& of_event : results[0]) {
    matched += of_event.empty() ? 0U : 1U;
  }
  EXPECT_GT(matched, 500U);
}

INSTANTIATE_TEST_SUITE_P(Matching, ManyRules,
                         testing::Values(engine::Matching::kFirst, engine::Matching::kAll));

}  // namespace
}  // namespace tiercel::tests
