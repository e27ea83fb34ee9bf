#include "decisions.h"

#include <algorithm>
#include <array>
#include <map>
#include <string_view>
#include <utility>

#include "fit.h"

namespace tiercel::analyse {

namespace {

// A rule that splits requests by more combinations than this is split by fewer of its lists.
constexpr std::size_t kMostParts = 512;
constexpr std::uint64_t kStepsOfPart = 10;

// The facts of requests that have this text too; two sets for a path, whose query is free.
std::vector<Facts> assume(const Facts& facts, By by, const std::string& text) {
  Facts more = facts;
  switch (by) {
    case By::kUser:
      return assume_user(more, text) ? std::vector{more} : std::vector<Facts>{};
    case By::kGroup:
      return assume_group(more, text) ? std::vector{more} : std::vector<Facts>{};
    case By::kSpace:
      more.space = Known::exact(text);
      return {more};
    case By::kName:
      more.name = Known::exact(text);
      return {more};
    case By::kPath:
      break;
  }
  if (text.ends_with('*')) {
    more.path = Known::prefix(text.substr(0, text.size() - 1));
    more.uri = more.path;
    return {more};
  }
  more.path = Known::exact(text);
  more.uri = Known::exact(text);
  Facts with_query = more;
  with_query.uri = Known::prefix(text + "?");
  return {more, with_query};
}

// Facts of requests that have none of these texts.
void exclude(Facts& facts, By by, const std::vector<std::string>& texts, Effort& effort) {
  const auto leave_out = [&](Known& known) {
    effort.spend(known.excluded.to_copy());
    for (const std::string& text : texts) {
      if (text.empty()) {
        known.is_present = true;
      } else if (known.kind == Known::Kind::kUnknown) {
        known.excluded.insert(text);
      }
    }
  };
  switch (by) {
    case By::kUser:
      return leave_out(facts.user);
    case By::kGroup:
      effort.spend(facts.not_in_groups.to_copy());
      for (const std::string& text : texts) {
        facts.not_in_groups.insert(text);
      }
      return;
    case By::kSpace:
      return leave_out(facts.space);
    case By::kName:
      return leave_out(facts.name);
    case By::kPath:
      return;
  }
}

void limit_parts(Fit& fit) {
  while (true) {
    std::size_t parts = 1;
    auto* longest = &fit.lists.front();
    for (auto& list : fit.lists) {
      // Held down, since the product of what a policy lists has no bound.
      parts = std::min(parts, kMostParts + 1) * std::max<std::size_t>(list.size(), 1);
      longest = list.size() > longest->size() ? &list : longest;
    }
    if (parts <= kMostParts) {
      return;
    }
    longest->clear();
    fit.is_vague = true;
  }
}

// The fits of rules before the one at hand, found by what they ask for: a part of the requests that
// one of them takes whole is not decided about again.
class Taken {
 public:
  // REQUIRES: it has conditions, as all do that leave something to later rules.
  void add(Fit fit) {
    const std::size_t number = fits_.size();
    std::size_t best = kBys;
    std::size_t least = 0;
    for (std::size_t by = 0; by < kBys; ++by) {
      std::size_t others = 0;
      for (const std::string& text : fit.lists[by]) {
        const auto found = by_text_[by].find(text);
        others += found == by_text_[by].end() ? 0 : found->second.size();
      }
      const bool is_better = best == kBys || others < least;
      if (!fit.lists[by].empty() && static_cast<By>(by) != By::kPath && is_better) {
        best = by;
        least = others;
      }
    }
    if (best == kBys) {
      of_paths_.push_back(number);  // which hold patterns
    } else {
      for (const std::string& text : fit.lists[best]) {
        by_text_[best][text].push_back(number);
      }
    }
    fits_.push_back(std::move(fit));
  }

  [[nodiscard]] bool has(const Facts& part, Effort& effort) const {
    effort.spend(1);
    if (takes(of_paths_, part, effort)) {
      return true;
    }
    for (const auto& [by, known] :
         {std::pair{By::kUser, &part.user}, std::pair{By::kSpace, &part.space},
          std::pair{By::kName, &part.name}}) {
      if (known->is_known() && takes(numbers_of(by, known->text), part, effort)) {
        return true;
      }
    }
    const std::vector<std::string_view> groups = part.in_groups.all();
    return std::any_of(groups.begin(), groups.end(), [&](std::string_view group) {
      return takes(numbers_of(By::kGroup, group), part, effort);
    });
  }

 private:
  using Numbers = std::vector<std::size_t>;  // in fits_

  [[nodiscard]] const Numbers& numbers_of(By by, std::string_view text) const {
    static const Numbers kNone;
    const auto& numbers = by_text_[static_cast<std::size_t>(by)];
    const auto found = numbers.find(text);
    return found == numbers.end() ? kNone : found->second;
  }

