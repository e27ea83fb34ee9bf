#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "tiercel/base/priority.h"
#include "tiercel/store/feed.h"
#include "tiercel/store/record.h"

namespace tiercel::support {

/// Alerts as the store hands them to outputs, with the bytes that their views look into.
class AlertList {
 public:
  AlertList() = default;
  AlertList(AlertList&&) = default;
  AlertList& operator=(AlertList&&) = default;

  /// The texts of `alert` are copied; an id and times that it does not have are filled in.
  void add(store::StoredAlert alert);
  void add(const store::RecordBatch& batch);
  [[nodiscard]] const std::vector<store::StoredAlert>& alerts() const { return alerts_; }
  [[nodiscard]] store::StoredAlert& back() { return alerts_.back(); }

 private:
  std::string_view keep(std::string_view text) { return kept_.emplace_back(text); }

  std::vector<store::StoredAlert> alerts_;
  std::deque<std::string> kept_;
};

/// What the engine makes of recorded events with a rule of each priority: `events` of them, eight
/// alerts each.
[[nodiscard]] AlertList recorded_alerts(std::size_t events);

/// The body of an alert as the engine would have written it.
struct AlertText {
  std::string rule = "A rule";
  base::Priority priority = base::Priority::kWarning;
  std::string message = "somebody did something";
  std::vector<std::pair<std::string, std::string>> fields{{"ka.user.name", "alice"}};
  std::vector<std::string> tags{"k8s"};
  std::string apiserver{};   ///< empty: no such member
  std::string rules_hash{};  ///< likewise
};
[[nodiscard]] std::string alert_body(const AlertText& text);

}  // namespace tiercel::support
