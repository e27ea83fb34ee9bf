#include "tiercel/config/reader.h"

#include <gtest/gtest.h>

#include "support.h"

namespace tiercel::config {
namespace {

// `value` at the option's place, as a document.
std::string document_with(const Option& option, const std::string& value) {
  const std::string line = std::string(option.name()) + ": " + value + "\n";
  return option.section().empty() ? line : std::string(option.section()) + ":\n  " + line;
}

// The number in a form whose unit is the bound's own.
std::string in_base_unit(const Option& option, std::uint64_t number) {
  return std::to_string(number) +
         (std::holds_alternative<std::chrono::milliseconds*>(option.target()) ? "ms" : "");
}

// Without what other options have to say about the value.
bool has_code(const Outcome& outcome, std::string_view code) {
  for (const base::Diagnostic& diagnostic : outcome.diagnostics.list()) {
    if (diagnostic.code == code) {
      return true;
    }
  }
  return false;
}

TEST(Options, EveryBoundHoldsOnBothSides) {
  Settings settings;
  const Schema schema = describe(settings);
  std::size_t bounded = 0;
  for (const Option& option : schema.options()) {
    if (!option.low() || !option.high()) {
      continue;
    }
    ++bounded;
    for (const std::uint64_t inside : {*option.low(), *option.high()}) {
      const Outcome outcome = load(document_with(option, in_base_unit(option, inside)));
      EXPECT_FALSE(has_code(outcome, "out_of_bounds")) << option.path() << "\n" << outcome.text();
      EXPECT_EQ(outcome.loaded.origins.count(option.path()), 1U) << option.path();
    }
    const Outcome above = load(document_with(option, in_base_unit(option, *option.high() + 1)));
    EXPECT_TRUE(has_code(above, "out_of_bounds")) << option.path();
    if (*option.low() > 0) {
      const Outcome below = load(document_with(option, in_base_unit(option, *option.low() - 1)));
      EXPECT_TRUE(has_code(below, "out_of_bounds")) << option.path();
    } else {
      EXPECT_TRUE(load(document_with(option, "-1")).diagnostics.has_errors()) << option.path();
    }
  }
  EXPECT_GT(bounded, 20U);
}

TEST(Options, EveryNumberAndSizeHasBounds) {
  Settings settings;
  const Schema schema = describe(settings);
  for (const Option& option : schema.options()) {
    const bool needs_bounds = std::holds_alternative<std::uint32_t*>(option.target()) ||
                              std::holds_alternative<base::ByteSize*>(option.target()) ||
                              std::holds_alternative<std::chrono::milliseconds*>(option.target());
    EXPECT_EQ(option.low().has_value() && option.high().has_value(), needs_bounds) << option.path();
  }
}

TEST(Options, EveryOptionRefusesAnotherType) {
  Settings settings;
  const Schema schema = describe(settings);
  for (const Option& option : schema.options()) {
    const bool takes_map = std::holds_alternative<TextPairs*>(option.target());
    const Outcome outcome = load(document_with(option, takes_map ? "[x]" : "{x: {y: z}}"));
    EXPECT_TRUE(outcome.diagnostics.has_errors()) << option.path();
    EXPECT_EQ(outcome.diagnostics.list().front().location.line, option.section().empty() ? 1U : 2U)
        << option.path();
  }
}

TEST(Options, EveryChoiceTakesItsNamesAndNoOther) {
  Settings settings;
  const Schema schema = describe(settings);
  for (const Option& option : schema.options()) {
    const Choice* const choice = std::get_if<Choice>(&option.target());
    if (choice == nullptr) {
      continue;
    }
    for (const std::string& name : choice->names) {
      EXPECT_FALSE(load(document_with(option, name)).diagnostics.has_errors()) << option.path();
    }
    EXPECT_TRUE(load(document_with(option, "nonsense")).codes().find("error bad_value") !=
                std::string::npos)
        << option.path();
  }
  EXPECT_EQ(load("priority: WARNING").loaded.settings.rules.priority, base::Priority::kWarning);
  EXPECT_EQ(load("priority: Info").loaded.settings.rules.priority, base::Priority::kInformational);
  EXPECT_EQ(load("rule_matching: ALL").loaded.settings.rules.matching,
            RulesSettings::Matching::kAll);
  // Falco too takes log levels in lower case only.
  EXPECT_EQ(load("log_level: Info").codes(), "error bad_value c.yaml:1:12");
}

TEST(Reader, ReadsBooleansAsFalcoDoes) {
  struct Case {
    std::string_view text;
    bool valid;
    bool value;
  };
  const std::vector<Case> cases{
      {"true", true, true},       {"True", true, true},     {"TRUE", true, true},
      {"yes", true, true},        {"Yes", true, true},      {"YES", true, true},
      {"on", true, true},         {"On", true, true},       {"ON", true, true},
      {"y", true, true},          {"Y", true, true},        {"false", true, false},
      {"\"False\"", true, false}, {"FALSE", true, false},   {"no", true, false},
      {"off", true, false},       {"n", true, false},       {"N", true, false},
      {"1", false, false},        {"0", false, false},      {"tRue", false, false},
      {"yEs", false, false},      {"", false, false},       {"\"\"", false, false},
      {"t", false, false},        {"[true]", false, false},
  };
  for (const Case& c : cases) {
    const Outcome outcome = load("json_output: " + std::string(c.text));
    EXPECT_EQ(
        outcome.codes(),
        c.valid ? "" : "error wrong_type c.yaml:" + std::string(c.text.empty() ? "1:1" : "1:14"))
        << c.text;
    EXPECT_EQ(outcome.loaded.settings.alerts.json_output, c.value) << c.text;
  }
}

TEST(Reader, ReadsNumbers) {
  struct Case {
    std::string_view text;
    std::string_view code;
    std::uint32_t value;
  };
  const std::vector<Case> cases{
      {"8765", "", 8765},
      {"0x1F90", "", 8080},
      {"010", "", 8},
      {"\"99\"", "", 99},
      {"+7", "", 7},
      {"0", "", 0},
      {"-0", "", 0},
      {"65536", "out_of_bounds", 0},
      {"-1", "out_of_bounds", 0},
      {"1.5", "wrong_type", 0},
      {"99999999999999999999999", "out_of_bounds", 0},
      {"08", "wrong_type", 0},
      {"0x", "wrong_type", 0},
      {"1e3", "wrong_type", 0},
      {"8765 x", "wrong_type", 0},
      {"--1", "wrong_type", 0},
      {"", "wrong_type", 0},
  };
  for (const Case& c : cases) {
    const Outcome outcome =
        load("webserver: {listen_address: 127.0.0.1, listen_port: " + std::string(c.text) + "}");
    if (c.code.empty()) {
      EXPECT_EQ(outcome.codes(), "") << c.text;
      EXPECT_EQ(outcome.loaded.settings.webserver.port, c.value) << c.text;
    } else {
      ASSERT_EQ(outcome.diagnostics.list().size(), 1U) << c.text;
      EXPECT_EQ(outcome.diagnostics.list().front().code, c.code) << c.text;
      EXPECT_EQ(outcome.loaded.settings.webserver.port, 8765U) << c.text;
    }
  }
}

TEST(Reader, ReadsSizesAndDurations) {
  const Settings settings =
      load(
          "limits: {max_event: 1MiB, max_body: 67108864, idle_timeout: 1h30m, "
          "min_body_rate: 0}\noutput_timeout: 1500\nshutdown_timeout: 5s\n")
          .loaded.settings;
  EXPECT_EQ(settings.limits.max_event.bytes, 1U << 20U);
  EXPECT_EQ(settings.limits.max_body.bytes, 64U << 20U);
  EXPECT_EQ(settings.limits.idle_timeout, std::chrono::minutes(90));
  EXPECT_EQ(settings.limits.min_body_rate.bytes, 0U);
  EXPECT_EQ(settings.outputs.timeout, std::chrono::milliseconds(1500));
  EXPECT_EQ(settings.process.shutdown_timeout, std::chrono::seconds(5));
  EXPECT_EQ(load("output_timeout: 2s").loaded.settings.outputs.timeout, std::chrono::seconds(2));
  // ★ In Falco this silently becomes 2000.
  EXPECT_EQ(load("output_timeout: 1.5").codes(), "error wrong_type c.yaml:1:17");
  EXPECT_EQ(load("shutdown_timeout: 20").codes(), "error wrong_type c.yaml:1:19");
  EXPECT_EQ(load("limits: {max_event: big}").codes(), "error wrong_type c.yaml:1:21");
}

TEST(Reader, UnknownKeysComeWithTheNearestName) {
  struct Case {
    std::string_view text;
    std::string_view codes;
    std::string_view note;
  };
  const std::vector<Case> cases{
      {"json_outptu: true", "error unknown_key c.yaml:1:1", "did you mean 'json_output'?"},
      {"webserver:\n  listen_address: 127.0.0.1\n  listen_prot: 1", "error unknown_key c.yaml:3:3",
       "did you mean 'listen_port'?"},
      {"http_output: {ulr: x}", "error unknown_key c.yaml:1:15", "did you mean 'url'?"},
      {"limit: {}", "error unknown_key c.yaml:1:1", "did you mean 'limits'?"},
      {"metrics: {intervall: 1h}", "error unknown_key c.yaml:1:11", "did you mean 'interval'?"},
      {"wholly_different_thing: 1", "error unknown_key c.yaml:1:1", ""},
      {"webserver.listen_port: 1", "error unknown_key c.yaml:1:1", ""},
      {"<<: {json_output: true}", "error unknown_key c.yaml:1:1", ""},
      {"rules: [{disabel: {rule: x}}]", "error unknown_key c.yaml:1:10", "did you mean 'disable'?"},
  };
  for (const Case& c : cases) {
    const Outcome outcome = load(c.text);
    EXPECT_TRUE(outcome.codes().starts_with(c.codes)) << c.text << "\n" << outcome.text();
    const auto& notes = outcome.diagnostics.list().front().notes;
    EXPECT_EQ(notes.empty() ? "" : notes.front(), c.note) << c.text;
  }
}

TEST(Reader, EmptySectionsAndListsSayNothing) {
  EXPECT_EQ(load("limits:\nrules:\nappend_output:\nplugins:\nload_plugins:\nstatic_fields:\n"
                 "rules_files:\nconfig_files:\nhttp_output:\n")
                .codes(),
            "");
  EXPECT_EQ(load("limits: 5").codes(), "error wrong_type c.yaml:1:9");
  EXPECT_EQ(load("file_output: {filename: }").codes(), "error wrong_type c.yaml:1:15");
}

TEST(Reader, EmptyExpansionIsExplained) {
  const Outcome outcome = load("output_timeout: ${UNSET}");
  ASSERT_EQ(outcome.codes(), "error wrong_type c.yaml:1:17");
  EXPECT_EQ(outcome.diagnostics.list().front().notes.back(),
            "the text is empty; where it is an environment variable, it is not set");
  EXPECT_EQ(load("output_timeout: ${T}", {}, Purpose::kOffline, {{"T", "30"}})
                .loaded.settings.outputs.timeout,
            std::chrono::milliseconds(30));
}

TEST(Reader, PrintsMistakesWithLineAndCaret) {
  EXPECT_EQ(load("json_output: true\nio_threads: 999\n").text(),
            "c.yaml:2:13: error: 'io_threads' must be at least 0 and at most 256, not 999 "
            "[out_of_bounds]\n"
            "  io_threads: 999\n"
            "              ^\n"
            "1 error, 0 warnings\n");
}

}  // namespace
}  // namespace tiercel::config
