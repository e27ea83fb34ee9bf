// Peers that need nothing but a body of their own: one row each.
#include <algorithm>
#include <array>
#include <string>

#include <nlohmann/json.hpp>

#include "answer_json.h"
#include "body_template.h"
#include "http_peer.h"
#include "output_table.h"

namespace tiercel::output {

namespace {

// What these kinds ask for beside the transport; each shows those it uses.
struct TemplateOptions : HttpPeerOptions {
  std::string key{};  ///< a secret in the body or a header
  std::string index{};
  std::string name{};
};

/// One such peer: where it is, how it is told who we are, and the body of an alert.
struct TemplateKind {
  std::string_view name;
  std::string_view content_type;
  std::string_view body;
  const Taking* taking = nullptr;
  /// Between the bodies of several alerts in one request; nullptr: one alert a request.
  const char* open = nullptr;
  const char* between = nullptr;
  const char* close = nullptr;
  std::string_view key_header{};  ///< header of the key, with what stands before it
  std::string_view key_prefix{};
  /// A part of the body that is left out where no `index` is configured.
  std::string_view index_member{};
  /// A refusal, by its status of the alert, that is of the configuration: it would meet every
  /// alert, and an operator can mend it. nullptr: none is.
  bool (*is_mendable)(const http::ClientResponse& answer) = nullptr;
};

class TemplateOutput final : public Output {
 public:
  TemplateOutput(const TemplateOptions& options, const TemplateKind& kind)
      : options_(options), kind_(kind), peer_(options, peer_kind(options, kind)) {}

  base::Result<void> open() override {
    std::string text(kind_.body);
    if (options_.index.empty() && !kind_.index_member.empty()) {
      text.erase(text.find(kind_.index_member), kind_.index_member.size());
    }
    auto parsed = BodyTemplate::parse(
        text, {{"key", options_.key}, {"index", options_.index}, {"name", options_.name}});
    if (!parsed) {
      return parsed.error();
    }
    template_ = std::move(*parsed);
    return peer_.check();
  }

  Delivery deliver(std::span<const Message> messages) override {
    if (kind_.open == nullptr) {
      return post_each(
          peer_, options_.url, kind_.content_type, messages,
          [this](const Message& message, std::string& body) { template_->render(message, body); });
    }
    return deliver_halved(messages, peer_.deadline(),
                          [this](std::span<const Message> some) { return send(some); });
  }

  void interrupt() override { peer_.interrupt(); }

 private:
  Delivery send(std::span<const Message> messages) {
    std::string body = kind_.open;
    for (const Message& message : messages) {
      body += &message == messages.data() ? "" : kind_.between;
      template_->render(message, body);
    }
    body += kind_.close;
    const auto answer = peer_.post(options_.url, kind_.content_type, body);
    Delivery delivery = peer_.judge(answer, messages.size());
    if (!delivery.rejected.empty() && kind_.is_mendable != nullptr && kind_.is_mendable(*answer)) {
      return Delivery::again_from(0, messages.size(), {"refused", peer_.answer_text(*answer), ""},
                                  answer->retry_after);
    }
    return delivery;
  }

  static PeerKind peer_kind(const TemplateOptions& options, const TemplateKind& kind) {
    PeerKind peer{.secrets = {options.key}, .taking = *kind.taking};
    if (!kind.key_header.empty() && !options.key.empty()) {
      peer.headers = {{std::string(kind.key_header), std::string(kind.key_prefix) + options.key}};
    }
    return peer;
  }

