#include "grouping.h"

#include <algorithm>

namespace tiercel::analyse {

namespace {

constexpr std::size_t kMostNamed = 6;

std::string joined(const std::vector<std::string>& texts) {
  std::string out;
  for (const std::string& text : texts) {
    out += (out.empty() ? "" : ", ") + text;
  }
  return out;
}

std::string subject(const Requests& requests) {
  std::vector<std::string> names;
  for (const Requests::Resource& one : requests.resources) {
    names.push_back(one.group.empty() ? one.resource : one.resource + " (" + one.group + ")");
  }
  if (names.size() > kMostNamed) {
    const std::size_t more = names.size() - kMostNamed;
    names.resize(kMostNamed);
    names.push_back(std::to_string(more) + " more");
  }
  if (requests.others) {
    names.emplace_back("other resources");
  }
  if (requests.urls) {
    names.emplace_back("URLs that are no resource");
  }
  return joined(names);
}

// Of one API group together, as policies have them.
std::string resources_text(const Requests& requests) {
  std::map<std::string, std::vector<std::string>> by_group;
  for (const Requests::Resource& one : requests.resources) {
    by_group[one.group].push_back(one.resource);
  }
  std::string out;
  for (const auto& [group, resources] : by_group) {
    out += (out.empty() ? "" : ", ") + std::string("{group: ") + yaml_text(group) +
           ", resources: " + yaml_list(resources) + "}";
  }
  return "[" + out + "]";
}

}  // namespace

std::vector<Requests> RequestSet::grouped() const {
  std::map<std::pair<std::set<std::size_t>, bool>, Requests> by_verbs;
  for (const auto& [number, verbs] : verbs_) {
    const Target& target = universe_->targets[number];
    const std::vector<Known>& all = universe_->verbs_of(target);
    Requests& requests = by_verbs[{verbs, target.facts.is_resource}];
    if (requests.verbs.empty() && verbs.size() < all.size()) {
      for (const std::size_t verb : verbs) {
        const Known& known = all[verb];
        requests.verbs.push_back(known.kind == Known::Kind::kExact ? known.text : "others");
      }
    }
    if (target.is_named) {
      requests.resources.push_back({target.group, target.resource});
    } else {
      (target.facts.is_resource ? requests.others : requests.urls) = true;
    }
  }
  std::vector<Requests> out;
  out.reserve(by_verbs.size());
  for (auto& [verbs, requests] : by_verbs) {
    out.push_back(std::move(requests));
  }
  return out;
}

std::string to_text(const std::vector<Requests>& requests) {
  std::string out;
  for (const Requests& one : requests) {
    out += (out.empty() ? "" : "; ") + (one.verbs.empty() ? "any verb" : joined(one.verbs)) +
           " on " + subject(one);
  }
  return out;
}

std::string yaml_text(const std::string& text) {
  const bool is_plain =
      !text.empty() &&
      std::all_of(text.begin(), text.end(),
                  [](char c) {
                    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                           (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '/';
                  }) &&
      text.front() != '-' && text.find_first_not_of("0123456789.-") != std::string::npos;
  if (is_plain) {
    return text;
  }
  std::string out = "\"";
  for (const char c : text) {
    out += c == '"' || c == '\\' ? std::string{'\\', c} : std::string(1, c);
  }
  return out + "\"";
}

std::string yaml_list(const std::vector<std::string>& texts) {
  std::vector<std::string> quoted;
  quoted.reserve(texts.size());
  for (const std::string& text : texts) {
    quoted.push_back(yaml_text(text));
  }
  return "[" + joined(quoted) + "]";
}

std::vector<std::string> policy_rules(const Requests& requests, Level level,
                                      const std::string& omit_stages) {
  std::string head = "{level: " + std::string(to_text(level));
  // A verb that nobody names cannot be written down either: all of them.
  const bool has_others =
      std::find(requests.verbs.begin(), requests.verbs.end(), "others") != requests.verbs.end();
  if (!requests.verbs.empty() && !has_others) {
    head += ", verbs: " + yaml_list(requests.verbs);
  }
  const std::string tail = (omit_stages.empty() ? "" : ", omitStages: [" + omit_stages + "]") + "}";
  std::vector<std::string> out;
  if (requests.others) {
    out.push_back(head + tail);
    return out;
  }
  if (!requests.resources.empty()) {
    out.push_back(head + ", resources: " + resources_text(requests) + tail);
  }
  if (requests.urls) {
    out.push_back(head + ", nonResourceURLs: [\"*\"]" + tail);
  }
  return out;
}

}  // namespace tiercel::analyse
