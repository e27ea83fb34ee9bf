#pragma once

#include <map>
#include <memory>
#include <string>

#include "tiercel/output/routing.h"
#include "tiercel/store/feed.h"

#include "options.h"

namespace tiercel::app {

/// What the configured priorities, routes and silences say about stored alerts, output by output:
/// the answer to "why was I not told?". A silence without `starts` counts as in force since ever,
/// and one that was removed is not known. Whether an alert that goes somewhere has been delivered
/// is another question: it may wait, or be a dead letter.
///
/// Runs on: one thread.
class Verdicts {
 public:
  /// Null after a report of what is wrong with the configuration.
  [[nodiscard]] static std::unique_ptr<Verdicts> load(const CommonOptions& options);

  /// By output: "goes there, by ROUTE", "held back by silence NAME".
  [[nodiscard]] std::map<std::string, std::string> of(const store::StoredAlert& alert) const;
  /// A line for each output: "    pager: held back by silence node-upgrade\n".
  [[nodiscard]] std::string text(const store::StoredAlert& alert) const;
  /// One line: {"alert":{…},"outputs":{"pager":"held back by silence node-upgrade"}}.
  [[nodiscard]] std::string json(const store::StoredAlert& alert) const;

 private:
  Verdicts() = default;
  [[nodiscard]] std::string verdict(const config::NamedOutput& output,
                                    const store::StoredAlert& alert) const;

  std::vector<config::NamedOutput> outputs_;  // that are enabled
  std::shared_ptr<const output::Routing> routing_;
};

}  // namespace tiercel::app
