#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "http_support.h"

namespace tiercel::output {
namespace {

using nlohmann::json;
using support::PeerAnswer;
using support::PeerRequest;
using support::PeerServer;

HttpKind::Options api(const PeerServer& peer) {
  return http_kind("slack").options_for(peer.url(""));
}

TEST(SlackOutput, ShowsAnAlertWithoutAnyMarkupOfItsValues) {
  PeerServer peer;
  peer.answer_with(http_kind("slack").takes);
  HttpOutputUnderTest output("slack", api(peer));
  support::AlertList list;
  add(list, {.rule = "R & D", .message = "<!channel> said <https://evil|good>"});
  list.back().user = "<@U1>";
  ASSERT_TRUE(is_taken(output.deliver(list)));
  const json body = json::parse(peer.requests().back().body);
  EXPECT_EQ(body["channel"], "#alerts");
  EXPECT_EQ(body["username"], "tiercel");
  const json attachment = body["attachments"][0];
  EXPECT_EQ(attachment["color"], "#ffc700");
  EXPECT_EQ(attachment["title"], "R &amp; D");
  EXPECT_EQ(attachment["text"], "&lt;!channel&gt; said &lt;https://evil|good&gt;");
  EXPECT_EQ(attachment["ts"], 1'767'323'045);
  EXPECT_EQ(attachment["fields"][0],
            json({{"title", "Priority"}, {"value", "Warning"}, {"short", true}}));
  EXPECT_EQ(attachment["fields"][1]["value"], "&lt;@U1&gt;");
}

// Whoever fills a text with & must not make it vanish: its escapes count as bytes, not as text.
TEST(SlackOutput, ATextOfEscapesIsCutAndNotEmptied) {
  PeerServer peer;
  peer.answer_with(http_kind("slack").takes);
  HttpOutputUnderTest output("slack", api(peer));
  for (const char* const piece : {"&", "<", "&\u00e9", "a&\U0001F600"}) {
    support::AlertList list;
    std::string text;
    while (text.size() < 20'000) {
      text += piece;
    }
    add(list, {.rule = text, .message = "who did what: " + text});
    ASSERT_TRUE(is_taken(output.deliver(list)));
    const PeerRequest request = peer.requests().back();
    EXPECT_EQ(support::joined(http_kind("slack").check(request)), "") << piece;
    const json attachment = json::parse(request.body)["attachments"][0];
    const auto shown = attachment["text"].get<std::string>();
    EXPECT_TRUE(shown.starts_with("who did what: ")) << piece;
    EXPECT_GT(shown.size(), 5000U) << piece;
    EXPECT_LE(shown.size(), 4U * 2900U) << piece;
    EXPECT_TRUE(shown.ends_with("\u2026")) << piece;
    EXPECT_GT(attachment["title"].get<std::string>().size(), 250U) << piece;
  }
}

// chat.postMessage says 200 to everything.
TEST(SlackOutput, TheApisAnswerDecidesAndNotItsStatus) {
  PeerServer peer;
  HttpOutputUnderTest output("slack", api(peer));
  const auto said = [&](const std::string& body) {
    peer.answer_with([&body](const PeerRequest&) { return PeerAnswer{.body = body}; });
    return output.deliver("one");
  };
  EXPECT_TRUE(is_taken(said(R"({"ok":true})")));
  for (const char* const error :
       {"invalid_auth", "channel_not_found", "ratelimited", "fatal_error"}) {
    const Delivery delivery = said(R"({"ok":false,"error":")" + std::string(error) + "\"}");
    EXPECT_EQ(delivery.again.size(), 1U) << error;
    ASSERT_TRUE(delivery.error);
    EXPECT_NE(delivery.error->text().find(error), std::string::npos) << delivery.error->text();
  }
  EXPECT_EQ(said(R"({"ok":false,"error":"msg_too_long"})").rejected.size(), 1U);
  EXPECT_EQ(said("<html>a proxy's page</html>").again.size(), 1U);
}

TEST(SlackOutput, AWebhookSaysOk) {
  PeerServer peer;
  std::string said = "ok";
  peer.answer_with([&said](const PeerRequest&) { return PeerAnswer{.body = said}; });
  HttpOutputUnderTest output("slack", {{"webhook_url", peer.url("/services/T/B/x")}});
  EXPECT_TRUE(is_taken(output.deliver("one")));
  EXPECT_EQ(peer.requests().back().header("authorization"), "");
  said = R"({"ok":true})";
  EXPECT_TRUE(is_taken(output.deliver("two")));
  said = "";
  EXPECT_EQ(output.deliver("three").again.size(), 1U);
}

TEST(SlackOutput, ATokenNeedsAChannel) {
  HttpOutputUnderTest without("slack", {{"token", "xoxb-1"}});
  EXPECT_FALSE(without->open());
  HttpOutputUnderTest with("slack", {{"token", "xoxb-1"}, {"channel", "#a"}});
  EXPECT_TRUE(with->open());
  HttpOutputUnderTest nothing("slack", {});
  EXPECT_FALSE(nothing->open());
}

}  // namespace
}  // namespace tiercel::output
