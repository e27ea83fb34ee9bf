#include <algorithm>
#include <map>
#include <string>

#include "tiercel/alert/alert_id.h"
#include "tiercel/alert/alert_view.h"
#include "tiercel/base/json_text.h"
#include "tiercel/base/priority.h"

#include "http_peer.h"
#include "output_table.h"
#include "time_texts.h"

namespace tiercel::output {

namespace {

struct LokiOptions final : HttpPeerOptions {
  LokiOptions() { url = "http://127.0.0.1:3100"; }
  std::string tenant{};
  config::TextPairs labels{};
  std::vector<std::string> extra_labels{"namespace"};
};

void describe_loki(config::Section<LokiOptions>& s) {
  s.option("url", &LokiOptions::url, "Loki, without a path.");
  s.option("tenant", &LokiOptions::tenant, "X-Scope-OrgID, where Loki has tenants.");
  s.option("labels", &LokiOptions::labels, "Further labels with fixed values.")
      .example("{env: prod}");
  s.option("extra_labels", &LokiOptions::extra_labels,
           "Labels beside job, rule, priority and source: namespace, user, cluster, hostname, "
           "apiserver. Each value makes a stream of its own, so keep out what has many.")
      .check([](std::string_view name) {
        return name == "namespace" || name == "user" || name == "cluster" || name == "hostname" ||
                       name == "apiserver"
                   ? ""
                   : "is none of namespace, user, cluster, hostname, apiserver";
      });
  describe_transport(s.schema(), s.path(), s.values());
}

// Loki's own limits by default: 2048 bytes of a label's value, 256 KiB of a line.
constexpr std::size_t kMostLabel = 1024;
constexpr std::size_t kMostLine = std::size_t{250} << 10U;

// Pushes alerts to Loki; those of one set of labels are one stream, in order of time.
class LokiOutput final : public Output {
 public:
  explicit LokiOutput(const LokiOptions& options)
      : options_(options),
        url_(options.url + (options.url.ends_with('/') ? "" : "/") + "loki/api/v1/push"),
        peer_(options, kind(options)) {}

  base::Result<void> open() override { return peer_.check(); }

  Delivery deliver(std::span<const Message> messages) override {
    // Loki takes the entries it can of a request and refuses it for one that is too old; what it
    // took and gets again is the same entry there.
    return deliver_halved(messages, peer_.deadline(), [this](std::span<const Message> some) {
      return peer_.judge(peer_.post(url_, "application/json", body_of(some)), some.size());
    });
  }

  void interrupt() override { peer_.interrupt(); }

 private:
  static PeerKind kind(const LokiOptions& options) {
    PeerKind kind{.taking = kLokiTakes};
    if (!options.tenant.empty()) {
      kind.headers = {{"X-Scope-OrgID", options.tenant}};
    }
    return kind;
  }

  [[nodiscard]] std::string labels_of(const store::StoredAlert& alert) const {
    std::map<std::string, std::string> labels{
        {"job", "tiercel"},
        {"rule", cut_text(alert.rule, kMostLabel)},
        {"priority", std::string(base::to_text(
                         static_cast<base::Priority>(std::min<std::uint8_t>(alert.priority, 7))))}};
    const auto view = alert::AlertView::parse(alert.body);
    if (view && !view->source.empty()) {
      labels["source"] = cut_text(alert::unescape_json(view->source), kMostLabel);
    }
    for (const std::string& name : options_.extra_labels) {
      const std::string value =
          name == "namespace" ? std::string(alert.name_space)
          : name == "user"    ? std::string(alert.user)
          : name == "cluster" ? std::string(alert.cluster)
          : !view             ? std::string()
                  : alert::unescape_json(name == "apiserver" ? view->apiserver : view->hostname);
      if (!value.empty()) {
        labels[name] = cut_text(value, kMostLabel);
      }
    }
    for (const auto& [name, value] : options_.labels) {
      labels[label_name(name)] = value;
    }
    std::string text;
    for (const auto& [name, value] : labels) {
      text += text.empty() ? "{" : ",";
      base::append_json_string(text, name);
      text += ':';
      base::append_json_string(text, value);
    }
    return text + "}";
  }

  [[nodiscard]] std::string body_of(std::span<const Message> messages) const {
    std::map<std::string, std::vector<const Message*>> streams;
    for (const Message& message : messages) {
      streams[labels_of(*message.alert)].push_back(&message);
    }
    std::string body = R"({"streams":[)";
    for (auto& [labels, entries] : streams) {
      std::stable_sort(entries.begin(), entries.end(), [](const Message* a, const Message* b) {
        return told_time(*a->alert) < told_time(*b->alert);
      });
      body += body.ends_with('[') ? "" : ",";
      body += R"({"stream":)" + labels + R"(,"values":[)";
      for (const Message* const entry : entries) {
        std::string_view line = entry->line;
        line.remove_suffix(line.ends_with('\n') ? 1 : 0);
        body += entry == entries.front() ? "[\"" : ",[\"";
        body += std::to_string(told_time(*entry->alert)) + "\",";
        base::append_json_string(body, cut_text(line, kMostLine));
        body += ']';
      }
      body += "]}";
    }
    return body + "]}";
  }

  const LokiOptions options_;
  const std::string url_;
  HttpPeer peer_;
};

std::unique_ptr<Output> make_loki(const LokiOptions& options, const OutputContext& /*context*/) {
  return std::make_unique<LokiOutput>(options);
}

}  // namespace

const OutputType kLokiOutput = output_type<LokiOptions, &describe_loki, &make_loki>(
    {.name = "loki",
     .doc = "Pushes alerts to Grafana Loki, labelled by rule and priority.",
     .most_messages = 500});

}  // namespace tiercel::output
