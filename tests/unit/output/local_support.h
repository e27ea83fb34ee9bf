#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tiercel/base/metrics.h"
#include "tiercel/output/output.h"

#include "configured_output.h"
#include "hand_clock.h"
#include "output_table.h"

namespace tiercel::output {

/// An output that writes on this host, with all it needs, and short ways to write lines.
class LocalOutput {
 public:
  using Options = std::vector<std::pair<std::string, std::string>>;

  LocalOutput(const OutputType& type, const Options& options, bool is_daemon = true)
      : output_(support::configured_output(type, options, {"test", clock_, metrics_, is_daemon})) {}

  Output& operator*() { return *output_; }
  Output* operator->() { return output_.get(); }
  support::HandClock& clock() { return clock_; }

  Delivery write(const std::vector<std::string>& lines) {
    std::vector<Message> messages;
    for (const std::string& line : lines) {
      messages.push_back({&alert_, line});
    }
    return output_->deliver(messages);
  }
  /// Whether all were taken.
  bool takes(const std::vector<std::string>& lines) {
    const Delivery delivery = write(lines);
    return delivery.again.empty() && delivery.rejected.empty() && !delivery.error;
  }

 private:
  support::HandClock clock_;
  base::Metrics metrics_;
  store::StoredAlert alert_;
  std::unique_ptr<Output> output_;
};

}  // namespace tiercel::output
