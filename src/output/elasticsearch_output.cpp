#include <string>

#include <nlohmann/json.hpp>

#include "tiercel/alert/alert_id.h"
#include "tiercel/base/json_text.h"

#include "answer_json.h"
#include "http_peer.h"
#include "output_table.h"
#include "time_texts.h"

namespace tiercel::output {

namespace {

struct ElasticsearchOptions final : HttpPeerOptions {
  ElasticsearchOptions() { url = "http://127.0.0.1:9200"; }
  std::string index = "logs-tiercel.alerts-default";
  std::string api_key{};
  std::string pipeline{};
};

void describe_elasticsearch(config::Section<ElasticsearchOptions>& s) {
  s.option("url", &ElasticsearchOptions::url, "Elasticsearch or OpenSearch, without a path.");
  s.option("index", &ElasticsearchOptions::index,
           "A data stream, or an index; %Y, %m and %d stand for the event's date in UTC.")
      .example("\"tiercel-alerts-%Y.%m.%d\"");
  s.option("api_key", &ElasticsearchOptions::api_key,
           "Authorization: ApiKey KEY, the encoded form; or use auth_username and auth_password.")
      .secret();
  s.option("pipeline", &ElasticsearchOptions::pipeline, "Ingest pipeline of the documents.");
  describe_transport(s.schema(), s.path(), s.values());
}

// Indexes alerts by the bulk API; an alert's id is its document's, so that a repeat changes
// nothing.
class ElasticsearchOutput final : public Output {
 public:
  explicit ElasticsearchOutput(const ElasticsearchOptions& options)
      : options_(options), url_(bulk_url(options)), peer_(options, kind(options)) {}

  base::Result<void> open() override { return peer_.check(); }

  Delivery deliver(std::span<const Message> messages) override {
    return deliver_halved(messages, peer_.deadline(),
                          [this](std::span<const Message> some) { return send(some); });
  }

  void interrupt() override { peer_.interrupt(); }

 private:
  Delivery send(std::span<const Message> messages) {
    std::string body;
    for (const Message& message : messages) {
      append(message, body);
    }
    const auto answer = peer_.post(url_, "application/x-ndjson", body);
    Delivery whole = peer_.judge(answer, messages.size());
    if (!whole.again.empty() || !whole.rejected.empty()) {
      return whole;
    }
    return judge_items(*answer, messages.size());
  }

  static std::string bulk_url(const ElasticsearchOptions& options) {
    std::string url = options.url + (options.url.ends_with('/') ? "_bulk" : "/_bulk");
    // Enough to judge each item by, however many there are.
    url += "?filter_path=errors,items.*.status,items.*.error.type,items.*.error.reason";
    if (!options.pipeline.empty()) {
      url += "&pipeline=" + http::url_encode(options.pipeline);
    }
    return url;
  }
  static PeerKind kind(const ElasticsearchOptions& options) {
    if (options.api_key.empty()) {
      return {};
    }
    return {.headers = {{"Authorization", "ApiKey " + options.api_key}},
            .secrets = {options.api_key}};
  }

  // `create` is what data streams take; of an index it refuses what is there already.
  void append(const Message& message, std::string& body) const {
    const store::StoredAlert& alert = *message.alert;
    body += R"({"create":{"_index":)";
    base::append_json_string(body, formatted_utc(options_.index, told_time(alert)));
    body += R"(,"_id":")" + alert::to_text(alert::AlertId{alert.id}) + "\"}}\n";
    std::string_view line = alert.body;
    line.remove_suffix(line.ends_with('\n') ? 1 : 0);
    body += R"({"@timestamp":")" + rfc3339(told_time(alert)) + '"';
    for (const auto& [name, value] : {std::pair{"user.name", alert.user},
                                      {"orchestrator.namespace", alert.name_space},
                                      {"orchestrator.cluster.name", alert.cluster}}) {
      if (!value.empty()) {
        body += std::string(",\"") + name + "\":";
        base::append_json_string(body, value);
      }
    }
    if (line.starts_with('{') && line.size() > 2) {
      body += ',';
      body += line.substr(1);
    } else {
      body += ",\"output\":";
      base::append_json_string(body, line);
      body += '}';
    }
    body += '\n';
  }

  [[nodiscard]] Delivery judge_items(const http::ClientResponse& answer,
                                     std::size_t messages) const {
    const nlohmann::json said = parse_answer(answer.body);
    if (said.is_object() && said.contains("errors") && said["errors"] == false) {
      return Delivery::delivered("HTTP " + std::to_string(answer.status) + ": all items created");
    }
    const auto items = said.is_object() ? said.find("items") : said.end();
    if (!said.is_object() || items == said.end() || !items->is_array() ||
        items->size() != messages) {
      return Delivery::again_from(
          0, messages,
          {"refused", "the answer is none of the bulk API: " + peer_.answer_text(answer), ""});
    }
    Delivery delivery = Delivery::delivered("HTTP " + std::to_string(answer.status));
    for (std::size_t at = 0; at < messages; ++at) {
      judge_item((*items)[at], at, delivery);
    }
    return delivery;
  }

  void judge_item(const nlohmann::json& item, std::size_t at, Delivery& delivery) const {
    const nlohmann::json result = item.is_object() && !item.empty() ? item.front() : item;
    const bool has_status =
        result.is_object() && result.contains("status") && result["status"].is_number_integer();
    const int status = has_status ? result["status"].get<int>() : 500;
    // 409: it was there already.
    if ((status >= 200 && status < 300) || status == 409) {
      return;
    }
    std::string why = "HTTP " + std::to_string(status);
    if (result.is_object() && result.contains("error")) {
      why += ": " + cut_text(peer_.without_secrets(result["error"].dump(
                                 -1, ' ', false, nlohmann::json::error_handler_t::replace)),
                             500);
    }
    // A right that is missing, a blocked or missing index: an operator mends that.
    if (is_again(status)) {
      delivery.again.push_back(at);
      delivery.error = base::Error{"refused", why, ""};
    } else {
      delivery.rejected.push_back({at, why});
    }
  }

  const ElasticsearchOptions options_;
  const std::string url_;
  HttpPeer peer_;
};

std::unique_ptr<Output> make_elasticsearch(const ElasticsearchOptions& options,
                                           const OutputContext& /*context*/) {
  return std::make_unique<ElasticsearchOutput>(options);
}

}  // namespace

const OutputType kElasticsearchOutput =
    output_type<ElasticsearchOptions, &describe_elasticsearch, &make_elasticsearch>(
        {.name = "elasticsearch",
         .doc = "Indexes alerts in Elasticsearch or OpenSearch by the bulk API.",
         .most_messages = 500});

}  // namespace tiercel::output
