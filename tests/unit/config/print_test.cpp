#include "tiercel/config/print.h"

#include <cstdlib>
#include <filesystem>
#include <set>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "support.h"

namespace tiercel::config {
namespace {

SharedKinds kinds() { return output::config_kinds(); }

Settings documented() { return settings_with_kinds(kinds(), Shown::kEachOnce); }

Outcome load_file(const std::string& path) {
  Outcome outcome;
  DocumentRequest request;
  request.path = path;
  outcome.loaded = load_settings(request, Purpose::kRun, outcome.diagnostics, kinds());
  return outcome;
}

TEST(Print, ReferenceLoadsWithNothingToSay) {
  const Outcome outcome = load(config_reference(kinds()), {}, Purpose::kRun);
  EXPECT_TRUE(outcome.diagnostics.empty()) << outcome.text();
  EXPECT_TRUE(output_of(outcome.loaded, "stdout").enabled);
}

TEST(Print, ReferenceHoldsTheDefaults) {
  // Printed again after a round trip, only the origins differ.
  Settings defaults = documented();
  for (NamedOutput& output : defaults.outputs.list) {
    output.enabled = output.name == "stdout";
  }
  Settings read = load(config_reference(kinds())).loaded.settings;
  EXPECT_EQ(reference_yaml(describe(read)), reference_yaml(describe(defaults)));
  EXPECT_EQ(effective_yaml(describe(read), {}), effective_yaml(describe(defaults), {}));
}

TEST(Print, ReferenceNamesEveryOption) {
  Settings settings = documented();
  const Schema schema = describe(settings);
  const Origins origins = load(config_reference(kinds())).loaded.origins;
  for (const Option& option : schema.options()) {
    // An empty node (load_plugins: null) keeps the default and has no origin.
    if (option.stability() != Stability::kDeprecated && option.value_text() != "null") {
      EXPECT_EQ(origins.count(option.path()), 1U) << option.path();
    }
  }
}

TEST(Print, ShippedFileLoadsWithNothingToSay) {
  const Outcome outcome = load_file(std::string(TIERCEL_SOURCE_DIR) + "/config/tiercel.yaml");
  EXPECT_TRUE(outcome.diagnostics.empty()) << outcome.text();
  EXPECT_TRUE(outcome.loaded.settings.alerts.json_output);
  EXPECT_TRUE(output_of(outcome.loaded, "file").enabled);
}

TEST(Print, EverySentenceEndsWithAFullStop) {
  Settings settings = documented();
  const Schema schema = describe(settings);
  for (const Option& option : schema.options()) {
    EXPECT_TRUE(option.sentence().ends_with('.')) << option.path();
    if (!option.section().empty()) {
      EXPECT_TRUE(schema.section_sentence(option.section()).ends_with('.')) << option.section();
    }
  }
  for (const CodeRow& row : kCodes) {
    EXPECT_TRUE(row.doc.ends_with('.')) << row.name;
    EXPECT_EQ(&row, &kCodes[static_cast<std::size_t>(row.code)]) << row.name;
  }
}

TEST(Print, ExamplesLoad) {
  Settings settings = documented();
  const Schema schema = describe(settings);
  for (const Option& option : schema.options()) {
    if (!option.example().empty()) {
      const Outcome outcome = load(std::string(option.name()) + ": " + option.example());
      if (option.path().starts_with("outputs.")) {
        continue;  // below
      }
      const Outcome nested = load(std::string(option.section()) + ":\n  " +
                                  std::string(option.name()) + ": " + option.example());
      EXPECT_FALSE((option.section().empty() ? outcome : nested).diagnostics.has_errors())
          << option.path();
    }
  }
}

TEST(Print, ExamplesOfOutputsLoad) {
  Settings settings = settings_with_kinds(kinds(), Shown::kAll);
  const Schema schema = describe(settings);
  std::size_t examples = 0;
  for (const Option& option : schema.options()) {
    if (option.path().starts_with("outputs.") && !option.example().empty()) {
      const std::string kind(option.section().substr(8));
      const Outcome outcome = load("outputs: {x: {type: " + kind + ", " +
                                   std::string(option.name()) + ": " + option.example() + "}}");
      EXPECT_FALSE(outcome.diagnostics.has_errors()) << option.path() << outcome.text();
      ++examples;
    }
  }
  EXPECT_GT(examples, 0U);
}

TEST(Print, SchemaIsJsonAndNamesEveryOption) {
  const nlohmann::json schema = nlohmann::json::parse(config_schema_json(kinds()), nullptr, false);
  ASSERT_TRUE(schema.is_object());
  EXPECT_EQ(schema["properties"]["limits"]["properties"]["max_event"]["default"], "16MiB");
  EXPECT_EQ(schema["properties"]["webserver"]["additionalProperties"], false);
  EXPECT_EQ(schema["properties"]["rules_file"]["deprecated"], true);
  EXPECT_TRUE(schema["properties"].contains("engine"));
  Settings settings = documented();
  const Schema options = describe(settings);
  for (const Option& option : options.options()) {
    if (option.path().starts_with("outputs.")) {
      continue;  // entries have names of the operator's choice
    }
    const nlohmann::json* at = &schema;
    std::string rest = option.path();
    for (std::size_t dot = rest.find('.'); dot != std::string::npos; dot = rest.find('.')) {
      at = &at->at("properties").at(rest.substr(0, dot));
      rest.erase(0, dot + 1);
    }
    ASSERT_TRUE(at->at("properties").contains(rest)) << option.path();
    EXPECT_TRUE(at->at("properties").at(rest).contains("description")) << option.path();
    EXPECT_GE(at->at("properties").at(rest).size(), 2U) << option.path();
  }
}

TEST(Print, SchemaOfOutputsIsChosenByTheirType) {
  const nlohmann::json schema = nlohmann::json::parse(config_schema_json(kinds()), nullptr, false);
  const nlohmann::json& outputs = schema["properties"]["outputs"];
  std::set<std::string> types;
  for (const nlohmann::json& kind : outputs["additionalProperties"]["oneOf"]) {
    EXPECT_EQ(kind["required"], nlohmann::json::array({"type"}));
    EXPECT_EQ(kind["additionalProperties"], false);
    EXPECT_TRUE(kind["properties"].contains("retry_max"));
    types.insert(kind["properties"]["type"]["const"]);
  }
  EXPECT_EQ(types.size(), kinds()->size());
  EXPECT_TRUE(outputs["properties"].contains("rate"));
}

TEST(Print, MarkdownHasARowForEachOption) {
  const std::string markdown = config_markdown(kinds());
  Settings settings = documented();
  const Schema schema = describe(settings);
  for (const Option& option : schema.options()) {
    if (option.stability() != Stability::kDeprecated) {
      EXPECT_NE(markdown.find("| `" + std::string(option.name()) + "` |"), std::string::npos)
          << option.path();
    }
  }
}

TEST(Print, EffectiveValuesHaveOriginsAndAreMasked) {
  struct Secrets {
    std::string token = "default";
    std::string plain = "p";
  } secrets;
  Schema schema;
  Section<Secrets> section(schema, "s", secrets, "Secrets.");
  section.option("token", &Secrets::token, "A token.").secret();
  section.option("plain", &Secrets::plain, "A text.");
  const std::string text = effective_yaml(schema, {{"s.plain", {{"f.yaml", 3, 1}}}});
  EXPECT_EQ(text,
            "s:\n"
            "  token: \"***\"                                    # default\n"
            "  plain: p                                        # f.yaml:3\n");
  const std::string effective = config_effective(load("json_output: true").loaded);
  EXPECT_NE(effective.find("json_output: true                                 # c.yaml:1\n"),
            std::string::npos)
      << effective;
}

// Whoever wrote a password into a URL did not want it in a listing.
TEST(Print, EffectiveValuesShowNoUserAndNoQueryOfAUrl) {
  struct Peers {
    std::string url = "https://u:sekret@h:1/p?token=sekret";
    std::string at = "https://h/a@b";
    std::string plain = "http://[::1]:80/p";
    std::vector<std::string> servers{"nats://sekret@h:1", "u:sek@ret@h:2", "tls://h:3"};
  } peers;
  Schema schema;
  Section<Peers> section(schema, "s", peers, "Peers.");
  section.option("url", &Peers::url, "A URL.");
  section.option("at", &Peers::at, "A URL.");
  section.option("plain", &Peers::plain, "A URL.");
  section.option("servers", &Peers::servers, "URLs.");
  const std::string text = effective_yaml(schema, {});
  for (const char* const shown : {"https://***@h:1/p?***", "http://[::1]:80/p", "nats://***@h:1",
                                  "***@h:2", "tls://h:3", "@b"}) {
    EXPECT_NE(text.find(shown), std::string::npos) << shown << "\n" << text;
  }
  EXPECT_EQ(text.find("sek"), std::string::npos) << text;
}

TEST(Print, MessagesAboutSecretsShowNothing) {
  struct Secrets {
    std::uint32_t pin = 0;
  } secrets;
  Schema schema;
  Section<Secrets> section(schema, "", secrets);
  section.option("pin", &Secrets::pin, "A number.").between(0, 9).secret();
  DocumentRequest request;
  request.path = "c.yaml";
  request.content = "pin: 4711";
  base::Diagnostics diagnostics;
  const Document document = read_document(request, diagnostics);
  Reporter reporter(document.sources, diagnostics);
  ASSERT_TRUE(schema.options().front().read(*document.root.find("pin"), reporter) == false);
  EXPECT_EQ(to_text(diagnostics).find("4711"), std::string::npos) << to_text(diagnostics);
}

// With TIERCEL_UPDATE_DOCS set, writes the files instead of comparing them.
TEST(Print, CommittedFilesAreCurrent) {
  const std::string folder = std::string(TIERCEL_SOURCE_DIR) + "/config";
  if (std::getenv("TIERCEL_UPDATE_DOCS") != nullptr) {
    ASSERT_TRUE(generate_docs(folder, kinds()).has_value());
  }
  EXPECT_EQ(read_text(folder + "/reference.yaml"), config_reference(kinds()));
  EXPECT_EQ(read_text(folder + "/schema.json"), config_schema_json(kinds()) + "\n");
  EXPECT_EQ(read_text(folder + "/README.md"), config_markdown(kinds()));
}

TEST(Print, FolderThatIsNotThereIsAnError) {
  const base::Result<void> written = generate_docs("/nowhere/at/all", kinds());
  ASSERT_FALSE(written.has_value());
  EXPECT_EQ(written.error().code, "write_failed");
}

}  // namespace
}  // namespace tiercel::config
