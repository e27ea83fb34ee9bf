#include "matcher_names.h"

#include <algorithm>
#include <array>

#include "tiercel/audit/field.h"
#include "tiercel/base/nearest.h"
#include "tiercel/config/codes.h"
#include "tiercel/pipeline/internal_alerts.h"

namespace tiercel::app {

namespace {

constexpr std::array<std::string_view, 7> kColumns{"rule", "tag",     "priority", "namespace",
                                                   "user", "cluster", "source"};

// What Alertmanager's users call it.
constexpr std::array<std::pair<std::string_view, std::string_view>, 2> kElsewhere{
    {{"alertname", "rule"}, {"severity", "priority"}}};

class Names {
 public:
  Names(const config::AlertSettings& alerts, base::Diagnostics& diagnostics)
      : diagnostics_(diagnostics) {
    for (const auto& [name, value] : alerts.static_fields) {
      statics_.push_back(name);
    }
    for (const auto& append : alerts.append_output) {
      for (const auto& field : append.extra_fields) {
        extra_.push_back(field.key);
      }
    }
  }

  void look(const std::vector<config::MatcherSettings>& matchers) {
    for (const config::MatcherSettings& matcher : matchers) {
      std::string nearest;
      if (!is_known(matcher.name, nearest)) {
        warn(matcher, nearest);
      }
    }
  }
  // NOLINTNEXTLINE(misc-no-recursion): configuration bounds the depth
  void look(const config::RouteSettings& route) {
    look(route.matchers);
    for (const config::RouteSettings& child : route.routes) {
      look(child);
    }
  }

 private:
  bool is_known(const std::string& name, std::string& nearest) const {
    if (std::find(extra_.begin(), extra_.end(), name) != extra_.end()) {
      return true;
    }
    if (name.find('.') == std::string::npos) {
      return is_known_word(name, nearest);
    }
    const std::size_t bracket = std::min(name.find('['), name.size());
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
  static bool is_known_word(const std::string& name, std::string& nearest) {
    const auto stands_in = [&name](const auto& names) {
      return std::find(names.begin(), names.end(), name) != names.end();
    };
    if (stands_in(kColumns) || stands_in(pipeline::kInternalFields) || name == "tags") {
      return true;
    }
    const auto* const other = std::find_if(kElsewhere.begin(), kElsewhere.end(),
                                           [&name](const auto& one) { return one.first == name; });
    nearest = other != kElsewhere.end() ? other->second : base::nearest_name(name, kColumns);
    return nearest.empty();
  }

  void warn(const config::MatcherSettings& matcher, const std::string& nearest) {
    const bool is_negative = matcher.op == config::MatcherSettings::Operator::kNotEqual ||
                             matcher.op == config::MatcherSettings::Operator::kNotRegex;
    base::Diagnostic diagnostic;
    diagnostic.severity = base::Severity::kWarning;
    diagnostic.code = to_text(config::Code::kBadValue);
    diagnostic.location = matcher.location;
    diagnostic.message = "no alert has '" + matcher.name + "': the matcher " +
                         (is_negative ? "always" : "never") + " holds";
    if (!nearest.empty()) {
      diagnostic.notes.push_back("did you mean '" + nearest + "'?");
    }
    diagnostics_.add(std::move(diagnostic));
  }

  base::Diagnostics& diagnostics_;
  std::vector<std::string> statics_;
  std::vector<std::string> extra_;
};

}  // namespace

void warn_of_matcher_names(const config::Settings& settings, base::Diagnostics& diagnostics) {
  Names names(settings.alerts, diagnostics);
  names.look(settings.routing.root);
  for (const config::SilenceSettings& silence : settings.routing.silences) {
    names.look(silence.matchers);
  }
}

}  // namespace tiercel::app
