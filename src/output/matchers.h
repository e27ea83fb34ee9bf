#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "tiercel/base/diagnostic.h"
#include "tiercel/config/routing_settings.h"

#include "alert_facts.h"

namespace re2 {
class RE2;
}  // namespace re2

namespace tiercel::output {

/// Conditions on an alert, all of which must hold; none hold for every alert. Regular
/// expressions are RE2 and match the whole text, as in Alertmanager.
///
/// Runs on: any thread; immutable.
class Matchers {
 public:
  /// Fields go into `names`, mistakes into `diagnostics`.
  Matchers(std::span<const config::MatcherSettings> settings, FieldNames& names,
           base::Diagnostics& diagnostics);
  Matchers(Matchers&&) noexcept;
  Matchers& operator=(Matchers&&) noexcept;
  ~Matchers();

  [[nodiscard]] bool empty() const { return list_.empty(); }
  [[nodiscard]] bool hold(AlertFacts& facts) const;

 private:
  struct One {
    Fact fact;
    bool is_negative = false;
    std::vector<std::string> values;  ///< sorted
    std::vector<std::unique_ptr<const re2::RE2>> patterns;
  };
  static bool any_value(const One& one, AlertFacts& facts);

  std::vector<One> list_;
};

}  // namespace tiercel::output
