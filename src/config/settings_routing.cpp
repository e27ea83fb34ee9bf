#include <algorithm>

#include "tiercel/base/clock.h"

#include "families.h"
#include "routing_parts.h"
#include "scalar.h"

namespace tiercel::config {

namespace {

using std::chrono::milliseconds;

constexpr std::size_t kMostDepth = 16;  // the root counts as one
constexpr std::size_t kMostRoutes = 1000;
constexpr std::size_t kMostTemplate = std::size_t{16} << 10U;
constexpr std::size_t kMostGroupNames = 32;
constexpr milliseconds kMostWait = std::chrono::hours(24 * 7);

constexpr std::string_view kRoutesSchema = R"({"type": ["object", "null"],
  "definitions": {
    "texts": {"type": ["string", "array"], "items": {"type": "string"}},
    "match": {"type": "object", "additionalProperties": {
      "type": ["string", "number", "boolean", "array"]}},
    "route": {"type": "object", "properties": {
      "matchers": {"$ref": "#/properties/routes/definitions/texts"},
      "match": {"$ref": "#/properties/routes/definitions/match"},
      "continue": {"type": "boolean"},
      "outputs": {"$ref": "#/properties/routes/definitions/texts"},
      "output": {"$ref": "#/properties/routes/definitions/texts"},
      "receiver": {"$ref": "#/properties/routes/definitions/texts"},
      "group_by": {"$ref": "#/properties/routes/definitions/texts"},
      "group_wait": {"$ref": "#/definitions/duration"},
      "group_interval": {"$ref": "#/definitions/duration"},
      "template": {"type": "string"},
      "routes": {"type": "array", "items": {"$ref": "#/properties/routes/definitions/route"}}},
      "additionalProperties": false}},
  "allOf": [{"$ref": "#/properties/routes/definitions/route"}]})";

constexpr std::string_view kSilencesSchema = R"({"type": ["array", "null"], "maxItems": 1000,
  "items": {"type": "object", "properties": {
    "id": {"type": "string"},
    "matchers": {"$ref": "#/properties/routes/definitions/texts"},
    "match": {"$ref": "#/properties/routes/definitions/match"},
    "outputs": {"$ref": "#/properties/routes/definitions/texts"},
    "output": {"$ref": "#/properties/routes/definitions/texts"},
    "receiver": {"$ref": "#/properties/routes/definitions/texts"},
    "starts": {"type": "string"},
    "ends": {"type": "string"},
    "owner": {"type": "string", "minLength": 1},
    "comment": {"type": "string", "minLength": 1}},
  "required": ["ends", "owner", "comment"], "additionalProperties": false}})";

// Reads the tree of routes.
class RouteReader {
 public:
  explicit RouteReader(Reporter& reporter) : reporter_(reporter) {}

  std::vector<RouteSettings> read(const Node& root) {
    read(root, 1);
    return std::move(routes_);
  }

 private:
  using Index = std::size_t;

  // NOLINTNEXTLINE(misc-no-recursion): ends at kMostDepth
  Index read(const Node& node, std::size_t depth) {
    const Index place = routes_.size();
    RouteSettings& route = routes_.emplace_back();
    route.location = reporter_.locate(node.place);
    if (!check_members(node, depth == 1 ? "'routes'" : "a route",
                       {"matchers", "match", "continue", "outputs", "output", "receiver",
                        "group_by", "group_wait", "group_interval", "template", "routes"},
                       reporter_)) {
      return place;
    }
    if (depth == 1) {
      refuse_conditions(node);
    } else {
      read_matchers(node, route.matchers, reporter_);
    }
    if (const Node* const goes_on = given(node, "continue")) {
      route.goes_on = take_boolean(*goes_on, "'continue'", reporter_).value_or(false);
    }
    read_output_names(node, route.outputs, reporter_);
    read_group_by(node, route.group_by);
    read_duration(node, "group_wait", milliseconds(0), route.group_wait);
    read_duration(node, "group_interval", std::chrono::seconds(1), route.group_interval);
    read_template(node, route.message_template);
    if (const Node* const children = given(node, "routes")) {
      // Not by `route`: those below it move it.
      std::vector<Index> below;
      read_children(*children, depth, below);
      routes_[place].routes = std::move(below);
    }
    return place;
  }

  static const Node* given(const Node& map, std::string_view key) {
    const Node* const node = map.find(key);
    return node == nullptr || node->is_null() ? nullptr : node;
  }

  void refuse_conditions(const Node& root) {
    for (const std::string_view key : {"matchers", "match", "continue"}) {
      if (const Node* const node = given(root, key)) {
        reporter_.error(
            Code::kBadValue, node->place,
            "the root of 'routes' takes every alert and has no '" + std::string(key) + "'",
            {"put it into an element of its own list 'routes'"});
      }
    }
  }

