// Slack, Teams, Discord, Mattermost.
#include <regex>

#include "vendor_check.h"

namespace tiercel::support {

namespace {

using Json = VendorCheck::Json;
using Need = VendorCheck::Need;

bool is_colour(const Json& value) {
  static const std::regex kColour("#[0-9a-fA-F]{6}");
  return value.is_string() && std::regex_match(value.get<std::string>(), kColour);
}

// & < > stand only for themselves where they are escaped, and for markup where not: none of our
// values may make any.
bool is_slack_escaped(const std::string& text) {
  static const std::regex kBad("[<>]|&(?!(amp|lt|gt);)");
  return !std::regex_search(text, kBad);
}

void check_slack_attachment(VendorCheck& check, const Json& attachment) {
  check.only(attachment, {"color", "fallback", "title", "text", "ts", "footer", "fields"});
  check.expect(is_colour(at(attachment, "color")), "`color` is no colour");
  check.text(attachment, "fallback", 20'000);
  check.text(attachment, "title", 1'500);
  check.text(attachment, "text", 20'000);
  check.text(attachment, "footer", 300);
  check.expect(at(attachment, "ts").is_number_integer(), "`ts` is no number");
  const Json fields = list_at(attachment, "fields");
  check.expect(fields.is_array() && fields.size() <= 10, "over ten fields");
  for (const Json& field : fields) {
    check.only(field, {"title", "value", "short"});
    check.text(field, "title", 200);
    check.text(field, "value", 10'000);
    check.expect(at(field, "short").is_boolean(), "`short` is no boolean");
    check.expect(is_slack_escaped(text_at(field, "value")), "a field makes markup");
  }
  for (const char* const name : {"title", "text", "fallback"}) {
    check.expect(is_slack_escaped(text_at(attachment, name)),
                 "`" + std::string(name) + "` makes markup");
  }
}

void check_card(VendorCheck& check, const Json& card) {
  check.only(card, {"$schema", "type", "version", "body", "actions", "msteams"});
  check.one_of(card, "type", {"AdaptiveCard"});
  check.one_of(card, "version", {"1.0", "1.1", "1.2", "1.3", "1.4", "1.5"});
  const Json body = list_at(card, "body");
  check.expect(body.is_array() && !body.empty(), "the card has no body");
  for (const Json& element : body) {
    check.one_of(element, "type", {"TextBlock", "FactSet"});
    if (text_at(element, "type") == "TextBlock") {
      check.text(element, "text", 28 * 1024);
      check.expect(at(element, "wrap") == true, "a long text does not wrap");
    } else {
      for (const Json& fact : list_at(element, "facts")) {
        check.only(fact, {"title", "value"});
        check.text(fact, "title", 1024);
        check.text(fact, "value", 28 * 1024, Need::kOptional);
      }
    }
  }
}

void check_embed(VendorCheck& check, const Json& embed) {
  check.only(embed, {"title", "type", "description", "url", "timestamp", "color", "footer", "image",
                     "thumbnail", "author", "fields"});
  check.text(embed, "title", 256);
  check.text(embed, "description", 4096);
  check.time(embed, "timestamp", Need::kOptional);
  const Json colour = at(embed, "color");
  check.expect(colour.is_number_integer() && colour >= 0 && colour <= 0xFFFFFF,
               "`color` is no number of a colour");
  std::size_t characters =
      utf16_units(text_at(embed, "title")) + utf16_units(text_at(embed, "description"));
  const Json fields = list_at(embed, "fields");
  check.expect(fields.is_array() && fields.size() <= 25, "over 25 fields");
  for (const Json& field : fields) {
    check.only(field, {"name", "value", "inline"});
    check.text(field, "name", 256);
    check.text(field, "value", 1024);
    characters += utf16_units(text_at(field, "name")) + utf16_units(text_at(field, "value"));
  }
  check.expect(characters <= 6000, "an embed has over 6000 characters");
}

}  // namespace

Complaints check_slack(const PeerRequest& request) {
  VendorCheck check(request);
  check.posted("application/json");
  const bool is_api = request.target == "/api/chat.postMessage";
  check.expect(is_api || request.target.starts_with("/services/"), "the path is " + request.target);
  const Json body = check.body();
  check.only(body, {"channel", "username", "icon_url", "icon_emoji", "text", "attachments"});
  if (is_api) {
    check.header("authorization", "Bearer ");
    check.text(body, "channel", 80);
    const std::string type = request.header("content-type");
    check.expect(type.find("charset=utf-8") != std::string::npos, "no charset is named");
  }
  const Json attachments = list_at(body, "attachments");
  check.expect(attachments.is_array() && !attachments.empty() && attachments.size() <= 100,
               "no attachment, or over 100");
  for (const Json& attachment : attachments) {
    check_slack_attachment(check, attachment);
  }
  check.expect(request.body.size() <= 100'000, "the body is over 100 KB");
  return check.complaints();
}

Complaints check_teams(const PeerRequest& request) {
  VendorCheck check(request);
  check.posted("application/json");
  check.expect(request.body.size() <= std::size_t{28} << 10U, "the message is over 28 KB");
  const Json body = check.body();
  check.only(body, {"type", "attachments", "summary"});
  check.one_of(body, "type", {"message"});
  const Json attachments = list_at(body, "attachments");
  check.expect(attachments.is_array() && attachments.size() == 1, "there is not one card");
  for (const Json& attachment : attachments) {
    check.only(attachment, {"contentType", "contentUrl", "content", "name"});
    check.one_of(attachment, "contentType", {"application/vnd.microsoft.card.adaptive"});
    check.expect(at(attachment, "contentUrl").is_null(), "`contentUrl` is not null");
    check.object(attachment, "content");
    check_card(check, object_at(attachment, "content"));
  }
  return check.complaints();
}

Complaints check_discord(const PeerRequest& request) {
  VendorCheck check(request);
  check.posted("application/json");
  check.expect(request.target.starts_with("/api/webhooks/"), "the path is " + request.target);
  const Json body = check.body();
  check.only(body,
             {"content", "username", "avatar_url", "tts", "embeds", "allowed_mentions", "flags"});
  check.text(body, "content", 2000, Need::kOptional);
  if (body.is_object() && body.contains("username")) {
    check.text(body, "username", 80);
    for (const char* const word : {"discord", "clyde"}) {
      check.expect(text_at(body, "username").find(word) == std::string::npos,
                   std::string("`username` contains ") + word);
    }
  }
  const Json embeds = list_at(body, "embeds");
  check.expect(embeds.is_array() && embeds.size() <= 10, "over ten embeds");
  check.expect(!embeds.empty() || body.contains("content"), "neither content nor embeds");
  check.expect(body.is_object() && at(body, "allowed_mentions") == Json({{"parse", Json::array()}}),
               "a value could mention somebody");
  for (const Json& embed : embeds) {
    check_embed(check, embed);
  }
  return check.complaints();
}

Complaints check_mattermost(const PeerRequest& request) {
  VendorCheck check(request);
  check.posted("application/json");
  check.expect(request.target.starts_with("/hooks/"), "the path is " + request.target);
  const Json body = check.body();
  check.only(body, {"text", "channel", "username", "icon_url", "icon_emoji", "attachments", "type",
                    "props", "priority"});
  const Json attachments = list_at(body, "attachments");
  check.expect(attachments.is_array() && !attachments.empty(), "neither text nor attachments");
  for (const Json& attachment : attachments) {
    check.only(attachment, {"fallback", "color", "pretext", "text", "author_name", "title",
                            "title_link", "fields", "image_url", "footer"});
    check.text(attachment, "fallback", 16'383);
    check.text(attachment, "text", 16'383);
    check.text(attachment, "title", 1024);
    check.expect(is_colour(at(attachment, "color")), "`color` is no colour");
    for (const Json& field : list_at(attachment, "fields")) {
      check.only(field, {"title", "value", "short"});
      check.text(field, "title", 1024);
      check.text(field, "value", 4096, Need::kOptional);
      check.expect(at(field, "short").is_boolean(), "`short` is no boolean");
    }
  }
  return check.complaints();
}

}  // namespace tiercel::support
