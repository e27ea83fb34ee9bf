#include "tiercel/base/units.h"

#include "routing_parts.h"
#include "scalar.h"

namespace tiercel::config {

namespace {

using Operator = MatcherSettings::Operator;

std::string_view operator_text(Operator op) {
  switch (op) {
    case Operator::kEqual:
      return "=";
    case Operator::kNotEqual:
      return "!=";
    case Operator::kRegex:
      return "=~";
    case Operator::kNotRegex:
      return "!~";
  }
  return "=";
}

// In Alertmanager's quotes, which know two escapes and the newline.
std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
    }
    out += c == '\n' ? "\\n" : std::string(1, c);
  }
  return out + "\"";
}

std::string list_text(const std::vector<std::string>& texts) {
  std::string out = "[";
  for (const std::string& text : texts) {
    out += (out.size() == 1 ? "" : ", ") + json_text(text);
  }
  return out + "]";
}

// Collects the members of one map.
class MapText {
 public:
  void add(std::string_view key, const std::string& json) {
    out_ += (out_.empty() ? "" : ", ") + json_text(key) + ": " + json;
  }
  void add_text(std::string_view key, const std::string& text) {
    if (!text.empty()) {
      add(key, json_text(text));
    }
  }
  void add_list(std::string_view key, const std::vector<std::string>& texts) {
    if (!texts.empty()) {
      add(key, list_text(texts));
    }
  }
  void add_duration(std::string_view key, std::chrono::milliseconds duration) {
    if (duration.count() >= 0) {
      add(key, json_text(base::to_text(duration)));
    }
  }
  [[nodiscard]] std::string text() const { return "{" + out_ + "}"; }

 private:
  std::string out_;
};

// What has one value goes into `matchers`; lists, which only `match` can write, into it.
void add_matchers(MapText& map, const std::vector<MatcherSettings>& matchers) {
  std::vector<std::string> texts;
  MapText match;
  bool has_match = false;
  for (const MatcherSettings& matcher : matchers) {
    if (matcher.values.size() == 1) {
      texts.push_back(quoted(matcher.name) + std::string(operator_text(matcher.op)) +
                      quoted(matcher.values.front()));
    } else {
      match.add(matcher.name, list_text(matcher.values));
      has_match = true;
    }
  }
  map.add_list("matchers", texts);
  if (has_match) {
    map.add("match", match.text());
  }
}

// NOLINTNEXTLINE(misc-no-recursion): routes are at most 16 deep
std::string route_text(const RoutingSettings& routing, const RouteSettings& route) {
  MapText map;
  add_matchers(map, route.matchers);
  if (route.goes_on) {
    map.add("continue", "true");
  }
  map.add_list("outputs", route.outputs);
  map.add_list("group_by", route.group_by);
  map.add_duration("group_wait", route.group_wait);
  map.add_duration("group_interval", route.group_interval);
  map.add_text("template", route.message_template);
  if (!route.routes.empty()) {
    std::string routes;
    for (const std::size_t child : route.routes) {
      routes += (routes.empty() ? "" : ", ") + route_text(routing, routing.routes[child]);
    }
    map.add("routes", "[" + routes + "]");
  }
  return map.text();
}

}  // namespace

std::string print_routes(const RoutingSettings& routing) {
  return routing.is_given ? route_text(routing, routing.root()) : "null";
}

std::string print_silences(const std::vector<SilenceSettings>& silences) {
  std::string out = "[";
  for (const SilenceSettings& silence : silences) {
    MapText map;
    map.add_text("id", silence.id);
    add_matchers(map, silence.matchers);
    map.add_list("outputs", silence.outputs);
    if (silence.starts != 0) {
      map.add_text("starts", rfc3339_text(silence.starts));
    }
    map.add_text("ends", rfc3339_text(silence.ends));
    map.add_text("owner", silence.owner);
    map.add_text("comment", silence.comment);
    out += (out.size() == 1 ? "" : ", ") + map.text();
  }
  return out + "]";
}

}  // namespace tiercel::config
