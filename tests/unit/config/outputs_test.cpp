// `outputs`: any number of outputs, each of a kind; Falco's sections beside them.
#include <gtest/gtest.h>

#include "support.h"

namespace tiercel::config {
namespace {

TEST(Outputs, FalcosSectionsAreOutputsNamedAfterTheirKind) {
  const Outcome outcome = load(
      "file_output: {enabled: true, filename: /x, keep_alive: true}\n"
      "syslog_output: {enabled: true}\n");
  EXPECT_EQ(outcome.codes(), "");
  EXPECT_TRUE(output_of(outcome.loaded, "file").enabled);
  EXPECT_EQ(output_of(outcome.loaded, "file").kind, "file");
  EXPECT_TRUE(output_of(outcome.loaded, "syslog").enabled);
  EXPECT_FALSE(output_of(outcome.loaded, "stdout").enabled);
}

TEST(Outputs, EntriesHaveNamesAndOptionsOfTheirKind) {
  const Outcome outcome = load(
      "outputs:\n"
      "  archive: {type: file, filename: /a, format: json, max_age: 0s}\n"
      "  second-archive: {type: file, filename: /b, minimum_priority: Critical, enabled: false}\n",
      {"outputs.archive.batch_alerts=7"}, Purpose::kRun);
  EXPECT_EQ(outcome.codes(), "");
  const NamedOutput archive = output_of(outcome.loaded, "archive");
  EXPECT_TRUE(archive.enabled);
  EXPECT_EQ(archive.kind, "file");
  EXPECT_EQ(archive.section, "outputs.archive");
  EXPECT_EQ(archive.delivery.format, DeliverySettings::Format::kJson);
  EXPECT_EQ(archive.delivery.batch_alerts, 7U);
  EXPECT_EQ(archive.delivery.max_age.count(), 0);
  const NamedOutput second = output_of(outcome.loaded, "second-archive");
  EXPECT_FALSE(second.enabled);
  EXPECT_EQ(second.delivery.minimum_priority, base::Priority::kCritical);
}

TEST(Outputs, MistakesAreToldWithTheirPlace) {
  struct Case {
    std::string text;
    std::string codes;
    std::string help;
  };
  const std::vector<Case> cases{
      {"outputs: {a: {filename: /x}}", "error bad_value c.yaml:1:11", "write type:"},
      {"outputs: {a: {type: fiel}}", "error bad_value c.yaml:1:21", "did you mean 'file'?"},
      {"outputs: {a: {type: carrier}}", "error bad_value c.yaml:1:21", "there are stdout"},
      {"outputs: {a: {type: file, wait: 1h}}", "error unknown_key c.yaml:1:27",
       "did you mean 'batch_wait'?"},
      {"outputs: {a: {type: file, filenam: /x}}", "error unknown_key c.yaml:1:27",
       "did you mean 'filename'?"},
      {"outputs: {a: {type: file, retry_max: 1}}", "error wrong_type c.yaml:1:38", ""},
      {"outputs: {file: {type: file}}", "error conflict c.yaml:1:11", "choose another name"},
      {"outputs: {A/B: {type: file}}", "error bad_value c.yaml:1:11", "lower-case"},
      {"outputs: {a: {type: file, retry_min: 2h, retry_max: 1m}}",
       "error out_of_bounds c.yaml:1:38", ""},
      {"outputs: {a: {type: file, retry_min: 2m, retry_max: 1m}}", "error conflict c.yaml:1:38",
       ""},
  };
  for (const Case& one : cases) {
    const Outcome outcome = load(one.text);
    EXPECT_EQ(outcome.codes(), one.codes) << one.text << "\n" << outcome.text();
    EXPECT_NE(outcome.text().find(one.help), std::string::npos) << outcome.text();
  }
}

TEST(Outputs, NumbersOfAnOldFalcoAreNoOutputs) {
  const Outcome outcome = load("outputs: {rate: 1, max_burst: 1000, a: {type: stdout}}");
  EXPECT_FALSE(outcome.diagnostics.has_errors()) << outcome.text();
  EXPECT_TRUE(output_of(outcome.loaded, "a").enabled);
}

TEST(Outputs, TooManyAreRefused) {
  std::string text = "outputs:\n";
  for (int at = 0; at < 200; ++at) {
    text += "  o" + std::to_string(at) + ": {type: stdout}\n";
  }
  EXPECT_TRUE(load(text).diagnostics.has_errors());
}

TEST(Outputs, ASourceOtherThanTheWebhookIsEnough) {
  for (const char* const source : {"file_source", "stdin_source", "socket_source"}) {
    const std::string text = "webserver: {enabled: false}\nstdout_output: {enabled: true}\n" +
                             std::string(source) + ": {enabled: true}\n";
    EXPECT_EQ(load(text, {}, Purpose::kRun).codes(), "") << text;
  }
}

}  // namespace
}  // namespace tiercel::config
