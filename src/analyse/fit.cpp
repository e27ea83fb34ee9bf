#include "fit.h"

#include <iterator>
#include <string_view>

namespace tiercel::analyse {

namespace {

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
    if (url_fits(url, facts.path)) {
      fit[By::kPath].clear();
      return;
    }
    fit[By::kPath].push_back(url);
  }
}

}  // namespace

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

bool url_fits(const std::string& url, const Known& path) {
  if (url == "*" || url == "/*") {
    return true;
  }
  const bool is_known = path.kind == Known::Kind::kExact || path.kind == Known::Kind::kPrefix;
  return is_known && names_path(url, path.text) &&
         (path.kind == Known::Kind::kExact || url.ends_with('*'));
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

}  // namespace tiercel::analyse
