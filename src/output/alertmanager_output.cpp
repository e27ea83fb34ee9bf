#include <algorithm>
#include <map>
#include <string>

#include <nlohmann/json.hpp>

#include "tiercel/alert/alert_id.h"
#include "tiercel/alert/alert_view.h"

#include "http_peer.h"
#include "origin_members.h"
#include "output_table.h"
#include "severity_map.h"
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
           "Output fields that become labels; each value makes an alert of its own there. Without, "
           "alerts of one rule, user and namespace are one.")
      .example("[ka.target.name]");
  s.option("severity_map", &AlertmanagerOptions::severity_map,
           "Label severity for a priority; critical for Error and worse, warning for Warning, info "
           "otherwise.")
      .example("{Notice: warning}");
  describe_transport(s.schema(), s.path(), s.values());
}

struct Peer {
  std::string url;
  std::unique_ptr<HttpPeer> client;
  std::int64_t leave_until = 0;  // steady, after a failure
  bool is_left = false;          // this time
};
constexpr std::int64_t kPeerPause = 30'000'000'000;

// Notifications carry annotations on to chats and mails: no megabytes.
constexpr std::size_t kMostAnnotation = 8192;
constexpr std::size_t kMostLabel = 1024;
constexpr std::size_t kMostIds = 20;

// Sends alerts to Alertmanager's API v2.
class AlertmanagerOutput final : public Output {
 public:
  AlertmanagerOutput(const AlertmanagerOptions& options, const OutputContext& context)
      : options_(options), clock_(context.clock) {
    for (const std::string& url : options.urls) {
      auto one = static_cast<const HttpPeerOptions&>(options);
      one.url = url + (url.ends_with('/') ? "" : "/") + "api/v2/alerts";
      peers_.push_back(
          {one.url, std::make_unique<HttpPeer>(one, PeerKind{.taking = kAlertmanagerTakes})});
    }
  }

  base::Result<void> open() override {
    auto severities = mapped_severities(
        options_.severity_map,
        {"critical", "critical", "critical", "critical", "warning", "info", "info", "info"});
    if (!severities) {
      return severities.error();
    }
    severities_ = std::move(*severities);
    if (peers_.empty()) {
      return base::Error{"bad_url", "`urls` must name at least one Alertmanager", ""};
    }
    for (const Peer& peer : peers_) {
      if (auto checked = peer.client->check("urls"); !checked) {
        return checked;
      }
    }
    return {};
  }

  Delivery deliver(std::span<const Message> messages) override {
    return deliver_halved(messages, peers_.front().client->deadline(),
                          [this](std::span<const Message> some) { return send(some); });
  }

  void interrupt() override {
    for (const Peer& peer : peers_) {
      peer.client->interrupt();
    }
  }

 private:
  // One that takes them is enough; else the answer that leaves most hope counts.
  Delivery send(std::span<const Message> messages) {
    nlohmann::json all = nlohmann::json::array();
    for (const Message& message : messages) {
      all.push_back(alert_of(*message.alert));
    }
    count_same(all);
    const std::string body = all.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    std::optional<Delivery> best;
    bool is_taken = false;
    // First those that are well; the others are asked before their pause ends only where none
    // of these takes the alerts, so that one which hangs does not hold up each batch.
    const std::int64_t now = clock_.steady();
    for (Peer& peer : peers_) {
      peer.is_left = now < peer.leave_until;
    }
    for (const bool is_turn_of_left : {false, true}) {
      for (Peer& peer : peers_) {
        if (peer.is_left != is_turn_of_left || (is_turn_of_left && is_taken)) {
          continue;
        }
        Delivery one = post(peer, body, messages.size());
        if (one.again.empty() && one.rejected.empty()) {
          best = std::move(one);
          is_taken = true;
        } else if (!best || (!is_taken && best->again.empty() && !one.again.empty())) {
          best = std::move(one);
        }
      }
    }
    return std::move(*best);
  }

  Delivery post(Peer& peer, const std::string& body, std::size_t messages) {
    Delivery delivery =
        peer.client->judge(peer.client->post(peer.url, "application/json", body), messages);
    peer.leave_until = delivery.again.empty() ? 0 : clock_.steady() + kPeerPause;
    return delivery;
  }

  // Those of the same labels are one alert there, and the last one's annotations are what is shown:
  // these say of how many.
  static void count_same(nlohmann::json& alerts) {
    if (alerts.size() < 2) {
      return;
    }
    std::map<std::string, std::vector<std::size_t>> same;
    for (std::size_t at = 0; at < alerts.size(); ++at) {
      same[alerts[at]["labels"].dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)]
          .push_back(at);
    }
    for (const auto& [labels, numbers] : same) {
      if (numbers.size() == 1) {
        continue;
      }
      std::string ids;
      for (std::size_t at = 0; at < std::min(numbers.size(), kMostIds); ++at) {
        ids += (at == 0 ? "" : ",") +
               alerts[numbers[at]]["annotations"]["alert_id"].get<std::string>();
      }
      for (const std::size_t number : numbers) {
        alerts[number]["annotations"]["alert_count"] = std::to_string(numbers.size());
        alerts[number]["annotations"]["alert_ids"] = ids;
      }
    }
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
      labels["severity"] = severities_[std::min<std::size_t>(alert.priority, 7)];
      labels["source"] = alert::unescape_json(view->source);
      labels["hostname"] = alert::unescape_json(view->hostname);
      annotations["summary"] = cut_text(view->message(), 1024);
      annotations["description"] = cut_text(view->message(), kMostAnnotation);
      view->for_each_field([&](std::string_view name, std::string_view value) {
        annotations[label_name(name)] = cut_text(alert::json_value_text(value), kMostAnnotation);
        return true;
      });
      // No labels: an event that comes by another apiserver makes no other alert.
      for (const OriginMember& member : kOriginMembers) {
        if (std::string value = member.text(*view); !value.empty()) {
          annotations[std::string(member.name)] = cut_text(value, kMostAnnotation);
        }
      }
      for (const std::string& name : options_.extra_labels) {
        if (auto value = view->field_text(name)) {
          labels[label_name(name)] = cut_text(*value, kMostLabel);
        }
      }
    }
    if (!alert.tags.empty()) {
      annotations["tags"] = alert.tags;
    }
    for (const auto& [name, value] : options_.labels) {
      labels[label_name(name)] = value;
    }
    // The event's time may be one that no clock has shown yet.
    const std::int64_t end = std::max(clock_.now(), told_time(alert)) +
                             std::chrono::nanoseconds(options_.resolve_timeout).count();
    return {{"labels", std::move(labels)},
            {"annotations", std::move(annotations)},
            {"startsAt", rfc3339(told_time(alert))},
            {"endsAt", rfc3339(end)}};
  }

  const AlertmanagerOptions options_;
  const base::Clock& clock_;
  Severities severities_;
  std::vector<Peer> peers_;
};

std::unique_ptr<Output> make_alertmanager(const AlertmanagerOptions& options,
                                          const OutputContext& context) {
  return std::make_unique<AlertmanagerOutput>(options, context);
}

}  // namespace

const OutputType kAlertmanagerOutput =
    output_type<AlertmanagerOptions, &describe_alertmanager, &make_alertmanager>(
        {.name = "alertmanager",
         .doc =
             "Sends alerts to Prometheus Alertmanagers, API v2. There, alerts of the same labels "
             "(alertname, priority, severity, source, hostname, user, namespace, cluster, and "
             "what labels and extra_labels add) are one alert that shows the last one's "
             "annotations; alert_count and alert_ids tell of those that came in one request. "
             "Each by itself is in the store."});

}  // namespace tiercel::output
