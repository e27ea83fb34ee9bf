#include "path_patterns.h"

#include <algorithm>

namespace tiercel::condition {

namespace {

bool before(const std::pair<std::string, std::uint32_t>& entry, std::string_view component) {
  return entry.first < component;
}

}  // namespace

std::string_view take_component(std::string_view& path) {
  const std::size_t start = path.find_first_not_of('/');
  if (start == std::string_view::npos) {
    path = {};
    return {};
  }
  const std::size_t end = std::min(path.find('/', start), path.size());
  const std::string_view component = path.substr(start, end - start);
  path.remove_prefix(end);
  return component;
}

std::uint32_t PathPatterns::child(std::uint32_t node, std::string_view component) {
  const auto next = static_cast<std::uint32_t>(nodes_.size());
  const bool is_glob = has_glob_bytes(component);
  auto& children = is_glob ? nodes_[node].glob_texts : nodes_[node].literals;
  const auto at = std::lower_bound(children.begin(), children.end(), component, before);
  if (at != children.end() && at->first == component) {
    return at->second;
  }
  if (is_glob) {
    nodes_[node].globs.emplace(nodes_[node].globs.begin() + (at - children.begin()), component);
  }
  children.emplace(at, component, next);
  nodes_.emplace_back();
  return next;
}

base::Result<PathPatterns> PathPatterns::make(std::span<const std::string> patterns) {
  PathPatterns result;
  if (!patterns.empty()) {
    result.nodes_.emplace_back();
  }
  for (const std::string& pattern : patterns) {
    std::string_view rest = pattern;
    std::uint32_t node = 0;
    std::size_t depth = 0;
    for (std::string_view part = take_component(rest); !part.empty(); part = take_component(rest)) {
      if (++depth > kMostComponents) {
        return base::Error{"bad_path", "a path pattern of `pmatch` has more than 256 components",
                           ""};
      }
      node = result.child(node, part);
    }
    result.nodes_[node].is_end = true;
  }
  return result;
}

// NOLINTNEXTLINE(misc-no-recursion): as deep as the tree, at most kMostComponents.
bool PathPatterns::match_from(const Node& node, std::string_view rest) const {
  if (node.is_end) {
    return true;
  }
  const std::string_view component = take_component(rest);
  if (component.empty()) {
    return false;
  }
  const auto literal =
      std::lower_bound(node.literals.begin(), node.literals.end(), component, before);
  if (literal != node.literals.end() && literal->first == component &&
      match_from(nodes_[literal->second], rest)) {
    return true;
  }
  for (std::size_t at = 0; at < node.globs.size(); ++at) {
    if (node.globs[at].matches(component) && match_from(nodes_[node.glob_texts[at].second], rest)) {
      return true;
    }
  }
  return false;
}

bool PathPatterns::match(std::string_view path) const {
  return !nodes_.empty() && match_from(nodes_.front(), path);
}

}  // namespace tiercel::condition
