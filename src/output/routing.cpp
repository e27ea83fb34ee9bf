#include "tiercel/output/routing.h"

#include <algorithm>
#include <map>

#include "tiercel/base/nearest.h"
#include "tiercel/config/codes.h"

#include "alert_facts.h"
#include "matchers.h"

namespace tiercel::output {

namespace {

using std::chrono::milliseconds;

// As Alertmanager's.
constexpr milliseconds kDefaultWait = std::chrono::seconds(30);
constexpr milliseconds kDefaultInterval = std::chrono::minutes(5);

// In place of outputs: the route leads nowhere.
constexpr std::string_view kNowhere = "none";

struct Node {
  Matchers matchers;
  bool goes_on = false;
  RouteAction action;
  std::vector<bool> outputs;        ///< by number: this route leads there
  std::vector<bool> reaches;        ///< the same, this route or one below it
  std::vector<std::size_t> routes;  ///< numbers of the children
};

struct Silence {
  std::string id;
  Matchers matchers;
  std::vector<bool> outputs;
  std::int64_t starts = 0;
  std::int64_t ends = 0;
};

}  // namespace

class Routing::Impl {
 public:
  explicit Impl(std::span<const std::string> outputs) {
    for (const std::string& output : outputs) {
      numbers_.try_emplace(output, numbers_.size());
    }
  }

  void compile(const config::RoutingSettings& settings, base::Diagnostics& diagnostics) {
    diagnostics_ = &diagnostics;
    if (settings.is_given) {
      Inherited all;
      all.outputs.assign(numbers_.size(), true);
      all.wait = kDefaultWait;
      all.interval = kDefaultInterval;
      routes_ = settings.routes;
      (void)add_route(settings.root(), "routes", "", all);
      routes_ = {};
      warn_of_unused(settings.root().location);
    }
    for (const config::SilenceSettings& silence : settings.silences) {
      add_silence(silence);
    }
    diagnostics_ = nullptr;
  }

  [[nodiscard]] Verdict verdict(const store::StoredAlert& alert, std::string_view output) const {
    if (nodes_.empty() && silences_.empty()) {
      return {&everything_, {}};
    }
    const auto number = numbers_.find(output);
    if (number == numbers_.end()) {
      return {nodes_.empty() ? &everything_ : nullptr, {}};
    }
    AlertFacts facts(alert, names_);
    Verdict verdict;
    verdict.action =
        nodes_.empty() ? &everything_ : find_action(nodes_.front(), number->second, facts);
    if (verdict.action != nullptr) {
      verdict.silence = find_silence(number->second, facts, alert.stored);
    }
    return verdict;
  }

 private:
  // What a route has from its parent.
  struct Inherited {
    std::vector<bool> outputs;
    std::vector<std::string> group_by;
    std::string message_template;
    milliseconds wait{0};
    milliseconds interval{0};
  };

  void report(base::Severity severity, config::Code code, const base::Location& location,
              std::string message, std::vector<std::string> notes) {
    base::Diagnostic diagnostic;
    diagnostic.severity = severity;
    diagnostic.code = to_text(code);
    diagnostic.location = location;
    diagnostic.message = std::move(message);
    diagnostic.notes = std::move(notes);
    diagnostics_->add(std::move(diagnostic));
  }

  std::vector<bool> outputs_of(const std::vector<std::string>& names,
                               const base::Location& location) {
    std::vector<bool> outputs(numbers_.size(), false);
    for (const std::string& name : names) {
      const auto number = numbers_.find(name);
      if (number != numbers_.end()) {
        outputs[number->second] = true;
      } else if (name != kNowhere) {
        report(base::Severity::kError, config::Code::kBadValue, location,
               "there is no enabled output '" + name + "'", {known_outputs(name)});
      }
    }
    return outputs;
  }

  [[nodiscard]] std::string known_outputs(std::string_view name) const {
    std::vector<std::string_view> known;
    std::string list;
    for (const auto& [output, number] : numbers_) {
      known.emplace_back(output);
      list += (list.empty() ? "" : ", ") + output;
    }
    const std::string_view near = base::nearest_name(name, known);
    if (!near.empty()) {
      return "did you mean '" + std::string(near) + "'?";
    }
    return list.empty() ? "no output is enabled" : "enabled are: " + list;
  }