  // NOLINTNEXTLINE(misc-no-recursion): ends at kMostDepth
  void read_children(const Node& list, std::size_t depth, std::vector<Index>& out) {
    if (!list.is_sequence()) {
      reporter_.error(Code::kWrongType, list.place,
                      "the 'routes' of a route is a list, not " + std::string(kind_text(list)));
      return;
    }
    if (depth >= kMostDepth && !list.items.empty()) {
      reporter_.error(Code::kTooDeep, list.place, "routes are nested more than 16 deep");
      return;
    }
    for (const Node& item : list.items) {
      if (reporter_.is_full()) {
        return;
      }
      if (++count_ > kMostRoutes) {
        if (count_ == kMostRoutes + 1) {
          reporter_.error(Code::kOutOfBounds, item.place, "there are more than 1000 routes");
        }
        return;
      }
      out.push_back(read(item, depth + 1));
    }
  }

  void read_group_by(const Node& map, std::vector<std::string>& out) {
    const Node* const node = given(map, "group_by");
    if (node == nullptr) {
      return;
    }
    out = take_texts(*node, "'group_by'", reporter_);
    const bool has_dots = std::find(out.begin(), out.end(), "...") != out.end();
    if (has_dots && out.size() > 1) {
      reporter_.error(Code::kConflict, node->place,
                      "'group_by' holds '...', which is \"no grouping\", and other names");
    } else if (out.size() > kMostGroupNames) {
      reporter_.error(Code::kOutOfBounds, node->place, "'group_by' takes at most 32 names");
    }
  }

  void read_duration(const Node& map, std::string_view key, milliseconds least, milliseconds& out) {
    const Node* const node = given(map, key);
    if (node == nullptr) {
      return;
    }
    const std::string name = "'" + std::string(key) + "'";
    const std::string* const text = take_text(*node, name, reporter_);
    if (text == nullptr) {
      return;
    }
    const base::Result<milliseconds> parsed =
        *text == "0" ? base::Result<milliseconds>(milliseconds(0)) : base::parse_duration(*text);
    if (!parsed) {
      reporter_.error(Code::kWrongType, node->place, name + " is " + parsed.error().message,
                      {"for example: " + std::string(key) + ": 30s"});
    } else if (*parsed < least || *parsed > kMostWait) {
      reporter_.error(Code::kOutOfBounds, node->place,
                      name + " must be at least " + base::to_text(least) + " and at most " +
                          base::to_text(kMostWait) + ", not " + *text);
    } else {
      out = *parsed;
    }
  }

  void read_template(const Node& map, std::string& out) {
    const Node* const node = given(map, "template");
    if (node == nullptr) {
      return;
    }
    const std::string* const text = take_text(*node, "'template'", reporter_);
    if (text == nullptr) {
      return;
    }
    if (text->size() > kMostTemplate) {
      reporter_.error(Code::kOutOfBounds, node->place, "'template' takes at most 16KiB");
      return;
    }
    out = *text;
  }

  Reporter& reporter_;
  std::vector<RouteSettings> routes_;
  std::size_t count_ = 0;
};

Custom routes_option(RoutingSettings& routing) {
  Custom option;
  option.type = "map {outputs, group_by, group_wait, group_interval, template, routes}";
  option.json_schema = kRoutesSchema;
  option.read = [&routing](const Node& node, Reporter& reporter) {
    routing.is_given = true;
    routing.routes = RouteReader(reporter).read(node);
  };
  option.print = [&routing] { return print_routes(routing); };
  return option;
}

Custom silences_option(RoutingSettings& routing) {
  Custom option;
  option.type = "list of {id, matchers, match, outputs, starts, ends, owner, comment}";
  option.json_schema = kSilencesSchema;
  option.read = [&routing](const Node& node, Reporter& reporter) {
    routing.silences.clear();
    read_silences(node, base::SystemClock().now(), routing.silences, reporter);
  };
  option.print = [&routing] { return print_silences(routing.silences); };
  return option;
}

}  // namespace

void describe_routing(Schema& schema, Settings& settings) {
  Section<RoutingSettings> s(schema, "", settings.routing);
  s.custom("routes", routes_option(settings.routing),
           "Which alerts go to which outputs, a tree as in Alertmanager: an alert takes the first "
           "route whose matchers hold, further ones after continue, and its parent where none "
           "does; what a route does not say it has from its parent. Without routes every output "
           "gets every alert; a root without outputs means all of them, the name none means no "
           "output. Matchers compare rule, tag, priority, namespace, user, cluster, source or an "
           "output field: name=\"text\", !=, =~ and !~ (whole text, RE2); match is a map of the "
           "same with lists. Groups by the values of group_by become one message group_wait after "
           "the first alert, then one each group_interval; [\"...\"] is no grouping. Alerts stay "
           "in the store whatever a route says.")
      .live()
      .example(
          "{group_by: [rule, ka.target.namespace], routes: [{matchers: ['priority=~\"critical|"
          "emergency\"'], group_by: ['...'], continue: true}, {match: {tag: network}}]}");
  s.custom(
       "silences", silences_option(settings.routing),
       "Alerts held back from outputs (all, or those named) for a time; they stay in the "
       "store. ends, owner and comment are mandatory; times are RFC 3339. What counts is when an "
       "alert was stored: for alerts that wait already let starts lie before them, or leave it "
       "out.")
      .live()
      .example(
          "[{id: upgrade, matchers: ['user=\"system:admin\"'], starts: 2026-01-31T18:00:00Z, ends: "
          "2026-01-31T22:00:00Z, owner: jane, comment: cluster upgrade}]");
}

}  // namespace tiercel::config
