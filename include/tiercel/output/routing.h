#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tiercel/base/diagnostic.h"
#include "tiercel/config/routing_settings.h"
#include "tiercel/store/feed.h"

namespace tiercel::output {

class Matchers;

/// How alerts of one route are folded into groups.
struct Grouping {
  std::vector<std::string> by;  ///< empty: not grouped
  std::chrono::milliseconds wait{0};
  std::chrono::milliseconds interval{0};
};

/// What a route says about an alert that takes it. Lives as long as its Routing.
struct RouteAction {
  std::string name;  ///< path of the route in the tree, for reports: "routes[1].routes[0]"
  std::string message_template;  ///< empty: the rule's own output
  Grouping grouping;
};

/// What is to become of an alert at one output.
struct Verdict {
  const RouteAction* action = nullptr;  ///< null: the output does not get it
  std::string_view silence;             ///< id of the silence that holds it back; else empty
};

/// The routes and silences, compiled; answers for one output at a time. Without `routes`
/// every output gets every alert.
///
/// Runs on: any thread; immutable.
class Routing {
 public:
  /// Mistakes go into `diagnostics`: unknown outputs, bad patterns, silences without end,
  /// outputs that no route names. Null where there was an error.
  [[nodiscard]] static std::shared_ptr<const Routing> compile(
      const config::RoutingSettings& settings, std::span<const std::string> outputs,
      base::Diagnostics& diagnostics);
  ~Routing();

  /// A silence holds back what was stored while it was in force, however late an output comes to
  /// it: what an alert meets is the same for all, and can be told afterwards.
  [[nodiscard]] Verdict verdict(const store::StoredAlert& alert, std::string_view output) const;

 private:
  class Impl;
  explicit Routing(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// Folds the alerts of one output into groups; a group's message is an alert of its own
/// that says how many, the first and the last time, and sample ids.
///
/// Runs on: the output's thread.
class Grouper {
 public:
  /// A message that is due: a whole alert body (JSON, newline included) to deliver, and the
  /// columns of the first alert that it stands for. Owns its bytes.
  struct Due {
    store::StoredAlert alert;  ///< views look into `bytes`
    std::unique_ptr<std::string> bytes;
    std::uint64_t count = 0;  ///< alerts that it stands for
  };

  Grouper();
  ~Grouper();
  /// Takes an alert whose route groups. `now`: steady, nanoseconds.
  void take(const store::StoredAlert& alert, const RouteAction& action, std::int64_t now);
  /// Groups whose time has come at `now`, oldest first.
  [[nodiscard]] std::vector<Due> due(std::int64_t now);
  /// All that is pending, whatever its time (stop, full).
  [[nodiscard]] std::vector<Due> flush();
  /// When the next group is due; nothing where none is pending.
  [[nodiscard]] std::optional<std::int64_t> next_due() const;
  /// The cursor must stay before this alert, which is told of in no message yet.
  [[nodiscard]] std::optional<store::Position> oldest_pending() const;
  /// How many groups hold alerts that no message has told of.
  [[nodiscard]] std::size_t pending() const;

  static constexpr std::size_t kMostGroups = 10'000;
  static constexpr std::size_t kMostSamples = 5;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

/// The body of `alert` with its output text made from `message_template`: `%name` stands for a
/// member or an output field ("%rule", "%ka.user.name"), absent ones are <NA>.
[[nodiscard]] std::string with_template(const store::StoredAlert& alert,
                                        std::string_view message_template);

}  // namespace tiercel::output
