#include "tiercel/config/routing_settings.h"

#include <array>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tiercel/config/load.h"
#include "tiercel/config/print.h"
#include "tiercel/config/schema.h"

#include "routing_outcome.h"

namespace tiercel::config {
namespace {

using tests::load;
using tests::Outcome;
using tests::silence_with;
using Operator = MatcherSettings::Operator;
using Names = std::vector<std::string>;

RoutingSettings read(std::string_view text) {
  const Outcome outcome = load(text);
  EXPECT_EQ(outcome.codes(), "") << outcome.text();
  return outcome.loaded.settings.routing;
}

std::string print_matcher(const MatcherSettings& matcher) {
  constexpr std::array<std::string_view, 4> kOperators{"=", "!=", "=~", "!~"};
  std::string out = matcher.name + std::string(kOperators[static_cast<std::size_t>(matcher.op)]);
  for (std::size_t at = 0; at < matcher.values.size(); ++at) {
    out += (at == 0 ? "" : ",") + matcher.values[at];
  }
  return out;
}

std::string print_matchers(const std::vector<MatcherSettings>& matchers) {
  std::string out;
  for (const MatcherSettings& matcher : matchers) {
    out += (out.empty() ? "" : " & ") + print_matcher(matcher);
  }
  return out;
}

TEST(RoutingSettings, NothingIsGivenByDefault) {
  for (const std::string_view text : {"", "routes:\nsilences:\n"}) {
    const RoutingSettings routing = read(text);
    EXPECT_FALSE(routing.is_given);
    EXPECT_TRUE(routing.silences.empty());
  }
  EXPECT_TRUE(read("routes: {}").is_given);
}

constexpr std::string_view kFull = R"(routes:
  outputs: [file, stdout]
  group_by: [rule, ka.target.namespace]
  group_wait: 30s
  group_interval: 5m
  template: "%rule"
  routes:
    - matchers:
        - rule="Attach/Exec Pod"
        - 'priority=~"critical|emergency"'
        - ka.target.namespace!="kube-system"
      match: {tag: [a, b], namespace: kube-system}
      continue: true
      output: slack
      routes:
        - receiver: [pager]
          group_by: "..."
          group_wait: 0
    - {}
silences:
  - id: s
    match: {user: bob}
    outputs: slack
    starts: 2026-01-02T03:04:05Z
    ends: 2026-01-02T05:04:05.5+01:00
    owner: jane
    comment: "why: \"this\""
)";

TEST(RoutingSettings, TreeIsReadInFull) {
  const Outcome outcome = load(kFull);
  EXPECT_FALSE(outcome.diagnostics.has_errors()) << outcome.text();
  const RoutingSettings& routing = outcome.loaded.settings.routing;
  EXPECT_TRUE(routing.is_given);
  EXPECT_EQ(routing.root().outputs, (Names{"file", "stdout"}));
  EXPECT_EQ(routing.root().group_by, (Names{"rule", "ka.target.namespace"}));
  EXPECT_EQ(routing.root().group_wait, std::chrono::seconds(30));
  EXPECT_EQ(routing.root().group_interval, std::chrono::minutes(5));
  EXPECT_EQ(routing.root().message_template, "%rule");
  ASSERT_EQ(routing.root().routes.size(), 2U);
  const RouteSettings& first = routing.routes[1];
  EXPECT_EQ(print_matchers(first.matchers),
            "rule=Attach/Exec Pod & priority=~critical|emergency & "
            "ka.target.namespace!=kube-system & tag=a,b & namespace=kube-system");
  EXPECT_EQ(first.matchers[0].location, (base::Location{"c.yaml", 9, 11}));
  EXPECT_TRUE(first.goes_on);
  EXPECT_EQ(first.outputs, Names{"slack"});
  EXPECT_LT(first.group_wait.count(), 0);
  EXPECT_TRUE(first.group_by.empty());
  ASSERT_EQ(first.routes, (std::vector<std::size_t>{2}));
  const RouteSettings& below = routing.routes[2];
  EXPECT_EQ(below.outputs, Names{"pager"});
  EXPECT_EQ(below.group_by, Names{"..."});
  EXPECT_EQ(below.group_wait.count(), 0);
  ASSERT_EQ(routing.silences.size(), 1U);
  const SilenceSettings& silence = routing.silences[0];
  EXPECT_EQ(silence.id, "s");
  EXPECT_EQ(print_matchers(silence.matchers), "user=bob");
  EXPECT_EQ(silence.outputs, Names{"slack"});
  EXPECT_EQ(silence.starts, 1'767'323'045'000'000'000);
  EXPECT_EQ(silence.ends, 1'767'326'645'500'000'000);
  EXPECT_EQ(silence.owner, "jane");
  EXPECT_EQ(silence.comment, "why: \"this\"");
  EXPECT_EQ(silence.location.line, 21U);
}

std::string printed(Settings settings, std::string_view path) {
  return describe(settings).find(path)->value_text();
}

TEST(RoutingSettings, WhatIsPrintedReadsBackAsTheSame) {
  const std::vector<std::string> texts{
      std::string(kFull),
      "routes: {}",
      R"(routes: {routes: [{matchers: ['a=~"x\\.y\"\\\\d"', 'b[c d]="1,2"', '"q r"!~z']}]})",
      R"(routes: {routes: [{match: {a: "", b: [x]}}, {matchers: ["a=\"1\n2\""]}]})",
  };
  for (const std::string& text : texts) {
    const Settings settings = load(text).loaded.settings;
    const std::string routes = printed(settings, "routes");
    const std::string silences = printed(settings, "silences");
    const Outcome again = load("routes: " + routes + "\nsilences: " + silences);
    EXPECT_FALSE(again.diagnostics.has_errors()) << again.text();
    EXPECT_EQ(printed(again.loaded.settings, "routes"), routes);
    EXPECT_EQ(printed(again.loaded.settings, "silences"), silences);
  }
  EXPECT_EQ(printed(Settings{}, "routes"), "null");
  EXPECT_EQ(printed(Settings{}, "silences"), "[]");
}

