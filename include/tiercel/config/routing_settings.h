#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "tiercel/base/diagnostic.h"

namespace tiercel::config {

/// One condition on an alert: `rule`, `tag`, `priority`, `namespace`, `user`, `cluster`,
/// `source`, or the name of an output field.
struct MatcherSettings {
  enum class Operator : std::uint8_t { kEqual, kNotEqual, kRegex, kNotRegex };
  std::string name;
  Operator op = Operator::kEqual;
  std::vector<std::string> values;  ///< any of them
  base::Location location;
  friend bool operator==(const MatcherSettings&, const MatcherSettings&) = default;
};

/// A node of the tree of routes, as Alertmanager users know it.
struct RouteSettings {
  std::vector<MatcherSettings> matchers;         ///< all must hold
  bool goes_on = false;                          ///< `continue`
  std::vector<std::string> outputs;              ///< none: the parent's
  std::string message_template;                  ///< `template`; none: the parent's
  std::vector<std::string> group_by;             ///< none: the parent's; `...` is "no grouping"
  std::chrono::milliseconds group_wait{-1};      ///< negative: the parent's
  std::chrono::milliseconds group_interval{-1};  ///< negative: the parent's
  std::vector<std::size_t> routes;               ///< below it: places in RoutingSettings::routes
  base::Location location;
  friend bool operator==(const RouteSettings&, const RouteSettings&) = default;
};

/// Keeps alerts from outputs for a time; nothing is ever deleted from the store.
struct SilenceSettings {
  std::string id;
  std::vector<MatcherSettings> matchers;
  std::vector<std::string> outputs;  ///< none: all
  std::int64_t starts = 0;           ///< nanoseconds since the epoch; 0: always
  std::int64_t ends = 0;             ///< mandatory
  std::string owner;                 ///< mandatory
  std::string comment;               ///< mandatory
  base::Location location;
  friend bool operator==(const SilenceSettings&, const SilenceSettings&) = default;
};

struct RoutingSettings {
  bool is_given = false;  ///< `routes` stands in the configuration
  /// The whole tree, never empty: the root, then each route before those below it.
  std::vector<RouteSettings> routes{1};
  std::vector<SilenceSettings> silences;

  [[nodiscard]] const RouteSettings& root() const { return routes.front(); }
  friend bool operator==(const RoutingSettings&, const RoutingSettings&) = default;
};

}  // namespace tiercel::config
