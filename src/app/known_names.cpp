#include "known_names.h"

#include <algorithm>
#include <array>
#include <utility>

#include "tiercel/alert/rule_output.h"
#include "tiercel/audit/field.h"
#include "tiercel/base/nearest.h"
#include "tiercel/config/codes.h"
#include "tiercel/output/names.h"
#include "tiercel/pipeline/internal_alerts.h"

#include "deliveries.h"

namespace tiercel::app {

namespace {

using Operator = config::MatcherSettings::Operator;
using Names = std::span<const std::string_view>;

// What Alertmanager's users call it.
constexpr std::array<std::pair<std::string_view, std::string_view>, 2> kElsewhere{
    {{"alertname", "rule"}, {"severity", "priority"}}};

bool stands_in(const std::string& name, Names names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

class Look {
 public:
  Look(const config::AlertSettings& alerts, const engine::RuleSet* rules,
       base::Diagnostics& diagnostics)
      : diagnostics_(diagnostics) {
    for (const Names names : {output::column_names(), output::template_members()}) {
      template_names_.insert(template_names_.end(), names.begin(), names.end());
    }
    for (const auto& [name, value] : alerts.static_fields) {
      statics_.push_back(name);
    }
    for (const auto& append : alerts.append_output) {
      for (const auto& field : append.extra_fields) {
        extra_.push_back(field.key);
      }
    }
    if (rules != nullptr) {
      for (const rules::ResolvedRule& rule : rules->loaded()) {
        rules_.emplace_back(rule.name);
      }
    }
  }

  void look(const std::vector<config::MatcherSettings>& matchers) {
    for (const config::MatcherSettings& matcher : matchers) {
      const bool is_negative =
          matcher.op == Operator::kNotEqual || matcher.op == Operator::kNotRegex;
      const char* const effect =
          is_negative ? "the matcher always holds" : "the matcher never holds";
      if (matcher.name != "rule") {
        look_at(matcher.name, output::column_names(), matcher.location, effect);
      } else if (matcher.op == Operator::kEqual || matcher.op == Operator::kNotEqual) {
        look_at_rules(matcher, is_negative);
      }
    }
  }

  void look(const config::RouteSettings& route) {
    look(route.matchers);
    for (const std::string& name : route.group_by) {
      if (name != "...") {
        look_at(name, output::column_names(), route.location,
                "'group_by' tells no two of them apart by it");
      }
    }
    for (const std::string& name : output::names_in_template(route.message_template)) {
      look_at(name, template_names_, route.location, "'template' writes <NA> for it");
    }
  }

  void look(const config::NamedOutput& output, const std::vector<std::string>& asked) {
    for (const std::string& name : asked) {
      look_at(name, output::body_members(), output.location,
              "the body of output '" + output.name + "' has nothing in its place");
    }
  }

 private:
  void look_at(const std::string& name, Names members, const base::Location& location,
               const std::string& effect) {
    std::string nearest;
    if (!is_known(name, members, nearest)) {
      warn("no alert has '" + name + "': " + effect, location, nearest);
    }
  }

  void look_at_rules(const config::MatcherSettings& matcher, bool is_negative) {
    for (const std::string& value : matcher.values) {
      // Our own alerts have rules that no file holds.
      if (rules_.empty() || alert::is_own_rule(value) || stands_in(value, rules_)) {
        continue;
      }
      warn("no rule '" + value +
               "' is loaded: " + (is_negative ? "it leaves nothing out" : "it matches nothing"),
           matcher.location, std::string(base::nearest_name(value, rules_)));
    }
  }

  bool is_known(const std::string& name, Names members, std::string& nearest) const {
    if (stands_in(name, members) || std::find(extra_.begin(), extra_.end(), name) != extra_.end()) {
      return true;
    }
    const std::size_t bracket = std::min(name.find('['), name.size());
    if (name.find('.') >= bracket) {
      return is_known_word(name.substr(0, bracket), members, nearest);
    }
    std::optional<std::string> argument;
    if (bracket < name.size() && name.ends_with(']')) {
      argument = name.substr(bracket + 1, name.size() - bracket - 2);
    }
    const auto field = audit::resolve_field(name.substr(0, bracket), argument, false, statics_);
    if (!field) {
      nearest = field.error().nearest;
    }
    return field.has_value() || field.error().kind == audit::FieldError::Kind::kArgument;
  }

  // Fields of one word are those of our own alerts; of others a word is wrong where it looks like
  // a column.
  static bool is_known_word(const std::string& name, Names members, std::string& nearest) {
    if (stands_in(name, members) || stands_in(name, pipeline::kInternalFields)) {
      return true;
    }
    const auto* const other = std::find_if(kElsewhere.begin(), kElsewhere.end(),
                                           [&name](const auto& one) { return one.first == name; });
    nearest = other != kElsewhere.end() ? other->second : base::nearest_name(name, members);
    return nearest.empty();
  }

  void warn(std::string message, const base::Location& location, const std::string& nearest) {
    base::Diagnostic diagnostic;
    diagnostic.severity = base::Severity::kWarning;
    diagnostic.code = to_text(config::Code::kBadValue);
    diagnostic.location = location;
    diagnostic.message = std::move(message);
    if (!nearest.empty()) {
      diagnostic.notes.push_back("did you mean '" + nearest + "'?");
    }
    diagnostics_.add(std::move(diagnostic));
  }

  base::Diagnostics& diagnostics_;
  std::vector<std::string_view> template_names_;
  std::vector<std::string> statics_;
  std::vector<std::string> extra_;
  std::vector<std::string_view> rules_;
};

}  // namespace

void warn_of_unknown_names(const config::Settings& settings, const engine::RuleSet* rules,
                           base::Diagnostics& diagnostics) {
  Look all(settings.alerts, rules, diagnostics);
  for (const config::RouteSettings& route : settings.routing.routes) {
    all.look(route);
  }
  for (const config::SilenceSettings& silence : settings.routing.silences) {
    all.look(silence.matchers);
  }
  for (const config::NamedOutput& output : settings.outputs.list) {
    if (output.enabled && !output.kind.empty()) {
      all.look(output, asked_names(output));
    }
  }
}

}  // namespace tiercel::app
