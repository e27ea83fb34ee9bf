#include "query_filter.h"

#include <algorithm>

namespace tiercel::store {

namespace {

bool is_any_of(const std::vector<std::string>& patterns, std::string_view text) {
  return patterns.empty() ||
         std::any_of(patterns.begin(), patterns.end(),
                     [text](const std::string& pattern) { return matches_glob(pattern, text); });
}

bool carries(std::string_view tags, std::string_view tag) {
  while (!tags.empty()) {
    const std::size_t comma = std::min(tags.find(','), tags.size());
    if (tags.substr(0, comma) == tag) {
      return true;
    }
    tags.remove_prefix(std::min(comma + 1, tags.size()));
  }
  return false;
}

std::string hex(const std::array<std::uint8_t, 16>& id) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string out;
  for (const std::uint8_t byte : id) {
    out += kHex[byte >> 4U];
    out += kHex[byte & 0xFU];
  }
  return out;
}

}  // namespace

bool matches_glob(std::string_view pattern, std::string_view text) {
  const std::size_t first = pattern.find('*');
  if (first == std::string_view::npos) {
    return pattern == text;
  }
  const std::size_t last = pattern.rfind('*');
  const std::string_view end = pattern.substr(last + 1);
  if (text.size() < first + end.size() || text.substr(0, first) != pattern.substr(0, first) ||
      !text.ends_with(end)) {
    return false;
  }
  text = text.substr(first, text.size() - first - end.size());
  pattern = pattern.substr(first, last - first);
  // What stands between stars must come in this order; the first place is as good as any.
  while (!pattern.empty()) {
    pattern.remove_prefix(1);
    const std::string_view part = pattern.substr(0, std::min(pattern.find('*'), pattern.size()));
    const std::size_t at = text.find(part);
    if (at == std::string_view::npos) {
      return false;
    }
    text.remove_prefix(at + part.size());
    pattern.remove_prefix(part.size());
  }
  return true;
}

bool is_asked_for(const Query& query, const StoredAlert& alert) {
  return (!query.since || alert.time >= *query.since) &&
         (!query.until || alert.time < *query.until) &&
         (!query.priority || alert.priority <= *query.priority) &&
         is_any_of(query.rules, alert.rule) && is_any_of(query.users, alert.user) &&
         is_any_of(query.namespaces, alert.name_space) &&
         std::all_of(query.tags.begin(), query.tags.end(),
                     [&alert](const std::string& tag) { return carries(alert.tags, tag); }) &&
         (query.ids.empty() ||
          std::find(query.ids.begin(), query.ids.end(), hex(alert.id)) != query.ids.end());
}

}  // namespace tiercel::store
