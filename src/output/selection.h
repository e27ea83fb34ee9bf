#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "tiercel/base/priority.h"
#include "tiercel/base/snapshot.h"
#include "tiercel/output/routing.h"
#include "tiercel/store/feed.h"

namespace tiercel::output {

/// What becomes of an alert at one output.
struct Choice {
  enum class Fate : std::uint8_t {
    kFiltered,  ///< its priority or the routes leave it out
    kSilenced,
    kGrouped,  ///< told of in a group's message
    kMessage,  ///< a message of its own
  };
  Fate fate = Fate::kMessage;
  const RouteAction* action = nullptr;  ///< null where there are no routes
};

/// Asks minimum priority, routes and silences. Holds the routing that it answers from.
///
/// Runs on: the output's thread.
class Selection {
 public:
  Selection(std::string output, base::Priority minimum, const base::Snapshot<Routing>& routing);

  /// Whether another routing has been published.
  [[nodiscard]] bool is_stale() const { return source_.current() != routing_; }
  /// Takes up the present routing. Actions of earlier choices are valid until then.
  void refresh() { routing_ = source_.current(); }
  [[nodiscard]] Choice choose(const store::StoredAlert& alert) const;

 private:
  const std::string output_;
  const base::Priority minimum_;
  const base::Snapshot<Routing>& source_;
  std::shared_ptr<const Routing> routing_;
};

}  // namespace tiercel::output
