// A condition, a NUL, and events: what the engine answers with its index, what it answers
// without, and what the naive evaluator answers are the same; and of a condition and its
// negation exactly one holds.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "tiercel/base/json_text.h"
#include "tiercel/engine/rule_set.h"

#include "events.h"
#include "naive_evaluator.h"

namespace {

namespace audit = tiercel::audit;
namespace engine = tiercel::engine;
namespace tests = tiercel::tests;

// Longer ones cost time and say nothing new.
constexpr std::size_t kLongestCondition = 2048;

void require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

std::string rule_of(std::string_view name, std::string_view condition) {
  std::string text = "- rule: " + std::string(name) + "\n  condition: ";
  tiercel::base::append_json_string(text, condition);
  return text + "\n  desc: d\n  output: o\n  priority: ERROR\n  source: k8s_audit\n";
}

engine::LoadResult load(std::string_view condition, bool use_index, engine::Matching matching) {
  engine::CompileOptions options;
  options.matching = matching;
  options.use_index = use_index;
  options.alerts.static_fields = {{"team", "blue"}};
  return engine::load_rules(
      {{"fuzz.yaml",
        rule_of("holds", condition) + rule_of("not", "not (" + std::string(condition) + "\n)")}},
      options);
}

std::vector<std::uint32_t> answer(engine::Evaluator& evaluator, const audit::AuditEvent& event,
                                  const audit::FieldContext& context) {
  const auto numbers = evaluator.evaluate(event, context);
  return {numbers.begin(), numbers.end()};
}

void compare(std::string_view condition, std::string_view events, engine::Matching matching) {
  const engine::LoadResult indexed = load(condition, true, matching);
  const engine::LoadResult plain = load(condition, false, matching);
  require((indexed.rule_set == nullptr) == (plain.rule_set == nullptr));
  if (indexed.rule_set == nullptr) {
    require(indexed.diagnostics.has_errors());
    return;
  }
  audit::FieldContext context;
  context.hostname = "host";
  context.static_fields = {{"team", "blue"}};
  context.zone = audit::LocalZone(std::chrono::seconds{0});
  engine::Evaluator with_index;
  with_index.use(indexed.rule_set);
  engine::Evaluator without_index;
  without_index.use(plain.rule_set);
  tests::NaiveEvaluator naive(context);
  tests::for_each_event(events, [&](const audit::AuditEvent& event) {
    const std::vector<std::uint32_t> want = naive.evaluate(*plain.rule_set, event);
    require(want.size() == 1);
    require(answer(with_index, event, context) == want);
    require(answer(without_index, event, context) == want);
  });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t end = text.find('\0');
  if (end == std::string_view::npos || end > kLongestCondition) {
    return 0;
  }
  compare(text.substr(0, end), text.substr(end + 1), engine::Matching::kAll);
  compare(text.substr(0, end), text.substr(end + 1), engine::Matching::kFirst);
  return 0;
}