  // NOLINTNEXTLINE(misc-no-recursion): configuration bounds the depth
  std::size_t add_route(const config::RouteSettings& route, const std::string& name,
                        const std::string& prefix, const Inherited& parent) {
    Inherited own = parent;
    if (!route.outputs.empty()) {
      own.outputs = outputs_of(route.outputs, route.location);
    }
    if (!route.group_by.empty()) {
      own.group_by = route.group_by;
    }
    if (!route.message_template.empty()) {
      own.message_template = route.message_template;
    }
    own.wait = route.group_wait.count() < 0 ? parent.wait : route.group_wait;
    own.interval = route.group_interval.count() < 0 ? parent.interval : route.group_interval;

    const std::size_t number = nodes_.size();
    Node node{Matchers(route.matchers, names_, *diagnostics_), route.goes_on, {}, {}, {}, {}};
    node.action.name = name;
    node.action.message_template = own.message_template;
    if (own.group_by != std::vector<std::string>{"..."}) {
      node.action.grouping.by = own.group_by;
    }
    node.action.grouping.wait = own.wait;
    node.action.grouping.interval = own.interval;
    node.outputs = own.outputs;
    node.reaches = own.outputs;
    nodes_.push_back(std::move(node));

    for (std::size_t at = 0; at < route.routes.size(); ++at) {
      const config::RouteSettings& child = routes_[route.routes[at]];
      const std::string child_name = prefix + "routes[" + std::to_string(at) + "]";
      const std::size_t child_number = add_route(child, child_name, child_name + ".", own);
      nodes_[number].routes.push_back(child_number);
      for (std::size_t output = 0; output < numbers_.size(); ++output) {
        nodes_[number].reaches[output] =
            nodes_[number].reaches[output] || nodes_[child_number].reaches[output];
      }
      if (child.matchers.empty() && !child.goes_on && at + 1 < route.routes.size()) {
        report(base::Severity::kWarning, config::Code::kConflict,
               routes_[route.routes[at + 1]].location,
               "no alert gets to this route: " + child_name +
                   " before it takes all, having neither matchers nor continue",
               {"move the route without matchers to the end, or set continue: true in it"});
      }
    }
    return number;
  }

  void warn_of_unused(const base::Location& location) {
    for (const auto& [output, number] : numbers_) {
      if (!nodes_.front().reaches[number]) {
        report(base::Severity::kWarning, config::Code::kConflict, location,
               "no route leads to the output '" + output + "', so it gets no alerts",
               {"name it in the outputs of a route, or disable it"});
      }
    }
  }

  void add_silence(const config::SilenceSettings& settings) {
    Silence silence{settings.id,
                    Matchers(settings.matchers, names_, *diagnostics_),
                    {},
                    settings.starts,
                    settings.ends};
    if (settings.matchers.empty()) {
      report(base::Severity::kError, config::Code::kBadValue, settings.location,
             "the silence '" + settings.id + "' has no matchers and would silence everything",
             {"for example: matchers: ['rule=\"Attach/Exec Pod\"']"});
    }
    if (settings.ends <= 0) {
      report(base::Severity::kError, config::Code::kBadValue, settings.location,
             "the silence '" + settings.id + "' has no end",
             {"for example: ends: 2026-01-31T18:00:00Z"});
    }
    if (numbers_.count(kNowhere) == 0 && std::find(settings.outputs.begin(), settings.outputs.end(),
                                                   kNowhere) != settings.outputs.end()) {
      report(base::Severity::kError, config::Code::kBadValue, settings.location,
             "the silence '" + settings.id + "' is for no output",
             {"leave 'outputs' out where it is for all"});
    }
    silence.outputs = settings.outputs.empty() ? std::vector<bool>(numbers_.size(), true)
                                               : outputs_of(settings.outputs, settings.location);
    silences_.push_back(std::move(silence));
  }

  // The first route on the alert's ways through the tree that leads to the output. The
  // caller has seen that `node` takes the alert.
  // NOLINTNEXTLINE(misc-no-recursion): configuration bounds the depth
  const RouteAction* find_action(const Node& node, std::size_t output, AlertFacts& facts) const {
    if (!node.reaches[output]) {
      return nullptr;
    }
    bool is_taken = false;
    for (const std::size_t number : node.routes) {
      const Node& child = nodes_[number];
      if (!child.matchers.hold(facts)) {
        continue;
      }
      is_taken = true;
      if (const RouteAction* const action = find_action(child, output, facts)) {
        return action;
      }
      if (!child.goes_on) {
        return nullptr;
      }
    }
    return !is_taken && node.outputs[output] ? &node.action : nullptr;
  }

  std::string_view find_silence(std::size_t output, AlertFacts& facts, std::int64_t time) const {
    for (const Silence& silence : silences_) {
      if (silence.starts <= time && time < silence.ends && silence.outputs[output] &&
          silence.matchers.hold(facts)) {
        return silence.id;
      }
    }
    return {};
  }

  std::map<std::string, std::size_t, std::less<>> numbers_;  // of outputs
  FieldNames names_;
  std::vector<Node> nodes_;  // the root first; none: there are no routes
  std::vector<Silence> silences_;
  RouteAction everything_;
  base::Diagnostics* diagnostics_ = nullptr;  // while compiling, as the next
  std::span<const config::RouteSettings> routes_;
};

Routing::Routing(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Routing::~Routing() = default;

std::shared_ptr<const Routing> Routing::compile(const config::RoutingSettings& settings,
                                                std::span<const std::string> outputs,
                                                base::Diagnostics& diagnostics) {
  base::Diagnostics found;
  auto impl = std::make_unique<Impl>(outputs);
  impl->compile(settings, found);
  const bool is_good = !found.has_errors();
  diagnostics.append(std::move(found));
  if (!is_good) {
    return nullptr;
  }
  return std::shared_ptr<const Routing>(new Routing(std::move(impl)));
}

Verdict Routing::verdict(const store::StoredAlert& alert, std::string_view output) const {
  return impl_->verdict(alert, output);
}

}  // namespace tiercel::output