TEST(RoutingSettings, MatchersAreWrittenAsInAlertmanager) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {R"(a="b")", "a=b"},
      {R"(a = "b")", "a=b"},
      {R"(  a=~b|c  )", "a=~b|c"},
      {R"(a!=)", "a!="},
      {R"(a="")", "a="},
      {R"(a!~"x.*",b="y")", "a!~x.* & b=y"},
      {R"({a="b", c=d,})", "a=b & c=d"},
      {R"(a=b c)", "a=b c"},
      {R"(a="b,c")", "a=b,c"},
      {R"(a="\"\\\d")", R"(a="\\d)"},
      {R"(ka.uri.param[x=y]="z")", "ka.uri.param[x=y]=z"},
      {R"("any name"="z")", "any name=z"},
      {R"(a=~"x{2}")", "a=~x{2}"},
  };
  for (const auto& [text, want] : cases) {
    const RoutingSettings routing =
        read("routes: {routes: [{matchers: [" + nlohmann::json(text).dump() + "]}]}");
    ASSERT_EQ(routing.root().routes.size(), 1U) << text;
    EXPECT_EQ(print_matchers(routing.routes[1].matchers), want) << text;
  }
  for (const std::string text :
       {"", "a", "a==b", "=b", "a=\"b", "a=\"b\"c", "a=b\"c\"", "a[b=c", "a<b", "a=b,,c=d", "{}",
        "{a=b", "\"\"=x", "a b=c", "a=~", ",a=b"}) {
    const Outcome outcome =
        load("routes: {routes: [{matchers: [" + nlohmann::json(text).dump() + "]}]}");
    // An empty regular expression is one: only absent texts match.
    EXPECT_EQ(outcome.codes(), text == "a=~" ? "" : "error bad_value c.yaml:1:31") << text;
  }
}

