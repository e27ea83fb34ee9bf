#include <algorithm>
#include <limits>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tiercel/output/names.h"

#include "body_template.h"
#include "http_support.h"

namespace tiercel::output {
namespace {

using nlohmann::json;
using support::PeerRequest;
using support::PeerServer;

std::string rendered(const std::string& text, const support::AlertText& alert = {},
                     std::int64_t time = support::HandClock::kStart) {
  const auto parsed = BodyTemplate::parse(text, {{"key", "k\"1"}});
  if (!parsed) {
    return "refused";
  }
  const std::string body = support::alert_body(alert);
  store::StoredAlert one = stored(alert, body);
  one.time = time;
  one.stored = support::HandClock::kStart;
  std::string out;
  parsed->render({&one, {}}, out);
  return out;
}

TEST(BodyTemplate, StandsForMembersFieldsAndConstants) {
  EXPECT_EQ(rendered("${rule}|${priority}|${key}|${ka.user.name}|${no.such}|"),
            "A rule|Warning|k\\\"1|alice||");
  EXPECT_EQ(rendered("${json:tags} ${json:no} ${json:rule} ${json:evt.time}"),
            R"(["k8s"] null "A rule" 1767323045000000000)");
  EXPECT_EQ(rendered("${priority:pagerduty} ${priority:datadog} ${priority:colour}"),
            "warning warning #ffc700");
  EXPECT_EQ(
      rendered("${no.such:-no\"ne}|${rule:-none}|${no.such:3:-none}|${rule:5:-none}|${rule:-}"),
      "no\\\"ne|A rule|\u2026|A \u2026|A rule");
  EXPECT_EQ(rendered("${no.such[a:-b]}|${no.such[a:-b]:-c}", {.fields = {{"no.such[a:-b]", "x"}}}),
            "x|x");
  EXPECT_EQ(rendered("${json:apiserver}"), "null");
  for (const char* const bad : {"${", "${}", "${rule:x}", "${json:rule:5}", "${rule:colour}",
                                "${json:rule:-x}", "${rule:x:-y}"}) {
    EXPECT_EQ(rendered(bad), "refused") << bad;
  }
}

// What the reference lists and `tiercel check` lets pass.
TEST(BodyTemplate, KnowsEachNameThatIsDocumented) {
  const support::AlertText text;
  std::string body = support::alert_body(text);
  body.insert(1, R"("apiserver":"10.0.0.1","rules_hash":"0123",)");
  store::StoredAlert alert = stored(text, body);
  alert.user = "alice";
  alert.name_space = "web";
  alert.cluster = "prod";
  for (const std::string_view name : body_members()) {
    const auto parsed = BodyTemplate::parse("${" + std::string(name) + "}", {});
    ASSERT_TRUE(parsed);
    std::string out;
    parsed->render({&alert, {}}, out);
    EXPECT_FALSE(out.empty()) << name;
  }
  for (const std::string_view name : column_names()) {
    const bool is_there =
        std::find(body_members().begin(), body_members().end(), name) != body_members().end();
    EXPECT_TRUE(is_there || name == "tag") << name;
  }
  for (const ReadyBody& ready : ready_bodies()) {
    const auto parsed = BodyTemplate::parse(ready.body, {{"key", ""}, {"index", ""}, {"name", ""}});
    ASSERT_TRUE(parsed) << ready.kind;
    for (const std::string& name : parsed->names()) {
      EXPECT_NE(std::find(body_members().begin(), body_members().end(), name), body_members().end())
          << ready.kind << " " << name;
    }
  }
}

TEST(BodyTemplate, TellsTimes) {
  EXPECT_EQ(rendered("${time_unix} ${time_ms} ${time_iso}", {}, 1'767'323'045'006'700'000),
            "1767323045.006 1767323045006 2026-01-02T03:04:05.006Z");
  // Of an event without a time that a peer would take: when it was stored.
  for (const std::int64_t time : {std::int64_t{0}, std::int64_t{-1}, std::int64_t{5'000'000},
                                  std::numeric_limits<std::int64_t>::max()}) {
    EXPECT_EQ(rendered("${time_unix} ${time_iso}", {}, time),
              "1767323045.000 2026-01-02T03:04:05.000Z");
  }
}

TEST(BodyTemplate, CutsBetweenEscapesAndCharacters) {
  for (std::size_t most = 3; most < 40; ++most) {
    const std::string text = rendered("\"${message:" + std::to_string(most) + "}\"",
                                      {.message = "a\"\n\x01\u00e9\U0001F600 and more"});
    EXPECT_LE(text.size(), most + 2);
    const json value = json::parse(text, nullptr, false);
    ASSERT_FALSE(value.is_discarded()) << text;
    const auto said = value.get<std::string>();
    EXPECT_TRUE(said.ends_with("\u2026") || said.ends_with("more")) << said;
  }
}

TEST(BodyTemplate, KeepsTheFieldsThatFit) {
  support::AlertText alert;
  alert.fields = {
      {"a.long", std::string(9000, 'x')}, {"b.short", "b"}, {"c.long", std::string(9000, 'y')}};
  const json fields = json::parse(rendered("${json:output_fields:5000}", alert));
  EXPECT_EQ(fields["b.short"], "b");
  EXPECT_LE(fields.dump().size(), 5000U);
  EXPECT_EQ(fields["a.long"].get<std::string>().size(), 4096U);
  EXPECT_FALSE(fields.contains("c.long"));
  EXPECT_EQ(
      json::parse(rendered("${json:output_fields:50000}", alert))["a.long"].get<std::string>(),
      std::string(9000, 'x'));
}

TEST(TemplateOutputs, SplunkIsToldAnIndexOnlyWhereOneIsConfigured) {
  PeerServer peer;
  const HttpKind& kind = http_kind("splunk_hec");
  peer.answer_with(kind.takes);
  HttpOutputUnderTest plain(kind, peer.url(""));
  ASSERT_TRUE(is_taken(plain.deliver("one")));
  EXPECT_FALSE(json::parse(peer.requests().back().body).contains("index"));
  HttpOutputUnderTest named(kind, peer.url(""), {{"index", "audit"}, {"sourcetype", "falco"}});
  ASSERT_TRUE(is_taken(named.deliver("two")));
  const json event = json::parse(peer.requests().back().body);
  EXPECT_EQ(event["index"], "audit");
  EXPECT_EQ(event["sourcetype"], "falco");
  EXPECT_EQ(event["event"]["output_fields"]["ka.user.name"], "alice");
}

// An index that the token may not write to would put each alert among the dead letters.
TEST(TemplateOutputs, SplunkTellsWhatAnOperatorMendsByItsCode) {
  struct Case {
    int code;
    bool is_again;
  };
  PeerServer peer;
  HttpOutputUnderTest output(http_kind("splunk_hec"), peer.url(""));
  for (const Case& one : {Case{5, false}, Case{6, false}, Case{7, true}, Case{10, true},
                          Case{11, true}, Case{12, false}, Case{13, false}, Case{14, true}}) {
    peer.answer_with([&one](const PeerRequest&) {
      return support::PeerAnswer{
          .status = 400, .body = R"({"text":"words","code":)" + std::to_string(one.code) + "}"};
    });
    const Delivery delivery = output.deliver("one");
    EXPECT_EQ(delivery.again.size(), one.is_again ? 1U : 0U) << one.code;
    EXPECT_EQ(delivery.rejected.size(), one.is_again ? 0U : 1U) << one.code;
  }
}

TEST(TemplateOutputs, PagerdutyKnowsAnAlertAgain) {
  PeerServer peer;
  peer.answer_with(http_kind("pagerduty").takes);
  HttpOutputUnderTest output(http_kind("pagerduty"), peer.url(""));
  ASSERT_TRUE(is_taken(output.deliver("one")));
  ASSERT_TRUE(is_taken(output.deliver("one")));
  const json first = json::parse(peer.requests()[0].body);
  EXPECT_EQ(first, json::parse(peer.requests()[1].body));
  EXPECT_EQ(first["dedup_key"], "00000000000000000000000000000001");
  EXPECT_EQ(first["payload"]["severity"], "warning");
}

}  // namespace
}  // namespace tiercel::output
