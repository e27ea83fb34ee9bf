#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tiercel/alert/line_format.h"
#include "tiercel/base/metrics.h"
#include "tiercel/output/kinds.h"

#include "configured_output.h"
#include "hand_clock.h"
#include "http_kinds.h"
#include "recorded_alerts.h"

namespace tiercel::output {

/// An output that speaks HTTP, configured for a peer.
class HttpOutputUnderTest {
 public:
  using Options = HttpKind::Options;

  HttpOutputUnderTest(const HttpKind& kind, const std::string& address, const Options& more = {})
      : HttpOutputUnderTest(kind.name, kind.options_for(address, more)) {}
  HttpOutputUnderTest(std::string_view kind, const Options& options)
      : output_(support::configured_output(*find_output_type(kind), options,
                                           {"test", clock_, metrics_})) {
    format_.json = true;
  }

  Output* operator->() { return output_.get(); }
  support::HandClock& clock() { return clock_; }
  alert::LineFormat& format() { return format_; }

  /// Opens it at the first delivery, as a runner does.
  Delivery deliver(std::span<const store::StoredAlert> alerts) {
    if (!std::exchange(is_open_, true)) {
      const auto opened = output_->open();
      EXPECT_TRUE(opened) << opened.error().text();
    }
    std::vector<std::string> lines(alerts.size());
    std::vector<Message> messages;
    for (std::size_t at = 0; at < alerts.size(); ++at) {
      alert::append_line(lines[at], alerts[at].body, format_);
      messages.push_back({&alerts[at], lines[at]});
    }
    return output_->deliver(messages);
  }
  Delivery deliver(const support::AlertList& list) { return deliver(list.alerts()); }
  /// One alert with this message.
  Delivery deliver(const std::string& message) {
    support::AlertList list;
    support::AlertText text;
    text.message = message;
    store::StoredAlert alert;
    const std::string body = support::alert_body(text);
    alert.body = body;
    alert.rule = text.rule;
    alert.priority = 4;
    alert.time = support::HandClock::kStart;
    list.add(alert);
    return deliver(list);
  }

 private:
  support::HandClock clock_;
  base::Metrics metrics_;
  alert::LineFormat format_;
  std::unique_ptr<Output> output_;
  bool is_open_ = false;
};

inline std::string to_text(const Delivery& delivery) {
  std::string text = "again " + std::to_string(delivery.again.size()) + ", rejected " +
                     std::to_string(delivery.rejected.size());
  text += delivery.error ? ", error " + delivery.error->text() : "";
  for (const Delivery::Rejected& rejected : delivery.rejected) {
    text += ", " + std::to_string(rejected.message) + " " + rejected.why;
  }
  return text;
}
inline bool is_taken(const Delivery& delivery) {
  return delivery.again.empty() && delivery.rejected.empty() && !delivery.error;
}

/// Such an alert as the store has it; looks into `body`.
inline store::StoredAlert stored(const support::AlertText& text, const std::string& body) {
  store::StoredAlert alert;
  alert.rule = text.rule;
  alert.priority = static_cast<std::uint8_t>(text.priority);
  alert.time = support::HandClock::kStart;
  alert.body = body;
  return alert;
}
inline void add(support::AlertList& list, const support::AlertText& text) {
  const std::string body = support::alert_body(text);
  list.add(stored(text, body));
}

}  // namespace tiercel::output