TEST(RoutingSettings, MistakesAreErrorsWithAPlace) {
  const std::vector<std::pair<std::string, std::string_view>> mistakes{
      {"routes: [a]", "error wrong_type c.yaml:1:9"},
      {"routes: {output: [a], outputs: [b]}", "error conflict c.yaml:1:18"},
      {"routes: {route: []}", "error unknown_key c.yaml:1:10"},
      {"routes: {outputs: []}", "error bad_value c.yaml:1:19"},
      {"routes: {outputs: ['']}", "error bad_value c.yaml:1:19"},
      {"routes: {outputs: {a: b}}", "error wrong_type c.yaml:1:19"},
      {"routes: {outputs: [[a]]}", "error wrong_type c.yaml:1:20"},
      {"routes: {matchers: ['a=b']}", "error bad_value c.yaml:1:20"},
      {"routes: {match: {a: b}}", "error bad_value c.yaml:1:17"},
      {"routes: {continue: true}", "error bad_value c.yaml:1:20"},
      {"routes: {group_by: []}", "error bad_value c.yaml:1:20"},
      {"routes: {group_by: [rule, '...']}", "error conflict c.yaml:1:20"},
      {"routes: {group_wait: 5}", "error wrong_type c.yaml:1:22"},
      {"routes: {group_wait: 8d}", "error out_of_bounds c.yaml:1:22"},
      {"routes: {group_interval: 999ms}", "error out_of_bounds c.yaml:1:26"},
      {"routes: {template: [a]}", "error wrong_type c.yaml:1:20"},
      {"routes: {template: " + std::string(16385, 'x') + "}", "error out_of_bounds c.yaml:1:20"},
      {"routes: {routes: {}}", "error wrong_type c.yaml:1:18"},
      {"routes: {routes: [a]}", "error wrong_type c.yaml:1:19"},
      {"routes: {routes: [{continue: maybe}]}", "error wrong_type c.yaml:1:30"},
      {"routes: {routes: [{matchers: {a: b}}]}", "error wrong_type c.yaml:1:30"},
      {"routes: {routes: [{matchers: [[a]]}]}", "error wrong_type c.yaml:1:31"},
      {"routes: {routes: [{match: [a]}]}", "error wrong_type c.yaml:1:27"},
      {"routes: {routes: [{match: {a: []}}]}", "error bad_value c.yaml:1:31"},
      {"silences: {}", "error wrong_type c.yaml:1:11"},
      {"silences: [a]", "error wrong_type c.yaml:1:12"},
      {silence_with("owner: o, comment: c"), "error bad_value c.yaml:1:12"},
      {silence_with("ends: 2020-01-01T00:00:00Z, comment: c"),
       "note bad_value c.yaml:1:37\nerror bad_value c.yaml:1:12"},
      {silence_with("ends: 2020-01-01T00:00:00Z, owner: '', comment: c"), "error bad_value"},
      {silence_with("ends: tomorrow, owner: o, comment: c"), "error bad_value c.yaml:1:37"},
      {silence_with("ends: 2020-01-01, owner: o, comment: c"), "error bad_value c.yaml:1:37"},
      {silence_with("ends: [a], owner: o, comment: c"), "error wrong_type c.yaml:1:37"},
      {silence_with("end: x, ends: 2020-01-01T00:00:00Z, owner: o, comment: c"),
       "error unknown_key c.yaml:1:31"},
      {silence_with(
           "starts: 2020-01-01T00:00:00Z, ends: 2019-01-01T00:00:00Z, owner: o, comment: c"),
       "error conflict c.yaml:1:67"},
  };
  for (const auto& [text, codes] : mistakes) {
    const Outcome outcome = load(text);
    EXPECT_TRUE(outcome.diagnostics.has_errors()) << text;
    // Notes on silences of the past stand beside some.
    const std::string first(codes.substr(codes.rfind('\n') + 1));
    EXPECT_NE(outcome.codes().find(first), std::string::npos) << text << "\n" << outcome.text();
  }
}

TEST(RoutingSettings, MessagesSayWhatToWrite) {
  const auto says = [](const std::string& text, std::string_view want) {
    const std::string said = load(text).text();
    EXPECT_NE(said.find(want), std::string::npos) << said;
  };
  says("routes: {grup_by: [a]}", "did you mean 'group_by'?");
  says("silences: [{macthers: []}]", "did you mean 'matchers'?");
  says("routes: {routes: [{matchers: [a]}]}",
       "for example: 'ka.target.namespace!=\"kube-system\"'");
  says(silence_with("owner: o, comment: c"), "for example: ends: 2026-01-31T18:00:00Z");
  says(silence_with("ends: 2020-01-01T00:00:00"), "with +01:00 for Z");
  says(silence_with("ends: 2020-01-01T00:00:00Z"), "a silence needs 'owner': who answers for it");
  says(silence_with("ends: 2020-01-01T00:00:00Z"), "a silence needs 'comment': why it is there");
  says("silences: [{id: a}, {id: a}]", "there is a silence with the id 'a' already");
}

