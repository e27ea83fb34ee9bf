#include <string>

#include <nlohmann/json.hpp>

#include "tiercel/alert/alert_id.h"
#include "tiercel/alert/alert_view.h"

#include "http_peer.h"
#include "output_table.h"
#include "time_texts.h"

namespace tiercel::output {

namespace {

struct AlertmanagerOptions final : HttpPeerOptions {
  std::vector<std::string> urls{"http://127.0.0.1:9093"};
  std::chrono::milliseconds resolve_timeout{std::chrono::hours{1}};
  std::vector<std::string> extra_labels{};
  config::TextPairs labels{};
  config::TextPairs severity_map{};
};

void describe_alertmanager(config::Section<AlertmanagerOptions>& s) {
  s.option("urls", &AlertmanagerOptions::urls,
           "The Alertmanagers of a cluster; each gets every alert, and one that takes it is "
           "enough: they tell each other.")
      .check([](std::string_view url) { return http::url_complaint(url); })
      .example("[http://am-0:9093, http://am-1:9093]");
  s.option("resolve_timeout", &AlertmanagerOptions::resolve_timeout,
           "An alert ends so long after it was sent: an audit event has no end of its own.")
      .between(std::chrono::minutes(1), std::chrono::hours(24 * 30));
  s.option("labels", &AlertmanagerOptions::labels, "Further labels with fixed values.")
      .example("{team: platform}");
  s.option("extra_labels", &AlertmanagerOptions::extra_labels,
           "Output fields that become labels; each value makes an alert of its own there.")
      .example("[ka.target.name]");
  s.option("severity_map", &AlertmanagerOptions::severity_map,
           "Label severity for a priority; critical for Error and worse, warning for Warning, info "
           "otherwise.")
      .example("{Notice: warning}");
  describe_transport(s.schema(), s.path(), s.values());
}

// A label's name: letters, digits and underscores.
std::string label_name(std::string_view text) {
  std::string name;
  for (const char c : text) {
    const bool is_good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
                         (c >= '0' && c <= '9' && !name.empty());
    name += is_good ? c : '_';
  }
  return name.empty() ? "_" : name;
}

// Sends alerts to Alertmanager's API v2.
class AlertmanagerOutput final : public Output {
 public:
  AlertmanagerOutput(const AlertmanagerOptions& options, const OutputContext& context)
      : options_(options), clock_(context.clock) {
    for (const std::string& url : options.urls) {
      HttpPeerOptions one = options;
      one.url = url + (url.ends_with('/') ? "" : "/") + "api/v2/alerts";
      peers_.push_back(std::make_unique<HttpPeer>(one));
      urls_.push_back(one.url);
    }
  }

  base::Result<void> open() override {
    if (peers_.empty()) {
      return base::Error{"bad_url", "`urls` must name at least one Alertmanager", ""};
    }
    for (const auto& peer : peers_) {
      if (auto checked = peer->check("urls"); !checked) {
        return checked;
      }
    }
    return {};
  }

  Delivery deliver(std::span<const Message> messages) override {
    nlohmann::json all = nlohmann::json::array();
    for (const Message& message : messages) {
      all.push_back(alert_of(*message.alert));
    }
    const std::string body = all.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    // One that takes them is enough; else the answer that leaves most hope counts.
    std::optional<Delivery> best;
    bool is_taken = false;
    for (std::size_t at = 0; at < peers_.size(); ++at) {
      Delivery one =
          peers_[at]->judge(peers_[at]->post(urls_[at], "application/json", body), messages.size());
      if (one.again.empty() && one.rejected.empty()) {
        best = std::move(one);
        is_taken = true;
      } else if (!best || (!is_taken && best->again.empty() && !one.again.empty())) {
        best = std::move(one);
      }
    }
    return std::move(*best);
  }

  void interrupt() override {
    for (const auto& peer : peers_) {
      peer->interrupt();
    }
  }

 private:
  [[nodiscard]] std::string severity_of(std::string_view priority, std::uint8_t number) const {
    for (const auto& [name, severity] : options_.severity_map) {
      if (name == priority) {
        return severity;
      }
    }
    return number <= 3 ? "critical" : number == 4 ? "warning" : "info";
  }

  [[nodiscard]] nlohmann::json alert_of(const store::StoredAlert& alert) const {
    nlohmann::json labels = {{"alertname", alert.rule}};
    nlohmann::json annotations = {{"alert_id", alert::to_text(alert::AlertId{alert.id})}};
    for (const auto& [name, value] : {std::pair{"user", alert.user},
                                      {"namespace", alert.name_space},
                                      {"cluster", alert.cluster}}) {
      if (!value.empty()) {
        labels[name] = value;
      }
    }
    if (const auto view = alert::AlertView::parse(alert.body)) {
      labels["priority"] = view->priority;
      labels["severity"] = severity_of(view->priority, alert.priority);
      labels["source"] = alert::unescape_json(view->source);
      labels["hostname"] = alert::unescape_json(view->hostname);
      annotations["summary"] = cut_text(view->message(), 1024);
      annotations["description"] = view->message();
      view->for_each_field([&](std::string_view name, std::string_view value) {
        annotations[label_name(name)] = alert::json_value_text(value);
        return true;
      });
      for (const std::string& name : options_.extra_labels) {
        if (auto value = view->field_text(name)) {
          labels[label_name(name)] = std::move(*value);
        }
      }
    }
    if (!alert.tags.empty()) {
      annotations["tags"] = alert.tags;
    }
    for (const auto& [name, value] : options_.labels) {
      labels[label_name(name)] = value;
    }
    const std::int64_t end =
        std::max(clock_.now(), alert.time) +
        std::chrono::duration_cast<std::chrono::nanoseconds>(options_.resolve_timeout).count();
    return {{"labels", std::move(labels)},
            {"annotations", std::move(annotations)},
            {"startsAt", rfc3339(alert.time)},
            {"endsAt", rfc3339(end)}};
  }

  const AlertmanagerOptions options_;
  const base::Clock& clock_;
  std::vector<std::unique_ptr<HttpPeer>> peers_;
  std::vector<std::string> urls_;
};

std::unique_ptr<Output> make_alertmanager(const AlertmanagerOptions& options,
                                          const OutputContext& context) {
  return std::make_unique<AlertmanagerOutput>(options, context);
}

}  // namespace

const OutputType kAlertmanagerOutput =
    output_type<AlertmanagerOptions, &describe_alertmanager, &make_alertmanager>(
        {.name = "alertmanager", .doc = "Sends alerts to Prometheus Alertmanagers, API v2."});

}  // namespace tiercel::output
