#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "rule_view.h"

namespace tiercel::analyse {

/// Some of the rules, in their order.
using Views = std::vector<const RuleView*>;

/// Which of many rules can match requests for one thing, without asking all: most name the
/// resources they are about. The views must outlive it.
class ViewIndex {
 public:
  explicit ViewIndex(const std::vector<RuleView>& views);

  /// Those that can match requests of these facts, in the order of the views. What is known of
  /// the resource must be its name, that it has none, or that it is none that a rule names.
  [[nodiscard]] Views possible(const Facts& facts) const;
  /// How many name no resource, so that they are asked about all requests.
  [[nodiscard]] std::size_t anywhere() const { return anywhere_.size(); }
  /// How many have to be asked for that.
  [[nodiscard]] std::size_t count(const Facts& facts) const {
    return anywhere_.size() + naming(facts).size();
  }

 private:
  [[nodiscard]] const Views& naming(const Facts& facts) const;

  std::map<std::string, Views, std::less<>> by_resource_;
  Views anywhere_;
};

}  // namespace tiercel::analyse
