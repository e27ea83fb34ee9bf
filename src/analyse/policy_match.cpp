// What kube-apiserver's pkg/audit/policy/checker.go does, with one request.
#include <algorithm>

#include "tiercel/analyse/policy.h"

namespace tiercel::analyse {

namespace {

bool has(const std::vector<std::string>& texts, std::string_view text) {
  return std::find(texts.begin(), texts.end(), text) != texts.end();
}

// The object's name is within its body, which is read after the decision.
bool is_nameless(const Request& request) {
  return request.verb == "create" && request.subresource.empty();
}

bool fits_resource(const PolicyRule& rule, const Request& request) {
  const std::string_view name = is_nameless(request) ? std::string_view() : request.name;
  if (!request.is_resource || (!rule.namespaces.empty() && !has(rule.namespaces, request.space))) {
    return false;
  }
  return rule.resources.empty() ||
         std::any_of(rule.resources.begin(), rule.resources.end(), [&](const GroupResources& one) {
           if (one.group != request.group) {
             return false;
           }
           const bool is_named = std::any_of(
               one.resources.begin(), one.resources.end(), [&](const std::string& entry) {
                 return names_resource(entry, request.resource, request.subresource);
               });
           return one.resources.empty() ||
                  (is_named && (one.names.empty() || has(one.names, name)));
         });
}

bool fits(const PolicyRule& rule, const Request& request) {
  if (!rule.users.empty() && !has(rule.users, request.user)) {
    return false;
  }
  if (!rule.groups.empty() &&
      std::none_of(request.groups.begin(), request.groups.end(),
                   [&](std::string_view group) { return has(rule.groups, group); })) {
    return false;
  }
  if (!rule.verbs.empty() && !has(rule.verbs, request.verb)) {
    return false;
  }
  if (!rule.namespaces.empty() || !rule.resources.empty()) {
    return fits_resource(rule, request);
  }
  return rule.urls.empty() ||
         (!request.is_resource &&
          std::any_of(rule.urls.begin(), rule.urls.end(),
                      [&](const std::string& url) { return names_path(url, request.path); }));
}

}  // namespace

bool names_resource(std::string_view entry, std::string_view resource,
                    std::string_view subresource) {
  if (entry == "*") {
    return true;
  }
  if (entry.size() > 2 && entry.ends_with("/*") && entry.substr(0, entry.size() - 2) == resource) {
    return true;
  }
  if (subresource.empty()) {
    return entry == resource;
  }
  if (entry.starts_with("*/") && entry.substr(2) == subresource) {
    return true;
  }
  return entry.size() == resource.size() + 1 + subresource.size() && entry.starts_with(resource) &&
         entry[resource.size()] == '/' && entry.ends_with(subresource);
}

bool names_path(std::string_view entry, std::string_view path) {
  if (entry == "*" || entry == path) {
    return true;
  }
  return entry.ends_with('*') && path.starts_with(entry.substr(0, entry.find_last_not_of('*') + 1));
}

const PolicyRule* decide(const Policy& policy, const Request& request) {
  const auto found = std::find_if(policy.rules.begin(), policy.rules.end(),
                                  [&](const PolicyRule& rule) { return fits(rule, request); });
  return found == policy.rules.end() ? nullptr : &*found;
}

}  // namespace tiercel::analyse
