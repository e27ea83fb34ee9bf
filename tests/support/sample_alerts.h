#pragma once

#include <deque>
#include <string>
#include <vector>

#include "tiercel/alert/alert_id.h"
#include "tiercel/output/output.h"

namespace tiercel::support {

/// Alerts with ids, columns and lines of their own, as a store would hand them out.
class SampleAlerts {
 public:
  /// Another alert with this line; its number is its id.
  void add(std::string line) {
    Sample& sample = samples_.emplace_back();
    sample.line = std::move(line) + "\n";
    sample.alert.id[14] = static_cast<std::uint8_t>(samples_.size() / 256);
    sample.alert.id[15] = static_cast<std::uint8_t>(samples_.size() % 256);
    sample.alert.priority = 4;
    sample.alert.rule = "Attach to pod, or exec";
    sample.alert.user = "jane";
    sample.alert.name_space = "shop";
    sample.alert.cluster = "blue";
    sample.alert.body = sample.line;
  }
  static SampleAlerts numbered(std::size_t count, std::size_t from = 0) {
    SampleAlerts alerts;
    for (std::size_t at = 0; at < from; ++at) {
      alerts.add("");
    }
    for (std::size_t at = from; at < from + count; ++at) {
      alerts.add(R"({"number":)" + std::to_string(at) + "}");
    }
    alerts.samples_.erase(alerts.samples_.begin(),
                          alerts.samples_.begin() + static_cast<std::ptrdiff_t>(from));
    return alerts;
  }
  [[nodiscard]] std::vector<output::Message> messages() const {
    std::vector<output::Message> messages;
    for (const Sample& sample : samples_) {
      messages.push_back({&sample.alert, sample.line});
    }
    return messages;
  }
  [[nodiscard]] std::string id(std::size_t at) const {
    return alert::to_text(alert::AlertId{samples_.at(at).alert.id});
  }

 private:
  struct Sample {
    store::StoredAlert alert;
    std::string line;
  };
  std::deque<Sample> samples_;  // a deque, so that views into lines stay
};

/// Whether the peer has taken everything.
inline bool all_taken(const output::Delivery& delivery) {
  return delivery.again.empty() && delivery.rejected.empty() && !delivery.error;
}

}  // namespace tiercel::support