  [[nodiscard]] bool takes(const Numbers& numbers, const Facts& part, Effort& effort) const {
    effort.spend(numbers.size());
    return std::any_of(numbers.begin(), numbers.end(),
                       [&](std::size_t number) { return is_whole(fits_[number], part); });
  }

  // Whether all of these requests fit.
  static bool is_whole(const Fit& fit, const Facts& part) {
    const auto is_met = [&](By by, const std::string& text) {
      switch (by) {
        case By::kUser:
          return is_text(part.user, text) == Tri::kYes;
        case By::kGroup:
          return part.in_groups.contains(text);
        case By::kSpace:
          return is_text(part.space, text) == Tri::kYes;
        case By::kName:
          return is_text(part.name, text) == Tri::kYes;
        case By::kPath:
          break;
      }
      return url_fits(text, part.path);
    };
    for (std::size_t by = 0; by < kBys; ++by) {
      const auto& texts = fit.lists[by];
      if (!texts.empty() && std::none_of(texts.begin(), texts.end(), [&](const auto& text) {
            return is_met(static_cast<By>(by), text);
          })) {
        return false;
      }
    }
    return true;
  }

  std::vector<Fit> fits_;
  std::array<std::map<std::string, Numbers, std::less<>>, kBys> by_text_;
  Numbers of_paths_;
};

// The requests that fit, by each combination of what the rule asks for.
std::vector<Facts> parts_of(const Fit& fit, const Facts& facts) {
  std::vector<Facts> parts{facts};
  for (std::size_t by = 0; by < kBys; ++by) {
    if (fit.lists[by].empty()) {
      continue;
    }
    std::vector<Facts> narrower;
    for (const Facts& part : parts) {
      for (const std::string& text : fit.lists[by]) {
        for (Facts& one : assume(part, static_cast<By>(by), text)) {
          narrower.push_back(std::move(one));
        }
      }
    }
    parts = std::move(narrower);
  }
  return parts;
}

// Whatever the verb is.
bool may_decide(const PolicyRule& rule, const Facts& facts, Effort& effort) {
  effort.spend(1);
  if (rule.namespaces.empty() && rule.resources.empty()) {
    return rule.urls.empty() || !facts.is_resource;
  }
  if (!facts.is_resource) {
    return false;
  }
  const auto concerns = [&](const GroupResources& one) {
    effort.spend(1);
    if (is_text(facts.group, one.group) == Tri::kNo) {
      return false;
    }
    effort.spend(one.resources.size());
    return one.resources.empty() ||
           std::any_of(one.resources.begin(), one.resources.end(), [&](const std::string& entry) {
             return entry_fits(entry, facts) != Tri::kNo;
           });
  };
  return rule.resources.empty() ||
         std::any_of(rule.resources.begin(), rule.resources.end(), concerns);
}

// How many texts a look at the rule compares.
std::size_t texts_of(const PolicyRule& rule) {
  std::size_t out = 1 + rule.users.size() + rule.groups.size() + rule.verbs.size() +
                    rule.namespaces.size() + rule.urls.size();
  for (const GroupResources& one : rule.resources) {
    out += 1 + one.resources.size() + one.names.size();
  }
  return out;
}

}  // namespace

std::vector<const PolicyRule*> rules_about(const Policy& policy, const Facts& facts,
                                           Effort& effort) {
  std::vector<const PolicyRule*> out;
  for (const PolicyRule& rule : policy.rules) {
    if (may_decide(rule, facts, effort)) {
      out.push_back(&rule);
    }
  }
  return out;
}

std::vector<Decision> decisions(const std::vector<const PolicyRule*>& rules, const Facts& facts,
                                Effort& effort) {
  std::vector<Decision> out;
  Facts rest = facts;
  Taken taken;
  for (const PolicyRule* const rule : rules) {
    effort.spend(texts_of(*rule));
    if (effort.is_spent()) {
      return out;
    }
    Fit fit = fit_of(*rule, rest);
    if (!fit.is_possible) {
      continue;
    }
    Fit fewer = fit;
    limit_parts(fewer);
    std::vector<Facts> parts = parts_of(fewer, rest);
    effort.spend(kStepsOfPart * parts.size());
    for (Facts& part : parts) {
      if (!taken.has(part, effort)) {
        out.push_back({rule, std::move(part)});
      }
    }
    if (fit.is_vague) {
      continue;
    }
    if (fit.conditions() == 0) {
      return out;
    }
    for (std::size_t by = 0; by < kBys; ++by) {
      if (fit.conditions() == 1 && !fit.lists[by].empty()) {
        exclude(rest, static_cast<By>(by), fit.lists[by], effort);
      }
    }
    taken.add(std::move(fit));
  }
  out.push_back({nullptr, std::move(rest)});
  return out;
}

}  // namespace tiercel::analyse
