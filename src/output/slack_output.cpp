#include <algorithm>
#include <array>
#include <string>

#include <nlohmann/json.hpp>

#include "tiercel/alert/alert_id.h"
#include "tiercel/alert/alert_view.h"
#include "tiercel/base/json_text.h"

#include "answer_json.h"
#include "body_template.h"
#include "http_peer.h"
#include "origin_members.h"
#include "output_table.h"
#include "time_texts.h"

namespace tiercel::output {

namespace {

struct SlackOptions final : HttpPeerOptions {
  std::string token{};
  std::string channel{};
  std::string display_name = "tiercel";
  std::string icon_url{};
};

constexpr const char* kPostMessage = "https://slack.com/api/chat.postMessage";
// Slack cuts what is longer, or refuses it: a section's text, a field's, a fallback's.
constexpr std::size_t kMostText = 2900;
constexpr std::size_t kMostField = 1900;
constexpr std::size_t kMostTitle = 150;

// What chat.postMessage says of a message that no time makes better; everything else (the token,
// the channel, a limit) time or an operator can mend.
constexpr std::array<std::string_view, 8> kBadMessage{
    "msg_too_long",          "no_text",
    "too_many_attachments",  "attachment_payload_limit_exceeded",
    "invalid_attachments",   "invalid_blocks",
    "invalid_blocks_format", "msg_blocks_too_long"};

void describe_slack(config::Section<SlackOptions>& s) {
  s.option("webhook_url", &SlackOptions::url,
           "An incoming webhook; or, with `token`, the API's chat.postMessage, which is what is "
           "taken where this is empty.")
      .secret();
  s.option("token", &SlackOptions::token, "A bot's token instead of a webhook.").secret();
  s.option("channel", &SlackOptions::channel, "Channel; needed with `token`.");
  s.option("username", &SlackOptions::display_name, "Name that messages appear under.");
  s.option("icon_url", &SlackOptions::icon_url, "Picture of that name.");
  describe_transport(s.schema(), s.path(), s.values());
}

// Slack reads these three as markup; no value may mention people or make links.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

// The character or escape that begins at `at`.
std::size_t end_of_piece(std::string_view text, std::size_t at) {
  std::size_t end = text[at] == '&' ? text.find(';', at) + 1 : at + 1;
  while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) {
    ++end;
  }
  return end;
}

// So many characters, and four times as many bytes with its escapes; cut behind a whole one of
// either, so that a text of nothing but & is not all escape and no text.
std::string shown(std::string_view text, std::size_t most) {
  constexpr std::string_view kEllipsis = "\u2026";
  std::string out = escaped(cut_characters(text, most));
  if (out.size() <= most * 4) {
    return out;
  }
  std::size_t end = 0;
  for (std::size_t next = 0; next + kEllipsis.size() <= most * 4; next = end_of_piece(out, end)) {
    end = next;
  }
  out.resize(end);
  return out += kEllipsis;
}

nlohmann::json field(std::string_view title, std::string_view value) {
  return {{"title", title}, {"value", shown(value, kMostField)}, {"short", true}};
}

// Posts a message with a coloured attachment.
class SlackOutput final : public Output {
 public:
  explicit SlackOutput(const SlackOptions& options)
      : options_(with_url(options)), peer_(options_, kind(options)) {}

  base::Result<void> open() override {
    if (!options_.token.empty() && options_.channel.empty()) {
      return base::Error{"no_channel", "`token` needs a `channel` beside it", ""};
    }
    return peer_.check("webhook_url");
  }

  Delivery deliver(std::span<const Message> messages) override {
    return post_each(
        peer_, options_.url, "application/json; charset=utf-8", messages,
        [this](const Message& message, std::string& body) { body = body_of(message); },
        [this](const base::Result<http::ClientResponse>& answer) { return judge(answer); });
  }

  void interrupt() override { peer_.interrupt(); }

 private:
  static SlackOptions with_url(SlackOptions options) {
    if (options.url.empty() && !options.token.empty()) {
      options.url = kPostMessage;
    }
    return options;
  }
  static PeerKind kind(const SlackOptions& options) {
    if (options.token.empty()) {
      return {.taking = kSlackTakes};
    }
    return {.headers = {{"Authorization", "Bearer " + options.token}}, .secrets = {options.token}};
  }

  // The API says 200 to everything, and in the body whether it took it.
  [[nodiscard]] Delivery judge(const base::Result<http::ClientResponse>& answer) const {
    Delivery delivery = peer_.judge(answer, 1);
    if (options_.token.empty() || !delivery.again.empty() || !delivery.rejected.empty()) {
      return delivery;
    }
    const nlohmann::json said = parse_answer(answer->body);
    if (said.is_object() && said.contains("ok") && said["ok"] == true) {
      return delivery;
    }
    std::string error = "the answer is none of Slack's API";
    if (said.is_object() && said.contains("error") && said["error"].is_string()) {
      error = said["error"].get<std::string>();
    }
    const std::string why = "Slack: " + peer_.answer_text(*answer);
    if (std::find(kBadMessage.begin(), kBadMessage.end(), error) != kBadMessage.end()) {
      Delivery refused;
      refused.rejected.push_back({0, why});
      return refused;
    }
    return Delivery::again_from(0, 1, {"refused", why, ""}, answer->retry_after);
  }

  [[nodiscard]] std::string body_of(const Message& message) const {
    const store::StoredAlert& alert = *message.alert;
    const auto view = alert::AlertView::parse(alert.body);
    std::string text = view ? view->message() : std::string(message.line);
    text = text.empty() ? std::string(alert.rule) : text;  // Slack refuses an empty one
    nlohmann::json attachment = {{"color", priority_word("colour", alert.priority)},
                                 {"fallback", shown(text, kMostText)},
                                 {"title", shown(alert.rule, kMostTitle)},
                                 {"text", shown(text, kMostText)},
                                 {"ts", told_time(alert) / 1'000'000'000},
                                 {"footer", "tiercel " + alert::to_text(alert::AlertId{alert.id})},
                                 {"fields", nlohmann::json::array()}};
    nlohmann::json& fields = attachment["fields"];
    if (view) {
      fields.push_back(field("Priority", view->priority));
    }
    for (const auto& [title, value] : {std::pair{"User", alert.user},
                                       {"Namespace", alert.name_space},
                                       {"Cluster", alert.cluster},
                                       {"Tags", alert.tags}}) {
      if (!value.empty()) {
        fields.push_back(field(title, value));
      }
    }
    if (view) {
      for (const OriginMember& member : kOriginMembers) {
        if (const std::string value = member.text(*view); !value.empty()) {
          fields.push_back(field(member.title, value));
        }
      }
    }
    nlohmann::json body = {{"attachments", nlohmann::json::array({std::move(attachment)})}};
    for (const auto& [name, value] : {std::pair{"channel", &options_.channel},
                                      {"username", &options_.display_name},
                                      {"icon_url", &options_.icon_url}}) {
      if (!value->empty()) {
        body[name] = *value;
      }
    }
    return body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  }

  const SlackOptions options_;
  HttpPeer peer_;
};

std::unique_ptr<Output> make_slack(const SlackOptions& options, const OutputContext& /*context*/) {
  return std::make_unique<SlackOutput>(options);
}

}  // namespace

const OutputType kSlackOutput = output_type<SlackOptions, &describe_slack, &make_slack>(
    {.name = "slack", .doc = "Posts alerts to Slack, by a webhook or a bot's token."});

}  // namespace tiercel::output
