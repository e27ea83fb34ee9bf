#include "targets.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "resources.h"

namespace tiercel::analyse {

namespace {

using Attribute = RuleView::Attribute;

constexpr std::string_view kVerbs[] = {"get",    "list",  "watch",  "create",
                                       "update", "patch", "delete", "deletecollection"};
constexpr std::string_view kUrlVerbs[] = {"get",    "post", "put",    "patch",
                                          "delete", "head", "options"};

class Builder {
 public:
  Builder(const std::vector<RuleView>& rules, const Policy* policy) {
    for (const RuleView& rule : rules) {
      add_all(resources_, rule.texts_of(Attribute::kResource));
      add_all(groups_, rule.texts_of(Attribute::kGroup));
      add_all(verbs_, rule.texts_of(Attribute::kVerb));
    }
    for (const BuiltIn& one : built_in_resources()) {
      resources_.emplace(one.resource);
      built_in_groups_.emplace(one.group);
    }
    if (policy != nullptr) {
      add_policy(*policy);
    }
    verbs_.erase("");
    names_core_ = groups_.erase("") != 0;
    resources_.erase("");
  }

  std::optional<Universe> make() {
    if (most_targets() > kMostTargets) {
      return std::nullopt;
    }
    Universe universe;
    add_verbs(kVerbs, universe.resource_verbs);
    add_verbs(kUrlVerbs, universe.url_verbs);
    for (const BuiltIn& one : built_in_resources()) {
      add_built_in(one, universe.targets);
    }
    for (const std::string& resource : resources_) {
      if (find_built_in(resource) == nullptr) {
        add_unknown(resource, universe.targets);
      }
    }
    for (const auto& [group, resources] : of_policy_) {
      for (const std::string& resource : resources) {
        add_with_subresources(Known::exact(group), resource, true, universe.targets);
      }
    }
    add_others(universe.targets);
    Target url;
    url.is_named = false;
    url.facts.is_resource = false;
    for (Known* const absent : {&url.facts.group, &url.facts.resource, &url.facts.subresource,
                                &url.facts.space, &url.facts.name}) {
      *absent = Known::absent();
    }
    universe.targets.push_back(std::move(url));
    return universe;
  }

 private:
  // Of the resources that Kubernetes does not have, which are all that can be too many.
  [[nodiscard]] std::size_t most_targets() const {
    std::size_t pairs = 0;
    for (const std::string& resource : resources_) {
      pairs += find_built_in(resource) == nullptr ? groups_.size() + 2 : 0;
    }
    for (const auto& [group, resources] : of_policy_) {
      pairs += resources.size();
    }
    return 2 * pairs;  // a resource and what is below it
  }

  // Of each group what nobody names in it.
  void add_others(std::vector<Target>& out) const {
    std::set<std::string> all_groups = built_in_groups_;
    all_groups.insert(groups_.begin(), groups_.end());
    const Texts named(resources_);
    const auto others_of = [&](const std::string& group) {
      Texts others = named;
      const auto more = of_policy_.find(group);
      if (more != of_policy_.end()) {
        for (const std::string& resource : more->second) {
          others.insert(resource);
        }
      }
      return Known::other_than(std::move(others));
    };
    for (const std::string& group : all_groups) {
      add_resource(Known::exact(group), others_of(group), out);
    }
    add_resource(Known::other_than(Texts(all_groups)), Known::other_than(named), out);
  }

  static void add_all(std::set<std::string>& to, const std::vector<std::string>& texts) {
    to.insert(texts.begin(), texts.end());
  }

  void add_policy(const Policy& policy) {
    for (const PolicyRule& rule : policy.rules) {
      add_all(verbs_, rule.verbs);
      for (const GroupResources& one : rule.resources) {
        groups_.insert(one.group);
        for (const std::string& entry : one.resources) {
          const std::string resource = entry.substr(0, entry.find('/'));
          const bool is_own = resource != "*" && !resource.empty();
          if (is_own && !resources_.contains(resource)) {
            of_policy_[one.group].insert(resource);
          }
        }
      }
    }
  }

  void add_verbs(std::span<const std::string_view> known, std::vector<Known>& out) const {
    std::set<std::string> all = verbs_;
    for (const std::string_view verb : known) {
      out.push_back(Known::exact(verb));
      all.emplace(verb);
    }
    for (const std::string& verb : verbs_) {
      if (std::find(known.begin(), known.end(), verb) == known.end()) {
        out.push_back(Known::exact(verb));
      }
    }
    out.push_back(Known::other_than(Texts(all)));
  }

  static void add_built_in(const BuiltIn& one, std::vector<Target>& out) {
    Target target;
    target.group = one.group;
    target.resource = one.resource;
    target.facts.group = Known::exact(one.group);
    target.facts.resource = Known::exact(one.resource);
    target.facts.subresource = Known::absent();
    // A request for a namespace is within it.
    if (!one.is_namespaced && one.resource != "namespaces") {
      target.facts.space = Known::absent();
    }
    out.push_back(target);
    std::string_view rest = one.subresources;
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find(' '), rest.size());
      Target sub = target;
      sub.resource += "/" + std::string(rest.substr(0, end));
      sub.facts.subresource = Known::exact(rest.substr(0, end));
      out.push_back(std::move(sub));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }

  // It may live in any group, also in one of Kubernetes' own: a newer version has more in them.
  void add_unknown(const std::string& resource, std::vector<Target>& out) const {
    for (const std::string& group : groups_) {
      add_with_subresources(Known::exact(group), resource, true, out);
    }
    add_with_subresources(Known::exact(""), resource, names_core_, out);
    add_with_subresources(Known::other_than(Texts(groups_)), resource, false, out);
  }

  // Which ones it has nobody knows; policies tell them from the resource itself.
  static void add_with_subresources(const Known& group, const std::string& resource, bool is_named,
                                    std::vector<Target>& out) {
    add_resource(group, Known::exact(resource), out);
    Target& itself = out.back();
    itself.is_named = is_named;
    itself.facts.subresource = Known::absent();
    Target sub = itself;
    sub.resource += "/*";
    sub.facts.subresource = Known::other_than({});
    out.push_back(std::move(sub));
  }

  static void add_resource(Known group, Known resource, std::vector<Target>& out) {
    Target target;
    target.is_named = resource.is_known() && group.is_known();
    target.group = group.text;
    target.resource = resource.text;
    target.facts.group = std::move(group);
    target.facts.resource = std::move(resource);
    out.push_back(std::move(target));
  }

  std::set<std::string> resources_;
  std::set<std::string> groups_;
  bool names_core_ = false;  // "", which is not in groups_
  std::set<std::string> built_in_groups_;
  std::map<std::string, std::set<std::string>> of_policy_;  // by group what no rule names
  std::set<std::string> verbs_;
};

}  // namespace

std::optional<Universe> make_universe(const std::vector<RuleView>& rules, const Policy* policy) {
  return Builder(rules, policy).make();
}

std::vector<RuleView> views_of(const engine::RuleSet& rules) {
  std::vector<RuleView> views;
  for (const engine::CompiledRule& rule : rules.rules()) {
    RuleView view(rule);
    Facts anything;
    if (view.can_match(anything)) {
      views.push_back(std::move(view));
    }
  }
  return views;
}

}  // namespace tiercel::analyse