  const TemplateOptions options_;
  const TemplateKind& kind_;
  HttpPeer peer_;
  std::optional<BodyTemplate> template_;
};

// PagerDuty, Events API v2, which takes 512 KiB. dedup_key: an alert sent twice is one incident.
constexpr TemplateKind kPagerduty{
    .name = "pagerduty",
    .content_type = "application/json",
    .body = R"({"routing_key":"${key}","event_action":"trigger","dedup_key":"${alert_id}",)"
            R"("payload":{"summary":"${message:1000}","source":"${hostname:200}",)"
            R"("severity":"${priority:pagerduty}","timestamp":"${time_iso}","class":"${rule:200}",)"
            R"("group":"${namespace:200}","component":"${cluster:200}",)"
            R"("custom_details":{"rule":"${rule:1000}","priority":"${priority}",)"
            R"("tags":${json:tags},"user":"${user:1000}","apiserver":"${apiserver:1000}",)"
            R"("rules_hash":"${rules_hash:100}",)"
            R"("output_fields":${json:output_fields:400000}}}})",
    .taking = &kPagerdutyTakes};

struct PagerdutyOptions final : TemplateOptions {
  PagerdutyOptions() { url = "https://events.pagerduty.com/v2/enqueue"; }
};
void describe_pagerduty(config::Section<PagerdutyOptions>& s) {
  s.option("routing_key", &PagerdutyOptions::key, "Integration key of the service.").secret();
  s.option("url", &PagerdutyOptions::url, "The Events API v2.");
  describe_transport(s.schema(), s.path(), s.values());
}
std::unique_ptr<Output> make_pagerduty(const PagerdutyOptions& options, const OutputContext&) {
  return std::make_unique<TemplateOutput>(options, kPagerduty);
}

// Splunk answers 400 to bad events and to what somebody has to put right; its code tells them
// apart: an incorrect index, no or an invalid data channel, acknowledgement that is disabled.
bool is_splunks_configuration(const http::ClientResponse& answer) {
  static constexpr std::array kCodes{7, 10, 11, 14};
  const nlohmann::json said = parse_answer(answer.body);
  return said.is_object() && said.contains("code") &&
         std::any_of(kCodes.begin(), kCodes.end(),
                     [&said](int code) { return said["code"] == code; });
}

// Splunk, HTTP Event Collector: objects one behind the other.
constexpr TemplateKind kSplunk{
    .name = "splunk_hec",
    .content_type = "application/json",
    .body = R"({"time":${time_unix},"host":"${hostname}","source":"tiercel",)"
            R"("sourcetype":"${name}","index":"${index}","event":{"id":"${alert_id}",)"
            R"("rule":"${rule}","priority":"${priority}","output":"${output}",)"
            R"("user":"${user}","namespace":"${namespace}","cluster":"${cluster}",)"
            R"("apiserver":"${apiserver}","rules_hash":"${rules_hash}",)"
            R"("tags":${json:tags},"output_fields":${json:output_fields}}})",
    .taking = &kSplunkTakes,
    .open = "",
    .between = "",
    .close = "",
    .key_header = "Authorization",
    .key_prefix = "Splunk ",
    .index_member = R"("index":"${index}",)",
    .is_mendable = &is_splunks_configuration};

struct SplunkOptions final : TemplateOptions {
  SplunkOptions() { name = "tiercel:alert"; }
};
void describe_splunk(config::Section<SplunkOptions>& s) {
  s.option("url", &SplunkOptions::url, "The collector, with its path.")
      .example("https://splunk.example.com:8088/services/collector/event");
  s.option("token", &SplunkOptions::key, "Token of the collector.").secret();
  s.option("index", &SplunkOptions::index,
           "Index of the events; empty: the one that the token stands for.");
  s.option("sourcetype", &SplunkOptions::name, "Source type of the events.");
  describe_transport(s.schema(), s.path(), s.values());
}
std::unique_ptr<Output> make_splunk(const SplunkOptions& options, const OutputContext&) {
  return std::make_unique<TemplateOutput>(options, kSplunk);
}

// Microsoft Teams, a workflow's webhook: an adaptive card.
constexpr TemplateKind kTeams{
    .name = "teams",
    .content_type = "application/json",
    .body =
        R"({"type":"message","attachments":[{"contentType":)"
        R"("application/vnd.microsoft.card.adaptive","contentUrl":null,"content":{)"
        R"("$schema":"http://adaptivecards.io/schemas/adaptive-card.json",)"
        R"("type":"AdaptiveCard","version":"1.4","body":[)"
        R"({"type":"TextBlock","size":"medium","weight":"bolder","wrap":true,)"
        R"("text":"${priority}: ${rule:500}"},)"
        R"({"type":"TextBlock","wrap":true,"text":"${message:8000}"},)"
        R"({"type":"FactSet","facts":[{"title":"User","value":"${user:500}"},)"
        R"({"title":"Namespace","value":"${namespace:500}"},)"
        R"({"title":"Cluster","value":"${cluster:500}"},{"title":"Time","value":"${time_iso}"},)"
        R"({"title":"Apiserver","value":"${apiserver:500}"},)"
        R"({"title":"Rules hash","value":"${rules_hash:100}"},)"
        R"({"title":"Tags","value":"${tags:500}"},{"title":"Id","value":"${alert_id}"}]}]}}]})",
    .taking = &kTeamsTakes};

struct TeamsOptions final : TemplateOptions {};
void describe_teams(config::Section<TeamsOptions>& s) {
  s.option("webhook_url", &TeamsOptions::url,
           "The workflow's webhook. Where it has a Response action, that must answer 202 too.")
      .secret();
  describe_transport(s.schema(), s.path(), s.values());
}
std::unique_ptr<Output> make_teams(const TeamsOptions& options, const OutputContext&) {
  return std::make_unique<TemplateOutput>(options, kTeams);
}

// Datadog, logs intake v2: an array of logs that are cut beyond 1 MB each.
constexpr TemplateKind kDatadog{
    .name = "datadog",
    .content_type = "application/json",
    .body = R"({"ddsource":"tiercel","service":"${name}","hostname":"${hostname}",)"
            R"("ddtags":"${index}","status":"${priority:datadog}","timestamp":${time_ms},)"
            R"("message":"${output:300000}","alert_id":"${alert_id}","rule":"${rule:1000}",)"
            R"("priority":"${priority}","usr":{"name":"${user:1000}"},"namespace":"${namespace}",)"
            R"("cluster":"${cluster}","apiserver":"${apiserver:1000}",)"
            R"("rules_hash":"${rules_hash:100}","tags":${json:tags},)"
            R"("output_fields":${json:output_fields:600000}})",
    .taking = &kDatadogTakes,
    .open = "[",
    .between = ",",
    .close = "]",
    .key_header = "DD-API-KEY"};

struct DatadogOptions final : TemplateOptions {
  DatadogOptions() {
    url = "https://http-intake.logs.datadoghq.com/api/v2/logs";
    name = "kubernetes-audit";
  }
};
void describe_datadog(config::Section<DatadogOptions>& s) {
  s.option("api_key", &DatadogOptions::key, "API key.").secret();
  s.option("url", &DatadogOptions::url, "The logs intake of your site.");
  s.option("service", &DatadogOptions::name, "Service of the logs.");
  s.option("tags", &DatadogOptions::index, "Tags of the logs, a comma between.")
      .example("\"env:prod,team:security\"");
  describe_transport(s.schema(), s.path(), s.values());
}
std::unique_ptr<Output> make_datadog(const DatadogOptions& options, const OutputContext&) {
  return std::make_unique<TemplateOutput>(options, kDatadog);
}

// Discord, a channel's webhook: one embed, no field of which may be empty; nobody is mentioned,
// whatever a value says.
constexpr TemplateKind kDiscord{
    .name = "discord",
    .content_type = "application/json",
    .body = R"({"username":"${name:80}","allowed_mentions":{"parse":[]},"embeds":[{)"
            R"("title":"${rule:250}","description":"${message:3900}",)"
            R"("color":${priority:colour_number},"timestamp":"${time_iso}","fields":[)"
            R"({"name":"priority","value":"${priority}","inline":true},)"
            R"({"name":"apiserver","value":"${apiserver:200:-none}","inline":true},)"
            R"({"name":"rules hash","value":"${rules_hash:100:-none}","inline":true},)"
            R"({"name":"id","value":"${alert_id}","inline":true}]}]})",
    .taking = &kDiscordTakes};

struct DiscordOptions final : TemplateOptions {
  DiscordOptions() { name = "tiercel"; }
};
void describe_discord(config::Section<DiscordOptions>& s) {
  s.option("webhook_url", &DiscordOptions::url, "The channel's webhook.").secret();
  s.option("username", &DiscordOptions::name, "Name that messages appear under.");
  describe_transport(s.schema(), s.path(), s.values());
}
std::unique_ptr<Output> make_discord(const DiscordOptions& options, const OutputContext&) {
  return std::make_unique<TemplateOutput>(options, kDiscord);
}

// Mattermost, an incoming webhook.
constexpr TemplateKind kMattermost{
    .name = "mattermost",
    .content_type = "application/json",
    .body = R"({"username":"${name}","attachments":[{"fallback":"${output:2000}",)"
            R"("color":"${priority:colour}","title":"${rule:250}","text":"${message:14000}",)"
            R"("fields":[{"short":true,"title":"Priority","value":"${priority}"},)"
            R"({"short":true,"title":"User","value":"${user:250}"},)"
            R"({"short":true,"title":"Namespace","value":"${namespace:250}"},)"
            R"({"short":true,"title":"Apiserver","value":"${apiserver:250}"},)"
            R"({"short":true,"title":"Rules hash","value":"${rules_hash:100}"},)"
            R"({"short":true,"title":"Id","value":"${alert_id}"}]}]})",
    .taking = &kMattermostTakes};

struct MattermostOptions final : TemplateOptions {
  MattermostOptions() { name = "tiercel"; }
};
void describe_mattermost(config::Section<MattermostOptions>& s) {
  s.option("webhook_url", &MattermostOptions::url, "The incoming webhook.").secret();
  s.option("username", &MattermostOptions::name, "Name that messages appear under.");
  describe_transport(s.schema(), s.path(), s.values());
}
std::unique_ptr<Output> make_mattermost(const MattermostOptions& options, const OutputContext&) {
  return std::make_unique<TemplateOutput>(options, kMattermost);
}

constexpr auto kReadyBodies = std::to_array<ReadyBody>({{kSplunk.name, kSplunk.body},
                                                        {kDatadog.name, kDatadog.body},
                                                        {kTeams.name, kTeams.body},
                                                        {kDiscord.name, kDiscord.body},
                                                        {kMattermost.name, kMattermost.body},
                                                        {kPagerduty.name, kPagerduty.body}});

}  // namespace

std::span<const ReadyBody> ready_bodies() { return kReadyBodies; }

const OutputType kPagerdutyOutput =
    output_type<PagerdutyOptions, &describe_pagerduty, &make_pagerduty>(
        {.name = kPagerduty.name, .doc = "Opens incidents through PagerDuty's Events API v2."});
const OutputType kSplunkHecOutput = output_type<SplunkOptions, &describe_splunk, &make_splunk>(
    {.name = kSplunk.name, .doc = "Sends alerts to Splunk's HTTP Event Collector."});
const OutputType kTeamsOutput = output_type<TeamsOptions, &describe_teams, &make_teams>(
    {.name = kTeams.name, .doc = "Posts adaptive cards to a Microsoft Teams workflow."});
const OutputType kDatadogOutput = output_type<DatadogOptions, &describe_datadog, &make_datadog>(
    {.name = kDatadog.name, .doc = "Sends alerts to Datadog's logs intake."});
const OutputType kDiscordOutput = output_type<DiscordOptions, &describe_discord, &make_discord>(
    {.name = kDiscord.name, .doc = "Posts alerts to a Discord channel's webhook."});
const OutputType kMattermostOutput =
    output_type<MattermostOptions, &describe_mattermost, &make_mattermost>(
        {.name = kMattermost.name, .doc = "Posts alerts to a Mattermost webhook."});

}  // namespace tiercel::output
