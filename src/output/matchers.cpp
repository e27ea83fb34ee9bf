#include "matchers.h"

#include <algorithm>
#include <array>

#include <re2/re2.h>

#include "tiercel/base/nearest.h"
#include "tiercel/base/priority.h"
#include "tiercel/config/codes.h"

namespace tiercel::output {

namespace {

using Operator = config::MatcherSettings::Operator;

// A pattern that needs more than this is refused rather than slow.
constexpr std::int64_t kPatternMemory = std::int64_t{1} << 20U;

void report(const config::MatcherSettings& matcher, std::string message,
            std::vector<std::string> notes, base::Diagnostics& diagnostics) {
  base::Diagnostic diagnostic;
  diagnostic.code = to_text(config::Code::kBadValue);
  diagnostic.location = matcher.location;
  diagnostic.message = std::move(message);
  diagnostic.notes = std::move(notes);
  diagnostics.add(std::move(diagnostic));
}

std::unique_ptr<const RE2> compile_pattern(const config::MatcherSettings& matcher,
                                           const std::string& pattern, bool is_priority,
                                           base::Diagnostics& diagnostics) {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_dot_nl(true);
  options.set_case_sensitive(!is_priority);
  options.set_max_mem(kPatternMemory);
  auto compiled = std::make_unique<const RE2>(pattern, options);
  if (!compiled->ok()) {
    report(matcher,
           "the regular expression '" + pattern + "' of '" + matcher.name +
               "' cannot be used: " + compiled->error(),
           {"the syntax is RE2's; it has no look-around and no back-references"}, diagnostics);
    return nullptr;
  }
  return compiled;
}

// Priorities are compared by their names as alerts print them.
std::string priority_name(const config::MatcherSettings& matcher, const std::string& value,
                          base::Diagnostics& diagnostics) {
  if (const std::optional<base::Priority> priority = base::parse_priority(value)) {
    return std::string(base::to_text(*priority));
  }
  std::string lower = value;
  std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  static constexpr std::array<std::string_view, 8> kNames{
      "emergency", "alert", "critical", "error", "warning", "notice", "informational", "debug"};
  const std::string_view near = base::nearest_name(lower, kNames);
  report(matcher, "there is no priority '" + value + "'",
         {near.empty() ? "there are emergency, alert, critical, error, warning, notice, "
                         "informational and debug"
                       : "did you mean '" + std::string(near) + "'?"},
         diagnostics);
  return value;
}

}  // namespace

Matchers::Matchers(std::span<const config::MatcherSettings> settings, FieldNames& names,
                   base::Diagnostics& diagnostics) {
  for (const config::MatcherSettings& matcher : settings) {
    One one;
    one.fact = names.add(matcher.name);
    const bool is_priority = one.fact.kind == FactKind::kPriority;
    one.is_negative = matcher.op == Operator::kNotEqual || matcher.op == Operator::kNotRegex;
    for (const std::string& value : matcher.values) {
      if (matcher.op == Operator::kRegex || matcher.op == Operator::kNotRegex) {
        if (auto pattern = compile_pattern(matcher, value, is_priority, diagnostics)) {
          one.patterns.push_back(std::move(pattern));
        }
      } else {
        one.values.push_back(is_priority ? priority_name(matcher, value, diagnostics) : value);
      }
    }
    std::sort(one.values.begin(), one.values.end());
    list_.push_back(std::move(one));
  }
}

Matchers::Matchers(Matchers&&) noexcept = default;
Matchers& Matchers::operator=(Matchers&&) noexcept = default;
Matchers::~Matchers() = default;

bool Matchers::any_value(const One& one, AlertFacts& facts) {
  return facts.any(one.fact, [&one](std::string_view text) {
    if (std::binary_search(one.values.begin(), one.values.end(), text, std::less<>{})) {
      return true;
    }
    return std::any_of(one.patterns.begin(), one.patterns.end(),
                       [text](const std::unique_ptr<const RE2>& one_of) {
                         return RE2::FullMatch(re2::StringPiece(text.data(), text.size()), *one_of);
                       });
  });
}

bool Matchers::hold(AlertFacts& facts) const {
  return std::all_of(list_.begin(), list_.end(),
                     [&facts](const One& one) { return any_value(one, facts) != one.is_negative; });
}

}  // namespace tiercel::output
