#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "http_support.h"

namespace tiercel::output {
namespace {

using nlohmann::json;
using support::PeerRequest;
using support::PeerServer;
using Options = HttpKind::Options;

support::AlertList three() {
  support::AlertList list;
  for (const char* const message : {"one", "two", "three"}) {
    add(list, {.message = message});
  }
  return list;
}

TEST(HttpOutput, PostsTheAlertAsItIsStored) {
  PeerServer peer;
  HttpOutputUnderTest output(http_kind("http"), peer.url(""));
  const support::AlertList list = three();
  EXPECT_TRUE(is_taken(output.deliver(list)));
  ASSERT_EQ(peer.requests().size(), 3U);
  EXPECT_EQ(peer.requests()[1].body + "\n", list.alerts()[1].body);
  EXPECT_EQ(peer.requests()[1].header("user-agent"), "falcosecurity/falco");
  // Quotes around the URL are Falco's way.
  HttpOutputUnderTest quoted("http", {{"url", "'" + peer.url("/") + "'"}});
  EXPECT_TRUE(is_taken(quoted.deliver("four")));
}

TEST(HttpOutput, KeepsTheOrderWhereOneFails) {
  PeerServer peer;
  peer.answer_with([](const PeerRequest& request) {
    return support::PeerAnswer{.status = request.body.find("two") != std::string::npos ? 503 : 200};
  });
  HttpOutputUnderTest output(http_kind("http"), peer.url(""));
  EXPECT_EQ(output.deliver(three()).again, (std::vector<std::size_t>{1, 2}));
  EXPECT_EQ(peer.requests().size(), 2U);
}

TEST(HttpOutput, BatchesAsAnArrayOrAsLines) {
  PeerServer peer;
  HttpOutputUnderTest array(http_kind("http"), peer.url(""), {{"batch", "array"}});
  EXPECT_TRUE(is_taken(array.deliver(three())));
  PeerRequest request = peer.requests().back();
  EXPECT_EQ(request.header("content-type"), "application/json");
  EXPECT_EQ(json::parse(request.body).size(), 3U);

  HttpOutputUnderTest lines(http_kind("http"), peer.url(""), {{"batch", "lines"}});
  EXPECT_TRUE(is_taken(lines.deliver(three())));
  request = peer.requests().back();
  EXPECT_EQ(request.header("content-type"), "application/x-ndjson");
  EXPECT_EQ(std::count(request.body.begin(), request.body.end(), '\n'), 3);

  // Text alerts in an array are texts.
  HttpOutputUnderTest texts(http_kind("http"), peer.url(""), {{"batch", "array"}});
  texts.format().json = false;
  EXPECT_TRUE(is_taken(texts.deliver(three())));
  request = peer.requests().back();
  EXPECT_EQ(request.header("content-type"), "application/json");
  EXPECT_EQ(json::parse(request.body)[1], "03:04:05.000000000: Warning two");
  EXPECT_EQ(peer.requests().size(), 3U);
}

TEST(HttpOutput, WrapsCloudEvents) {
  PeerServer peer;
  const support::AlertList list = support::recorded_alerts(3);
  for (const Options& options : {Options{{"cloudevents", "structured"}},
                                 Options{{"cloudevents", "structured"}, {"batch", "array"}},
                                 Options{{"cloudevents", "binary"}}}) {
    HttpOutputUnderTest output(http_kind("http"), peer.url(""), options);
    EXPECT_TRUE(is_taken(output.deliver(list)));
  }
  EXPECT_EQ(peer.requests().size(), 24U + 1U + 24U);
  for (const PeerRequest& request : peer.requests()) {
    EXPECT_EQ(support::joined(support::check_cloud_events(request)), "") << request.body;
  }
  const json event = json::parse(peer.requests().front().body);
  EXPECT_EQ(event["id"], event["data"]["alert_id"]);
  EXPECT_EQ(event["subject"], event["data"]["rule"]);
  const PeerRequest last = peer.requests().back();
  EXPECT_EQ(last.header("ce-id"), json::parse(last.body)["alert_id"]);
}

TEST(HttpOutput, OptionsThatContradictEachOtherAreAMistake) {
  PeerServer peer;
  for (const Options& options :
       {Options{{"cloudevents", "binary"}, {"batch", "lines"}},
        Options{{"cloudevents", "structured"}, {"batch", "lines"}},
        Options{{"cloudevents", "structured"}, {"body", "{}"}}, Options{{"body", "${"}}}) {
    HttpOutputUnderTest output("http", http_kind("http").options_for(peer.url(""), options));
    EXPECT_FALSE(output->open());
  }
}

TEST(HttpOutput, SendsABodyOfOnesOwn) {
  PeerServer peer;
  HttpOutputUnderTest output(
      http_kind("http"), peer.url(""),
      {{"body",
        R"({"text":"${rule}: ${message:10}","fields":${json:output_fields},"n":${json:no}})"},
       {"content_type", "application/x-own"}});
  EXPECT_TRUE(is_taken(output.deliver("said \"something\"")));
  const PeerRequest request = peer.requests().back();
  EXPECT_EQ(request.header("content-type"), "application/x-own");
  EXPECT_EQ(json::parse(request.body),
            json({{"text", "A rule: said \"\u2026"},
                  {"fields", {{"evt.time", support::HandClock::kStart}, {"ka.user.name", "alice"}}},
                  {"n", nullptr}}));
}

}  // namespace
}  // namespace tiercel::output