std::string nested(std::size_t below_root) {
  std::string text = "routes: {";
  for (std::size_t level = 0; level < below_root; ++level) {
    text += "routes: [{";
  }
  text += "outputs: [a]";
  for (std::size_t level = 0; level < below_root; ++level) {
    text += "}]";
  }
  return text + "}";
}

std::string many(std::string_view head, std::string_view element, std::size_t count) {
  std::string text(head);
  for (std::size_t at = 0; at < count; ++at) {
    text += element;
    text += ", ";
  }
  return text + "]";
}

TEST(RoutingSettings, SizesAreBounded) {
  EXPECT_EQ(load(nested(15)).codes(), "");
  EXPECT_TRUE(load(nested(16)).codes().starts_with("error too_deep"));
  constexpr std::string_view kRoute = "{outputs: a}";
  EXPECT_EQ(load(many("routes: {routes: [", kRoute, 1000) + "}").codes(), "");
  EXPECT_TRUE(load(many("routes: {routes: [", kRoute, 1001) + "}")
                  .codes()
                  .starts_with("error out_of_bounds"));
  constexpr std::string_view kSilence =
      "{match: {a: b}, ends: 2020-01-01T00:00:00Z, owner: o, comment: c}";
  EXPECT_FALSE(load(many("silences: [", kSilence, 1000)).diagnostics.has_errors());
  EXPECT_EQ(load(many("silences: [", kSilence, 1001)).codes(), "error out_of_bounds c.yaml:1:11");
  EXPECT_FALSE(load(many("routes: {group_by: [", "a", 32) + "}").diagnostics.has_errors());
  EXPECT_TRUE(load(many("routes: {group_by: [", "a", 33) + "}").diagnostics.has_errors());
  const std::string match_1000 = many("routes: {routes: [{match: {a: [", "a", 1000) + "}}]}";
  EXPECT_EQ(load(match_1000).codes(), "");
  EXPECT_TRUE(
      load(many("routes: {routes: [{match: {a: [", "a", 1001) + "}}]}").diagnostics.has_errors());
  EXPECT_EQ(load(many("routes: {routes: [{matchers: [", "a=b", 100) + "}]}").codes(), "");
  EXPECT_TRUE(
      load(many("routes: {routes: [{matchers: [", "a=b", 101) + "}]}").diagnostics.has_errors());
}

TEST(RoutingSettings, OptionsAreLiveAndTheirExamplesLoad) {
  Settings settings;
  const Schema schema = describe(settings);
  for (const std::string_view path : {"routes", "silences"}) {
    const Option* const option = schema.find(path);
    ASSERT_NE(option, nullptr);
    EXPECT_TRUE(option->is_live());
    EXPECT_TRUE(option->sentence().ends_with('.'));
    const Outcome outcome = load(std::string(path) + ": " + option->example());
    EXPECT_FALSE(outcome.diagnostics.has_errors()) << outcome.text();
  }
}

TEST(RoutingSettings, JsonSchemaNamesEveryKey) {
  Settings settings;
  const nlohmann::json root =
      nlohmann::json::parse(json_schema(describe(settings)), nullptr, false);
  ASSERT_TRUE(root.is_object());
  const nlohmann::json& routes = root["properties"]["routes"];
  const nlohmann::json& route = routes["definitions"]["route"]["properties"];
  for (const char* const key : {"matchers", "match", "continue", "outputs", "output", "receiver",
                                "group_by", "group_wait", "group_interval", "template", "routes"}) {
    ASSERT_TRUE(route.contains(key)) << key;
    if (route[key].contains("$ref")) {
      const std::string pointer = route[key]["$ref"].get<std::string>().substr(1);
      EXPECT_TRUE(root.contains(nlohmann::json::json_pointer(pointer))) << pointer;
    }
  }
  const nlohmann::json& silence = root["properties"]["silences"]["items"];
  EXPECT_EQ(silence["required"], (nlohmann::json{"ends", "owner", "comment"}));
}

}  // namespace
}  // namespace tiercel::config
