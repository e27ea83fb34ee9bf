#include <algorithm>

#include "tiercel/rules/loader.h"

namespace tiercel::rules {

namespace {

bool has_tag(const ResolvedRule& rule, const std::string& tag) {
  return std::find(rule.tags.begin(), rule.tags.end(), tag) != rule.tags.end();
}

bool has_one_of(const ResolvedRule& rule, const std::vector<std::string>& tags) {
  return std::any_of(tags.begin(), tags.end(),
                     [&rule](const std::string& tag) { return has_tag(rule, tag); });
}

void apply_old_flags(const Selection& selection, std::vector<ResolvedRule>& rules) {
  for (ResolvedRule& rule : rules) {
    const bool named = std::any_of(
        selection.disable_substrings.begin(), selection.disable_substrings.end(),
        [&rule](const std::string& part) { return rule.name.find(part) != std::string::npos; });
    if (!selection.only_tags.empty()) {
      rule.enabled = has_one_of(rule, selection.only_tags);
    }
    if (named || has_one_of(rule, selection.disable_tags)) {
      rule.enabled = false;
    }
  }
}

bool concerns(const Selection::Step& step, const ResolvedRule& rule) {
  return (step.rule && name_matches(*step.rule, rule.name)) ||
         (step.tag && has_tag(rule, *step.tag));
}

}  // namespace

bool name_matches(std::string_view pattern, std::string_view name) {
  std::size_t star = pattern.find('*');
  if (star == std::string_view::npos) {
    return pattern == name;
  }
  if (!name.starts_with(pattern.substr(0, star))) {
    return false;
  }
  std::size_t at = star;
  while (star != std::string_view::npos) {
    const std::size_t next = pattern.find('*', star + 1);
    const bool last = next == std::string_view::npos;
    const std::string_view part =
        pattern.substr(star + 1, last ? std::string_view::npos : next - star - 1);
    // The first place that fits is final, so `*e` does not match "eve".
    const std::size_t found = name.find(part, at);
    if (found == std::string_view::npos) {
      return false;
    }
    at = found + part.size();
    if (last) {
      return part.empty() || at == name.size();
    }
    star = next;
  }
  return true;
}

void apply_selection(const Selection& selection, std::vector<ResolvedRule>& rules) {
  apply_old_flags(selection, rules);
  // 0: where it was defined; otherwise the number of the step that brought it back.
  std::vector<std::pair<std::size_t, std::size_t>> order(rules.size());
  for (std::size_t at = 0; at < rules.size(); ++at) {
    order[at] = {0, at};
  }
  for (std::size_t number = 0; number < selection.steps.size(); ++number) {
    const Selection::Step& step = selection.steps[number];
    for (std::size_t at = 0; at < rules.size(); ++at) {
      if (rules[at].enabled == step.enable || !concerns(step, rules[at])) {
        continue;
      }
      rules[at].enabled = step.enable;
      if (step.enable) {
        order[at].first = number + 1;
      }
    }
  }
  for (ResolvedRule& rule : rules) {
    const auto& names = selection.disabled;
    if (std::find(names.begin(), names.end(), rule.name) != names.end()) {
      rule.enabled = false;
    }
  }
  std::sort(order.begin(), order.end());
  std::vector<ResolvedRule> sorted;
  sorted.reserve(rules.size());
  for (const auto& [step, at] : order) {
    sorted.push_back(std::move(rules[at]));
    // Below the threshold a rule does not exist for the engine, enabled or not.
    if (sorted.back().priority > selection.threshold) {
      sorted.back().enabled = false;
    }
  }
  rules = std::move(sorted);
}

}  // namespace tiercel::rules
