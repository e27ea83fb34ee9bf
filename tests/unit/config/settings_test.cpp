#include "tiercel/config/settings.h"

#include <gtest/gtest.h>

#include "support.h"

namespace tiercel::config {
namespace {

using Step = RulesSettings::Step;
using Append = AlertSettings::Append;

TEST(Settings, EmptyFileSaysWhatIsMissing) {
  const Outcome outcome = load("", {}, Purpose::kRun);
  EXPECT_EQ(outcome.codes(), "error no_output c.yaml");
  EXPECT_TRUE(outcome.diagnostics.list().front().message.starts_with("No output configured"));
  EXPECT_EQ(outcome.diagnostics.list().front().notes.front(),
            "write: stdout_output: {enabled: true}");
  EXPECT_EQ(load("", {}, Purpose::kOffline).codes(), "");
  EXPECT_EQ(load("stdout_output: {enabled: on}", {}, Purpose::kRun).codes(), "");
  EXPECT_EQ(load("file_output: {enabled: true}", {}, Purpose::kRun).codes(), "");
}

TEST(Settings, DefaultsAreFalcosWhereTheyMatter) {
  const Settings settings;
  EXPECT_FALSE(settings.alerts.json_output);
  EXPECT_TRUE(settings.alerts.json_include_output);
  EXPECT_TRUE(settings.alerts.json_include_tags);
  EXPECT_FALSE(settings.alerts.json_include_message);
  EXPECT_TRUE(settings.alerts.json_include_output_fields);
  EXPECT_EQ(settings.rules.priority, base::Priority::kDebug);
  EXPECT_EQ(settings.rules.matching, RulesSettings::Matching::kFirst);
  EXPECT_EQ(settings.outputs.timeout, std::chrono::milliseconds(2000));
  EXPECT_EQ(settings.webserver.port, 8765U);
}

TEST(Settings, RulesFilesAreAListOrAText) {
  EXPECT_EQ(load("rules_files: /a").loaded.settings.rules.files, std::vector<std::string>{"/a"});
  EXPECT_EQ(load("rules_files: [/a, /b]").loaded.settings.rules.files,
            (std::vector<std::string>{"/a", "/b"}));
  EXPECT_EQ(load("rules_files: []").loaded.settings.rules.files, std::vector<std::string>{});
  EXPECT_EQ(load("rules_files: [[a]]").codes(), "error wrong_type c.yaml:1:15");
  const Outcome old = load("rules_file: [/a]");
  EXPECT_EQ(old.codes(), "warning deprecated_key c.yaml:1:1");
  EXPECT_EQ(old.loaded.settings.rules.files, std::vector<std::string>{"/a"});
  EXPECT_EQ(load("rules_file: /a\nrules_files: /b").codes(),
            "warning deprecated_key c.yaml:1:1\nerror conflict c.yaml:1:13");
  EXPECT_EQ(load("rule_files: /a").codes(), "error refused_key c.yaml:1:1");
}

TEST(Settings, RulesSelectInOrder) {
  const Outcome outcome = load(
      "rules:\n  - disable: {rule: '*'}\n  - enable: {tag: k8s}\n  - enable: {rule: A, tag: b}\n");
  EXPECT_EQ(outcome.codes(), "");
  EXPECT_EQ(outcome.loaded.settings.rules.selection,
            (std::vector<Step>{{false, "*", {}}, {true, {}, "k8s"}, {true, "A", "b"}}));
  const std::vector<std::pair<std::string_view, std::string_view>> mistakes{
      {"rules: {disable: {rule: x}}", "error refused_key c.yaml:1:8"},
      {"rules: [x]", "error wrong_type c.yaml:1:9"},
      {"rules: [{}]", "error bad_value c.yaml:1:9"},
      {"rules: [{enable: {}}]", "error bad_value c.yaml:1:10"},
      {"rules: [{enable: x}]", "error wrong_type c.yaml:1:18"},
      {"rules: [{enable: {rule: [x]}}]", "error wrong_type c.yaml:1:25"},
      {"rules: [{enable: {tag: a}, disable: {tag: b}}]", "error bad_value c.yaml:1:9"},
  };
  for (const auto& [text, codes] : mistakes) {
    EXPECT_EQ(load(text).codes(), codes) << text;
  }
}

TEST(Settings, AppendOutputIsReadInFull) {
  const Outcome outcome = load(R"(append_output:
  - match: {source: k8s_audit, rule: R, tags: [a, b]}
    extra_output: "x=%ka.verb"
    suggested_output: true
    extra_fields: [ka.verb, {who: "%ka.user.name"}]
  - {match: {tags: one}, extra_fields: [a, a]}
)");
  EXPECT_EQ(outcome.codes(), "");
  Append first;
  first.match_source = "k8s_audit";
  first.match_rule = "R";
  first.match_tags = {"a", "b"};
  first.extra_output = "x=%ka.verb";
  first.suggested_output = true;
  first.extra_fields = {{"ka.verb", "", true}, {"who", "%ka.user.name", false}};
  Append second;
  second.match_tags = {"one"};
  second.extra_fields = {{"a", "", true}, {"a", "", true}};
  EXPECT_EQ(outcome.loaded.settings.alerts.append_output, (std::vector<Append>{first, second}));
  // What is printed reads back as the same.
  Settings settings = outcome.loaded.settings;
  const Schema schema = describe(settings);
  EXPECT_EQ(load("append_output: " + schema.find("append_output")->value_text())
                .loaded.settings.alerts.append_output,
            settings.alerts.append_output);
  const std::vector<std::pair<std::string_view, std::string_view>> mistakes{
      {"append_output: {extra_output: x}", "error wrong_type c.yaml:1:16"},
      {"append_output: [{extra: x}]", "error unknown_key c.yaml:1:18"},
      {"append_output: [{match: {tag: x}}]", "error unknown_key c.yaml:1:26"},
      {"append_output: [{suggested_output: 1}]", "error wrong_type c.yaml:1:36"},
      {"append_output: [{extra_fields: [{a: x, b: y}]}]", "error wrong_type c.yaml:1:33"},
      {"append_output: [{extra_fields: [a, {a: x}]}]", "error bad_value c.yaml:1:37"},
      {"append_output: [{extra_fields: x}]", "error wrong_type c.yaml:1:32"},
      {"append_output: [{extra_fields: [{a: [x]}]}]", "error wrong_type c.yaml:1:37"},
  };
  for (const auto& [text, codes] : mistakes) {
    EXPECT_EQ(load(text).codes(), codes) << text;
  }
}

TEST(Settings, StaticFieldsAreTexts) {
  using Pairs = std::vector<std::pair<std::string, std::string>>;
  const Outcome outcome = load("static_fields: {b: 1.50, a: \"${HOME}\", n: ~, t: true}", {},
                               Purpose::kOffline, {{"HOME", "/root"}});
  EXPECT_EQ(outcome.codes(), "");
  EXPECT_EQ(outcome.loaded.settings.alerts.static_fields,
            (Pairs{{"b", "1.50"}, {"a", "/root"}, {"n", "null"}, {"t", "true"}}));
  EXPECT_EQ(load("static_fields: {a: [x]}").codes(), "error wrong_type c.yaml:1:20");
  EXPECT_EQ(load("static_fields: [a]").codes(), "error wrong_type c.yaml:1:16");
}

TEST(Settings, ContradictionsAreErrors) {
  const std::vector<std::pair<std::string_view, std::string_view>> mistakes{
      {"limits: {max_body: 1MiB}", "error conflict c.yaml:1:20"},
      {"limits: {max_connections: 10}", "error conflict c.yaml:1:27"},
      {"store: {commit_interval: 501ms}", "error out_of_bounds c.yaml:1:26"},
      {"store: {append_timeout: 200ms, commit_interval: 200ms}", "error conflict c.yaml:1:25"},
      {"webserver: {listen_address: '::1', k8s_audit_endpoint: /healthz}",
       "error conflict c.yaml:1:56"},
      {"webserver: {listen_address: '::1', ssl_enabled: true, ssl_certificate: ''}",
       "error bad_value c.yaml:1:72"},
      {"webserver: {listen_address: []}", "error bad_value c.yaml:1:29"},
      {"webserver: {listen_address: localhost}", "error bad_value c.yaml:1:29"},
      {"webserver: {listen_address: '::1', k8s_audit_endpoint: audit}",
       "error bad_value c.yaml:1:56"},
      {"webserver: {listen_address: '::1', k8s_healthz_endpoint: '/h?x'}",
       "error bad_value c.yaml:1:58"},
      {"file_output: {filename: ''}", "error bad_value c.yaml:1:25"},
      {"quarantine: {path: ''}", "error bad_value c.yaml:1:20"},
  };
  for (const auto& [text, codes] : mistakes) {
    EXPECT_TRUE(load(text).codes().starts_with(codes)) << text << "\n" << load(text).text();
  }
}

TEST(Settings, IoThreadsFollowTheCores) {
  ProcessSettings settings;
  const std::vector<std::pair<std::uint32_t, std::uint32_t>> cases{
      {0, 1}, {1, 1}, {4, 1}, {8, 2}, {15, 3}, {16, 4}, {128, 4}};
  for (const auto& [cores, want] : cases) {
    EXPECT_EQ(io_threads(settings, cores), want) << cores;
  }
  settings.io_threads = 7;
  EXPECT_EQ(io_threads(settings, 1), 7U);
}

}  // namespace
}  // namespace tiercel::config
