#include "decisions.h"

#include <algorithm>
#include <array>
#include <utility>

namespace tiercel::analyse {

namespace {

// A rule that splits requests by more combinations than this is split by fewer of its lists.
constexpr std::size_t kMostParts = 512;

enum class By : std::uint8_t { kUser, kGroup, kSpace, kName, kPath };
constexpr std::size_t kBys = 5;

// What a request must be for a rule to decide about it, beyond what is known of it: one text of
// each list that is not empty.
struct Fit {
  bool is_possible = true;
  bool is_vague = false;  ///< fits some of these requests; which ones has no words
  std::array<std::vector<std::string>, kBys> lists;

  std::vector<std::string>& operator[](By by) { return lists[static_cast<std::size_t>(by)]; }
  [[nodiscard]] std::size_t conditions() const {
    return static_cast<std::size_t>(
        std::count_if(lists.begin(), lists.end(), [](const auto& list) { return !list.empty(); }));
  }
};

// Keeps what can be; nothing at all where all of these requests have one of the texts.
bool restrict_to(const std::vector<std::string>& texts, const Known& known,
                 std::vector<std::string>& out) {
  if (texts.empty()) {
    return true;
  }
  for (const std::string& text : texts) {
    switch (is_text(known, text)) {
      case Tri::kYes:
        out.clear();
        return true;
      case Tri::kMaybe:
        out.push_back(text);
        break;
      case Tri::kNo:
        break;
    }
  }
  return !out.empty();
}

Tri entry_fits(const std::string& entry, const Facts& facts) {
  if (entry == "*") {
    return Tri::kYes;
  }
  const std::size_t slash = entry.find('/');
  const std::string_view resource = std::string_view(entry).substr(0, slash);
  if (facts.resource.is_known() && facts.subresource.is_known()) {
    return names_resource(entry, facts.resource.text, facts.subresource.text) ? Tri::kYes
                                                                              : Tri::kNo;
  }
  if (resource != "*" && is_text(facts.resource, resource) == Tri::kNo) {
    return Tri::kNo;
  }
  if (slash == std::string::npos && is_text(facts.subresource, "") == Tri::kNo) {
    return Tri::kNo;  // it names the resource itself
  }
  const bool is_all_of_it = slash != std::string::npos && entry.substr(slash) == "/*" &&
                            is_text(facts.resource, resource) == Tri::kYes;
  return is_all_of_it ? Tri::kYes : Tri::kMaybe;
}

// Whether kube-apiserver decides before it knows the object's name, which it records nevertheless.
Tri is_nameless(const Facts& facts) {
  return std::min(is_text(facts.verb, "create"), is_text(facts.subresource, ""));
}

// The same of an entry with names; kYes where the name itself has to be looked at.
Tri named_fits(const GroupResources& one, Tri of_entries, Tri nameless) {
  const bool has_empty = std::find(one.names.begin(), one.names.end(), "") != one.names.end();
  if (nameless == Tri::kYes) {
    return has_empty ? of_entries : Tri::kNo;
  }
  return nameless == Tri::kMaybe ? std::min(of_entries, Tri::kMaybe) : of_entries;
}

void fit_resources(const PolicyRule& rule, const Facts& facts, Fit& fit) {
  if (rule.resources.empty()) {
    return;
  }
  bool is_yes = false;
  bool is_maybe = false;
  const Tri nameless = is_nameless(facts);
  std::vector<std::string> names;
  for (const GroupResources& one : rule.resources) {
    const Tri of_group = is_text(facts.group, one.group);
    if (of_group == Tri::kNo) {
      continue;
    }
    Tri of_entries = one.resources.empty() ? Tri::kYes : Tri::kNo;
    for (const std::string& entry : one.resources) {
      of_entries = std::max(of_entries, entry_fits(entry, facts));
    }
    of_entries = std::min(of_entries, of_group);
    if (!one.names.empty()) {
      of_entries = named_fits(one, of_entries, nameless);
    }
    const bool is_any_name = one.names.empty() || nameless == Tri::kYes;
    is_yes = is_yes || (of_entries == Tri::kYes && is_any_name);
    is_maybe = is_maybe || of_entries == Tri::kMaybe;
    if (of_entries == Tri::kYes) {
      names.insert(names.end(), one.names.begin(), one.names.end());
    }
  }
  if (is_yes) {
    return;
  }
  fit.is_vague = is_maybe;
  if (!is_maybe) {
    fit.is_possible = !names.empty() && restrict_to(names, facts.name, fit[By::kName]);
  }
}

void fit_urls(const PolicyRule& rule, const Facts& facts, Fit& fit) {
  for (const std::string& url : rule.urls) {
    const bool is_all = url == "*" || url == "/*";
    const bool is_known =
        facts.path.kind == Known::Kind::kExact || facts.path.kind == Known::Kind::kPrefix;
    const bool fits = is_known && names_path(url, facts.path.text) &&
                      (facts.path.kind == Known::Kind::kExact || url.ends_with('*'));
    if (is_all || fits) {
      fit[By::kPath].clear();
      return;
    }
    fit[By::kPath].push_back(url);
  }
}

Fit fit_of(const PolicyRule& rule, const Facts& facts) {
  Fit fit;
  fit.is_possible = restrict_to(rule.users, facts.user, fit[By::kUser]);
  const auto is_in = [&](const std::string& group) { return facts.in_groups.contains(group); };
  if (std::none_of(rule.groups.begin(), rule.groups.end(), is_in)) {
    std::copy_if(rule.groups.begin(), rule.groups.end(), std::back_inserter(fit[By::kGroup]),
                 [&](const auto& group) { return !facts.not_in_groups.contains(group); });
    fit.is_possible = fit.is_possible && (rule.groups.empty() || !fit[By::kGroup].empty());
  }
  if (!rule.verbs.empty()) {
    fit.is_possible =
        fit.is_possible && std::any_of(rule.verbs.begin(), rule.verbs.end(), [&](const auto& verb) {
          return is_text(facts.verb, verb) == Tri::kYes;
        });
  }
  if (!rule.namespaces.empty() || !rule.resources.empty()) {
    fit.is_possible = fit.is_possible && facts.is_resource &&
                      restrict_to(rule.namespaces, facts.space, fit[By::kSpace]);
    if (fit.is_possible) {
      fit_resources(rule, facts, fit);
    }
  } else if (!rule.urls.empty()) {
    fit.is_possible = fit.is_possible && !facts.is_resource;
    fit_urls(rule, facts, fit);
  }
  return fit;
}

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
void exclude(Facts& facts, By by, const std::vector<std::string>& texts) {
  const auto leave_out = [&](Known& known) {
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
      facts.not_in_groups.insert(texts.begin(), texts.end());
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
      parts *= std::max<std::size_t>(list.size(), 1);
      longest = list.size() > longest->size() ? &list : longest;
    }
    if (parts <= kMostParts) {
      return;
    }
    longest->clear();
    fit.is_vague = true;
  }
}

}  // namespace

std::vector<Decision> decisions(const Policy& policy, const Facts& facts) {
  std::vector<Decision> out;
  Facts rest = facts;
  for (auto rule = policy.rules.begin(); rule != policy.rules.end(); ++rule) {
    Fit fit = fit_of(*rule, rest);
    if (!fit.is_possible) {
      continue;
    }
    limit_parts(fit);
    std::vector<Facts> parts{rest};
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
    for (Facts& part : parts) {
      const bool is_taken = std::any_of(policy.rules.begin(), rule, [&](const PolicyRule& earlier) {
        const Fit of_earlier = fit_of(earlier, part);
        return of_earlier.is_possible && !of_earlier.is_vague && of_earlier.conditions() == 0;
      });
      if (!is_taken) {
        out.push_back({&*rule, std::move(part)});
      }
    }
    if (fit.conditions() == 0 && !fit.is_vague) {
      return out;
    }
    for (std::size_t by = 0; by < kBys; ++by) {
      if (fit.conditions() == 1 && !fit.is_vague && !fit.lists[by].empty()) {
        exclude(rest, static_cast<By>(by), fit.lists[by]);
      }
    }
  }
  out.push_back({nullptr, std::move(rest)});
  return out;
}

}  // namespace tiercel::analyse
