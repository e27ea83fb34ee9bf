// What falco.yaml may hold: section by section, and the file itself.
#include <cstdlib>
#include <filesystem>

#include <gtest/gtest.h>

#include "support.h"

namespace tiercel::config {
namespace {

TEST(Falco, KeysWithoutMeaningAreNamedInOneWarning) {
  const Outcome outcome = load(
      "engine: {kind: modern_ebpf, kmod: {buf_size_preset: 4}, replay: {capture_file: \"\"}}\n"
      "buffered_outputs: false\noutputs_queue: {capacity: 0}\n"
      "webserver: {listen_address: 127.0.0.1, threadiness: 4}\noutputs: {rate: 1}\n");
  EXPECT_EQ(outcome.codes(), "warning ignored_keys c.yaml:1:1");
  const base::Diagnostic& diagnostic = outcome.diagnostics.list().front();
  EXPECT_EQ(diagnostic.message,
            "no effect here: engine, buffered_outputs, outputs_queue, webserver.threadiness, "
            "outputs.rate");
  EXPECT_EQ(diagnostic.notes,
            std::vector<std::string>{"webserver.threadiness: the number of threads is io_threads"});
}

TEST(Falco, AnOutputThatDoesNotExistStopsTheStart) {
  EXPECT_EQ(load("grpc_output: {enabled: false}").codes(), "");
  const Outcome outcome = load("grpc_output: {enabled: true}");
  ASSERT_EQ(outcome.diagnostics.list().size(), 1U);
  EXPECT_EQ(outcome.diagnostics.list().front().code, "not_there_yet");
  EXPECT_TRUE(outcome.diagnostics.has_errors());
  EXPECT_EQ(outcome.diagnostics.list().front().notes.size(), 1U);
}

TEST(Falco, ItsOutputsAreOurs) {
  for (const std::string kind : {"stdout", "file", "syslog", "program", "http"}) {
    const std::string name = kind + "_output";
    EXPECT_EQ(load(name + ": {enabled: false}").codes(), "") << name;
    const Outcome outcome = load(name + ": {enabled: true}");
    EXPECT_EQ(outcome.codes(), "") << name;
    EXPECT_TRUE(output_of(outcome.loaded, kind).enabled) << name;
    EXPECT_EQ(load(name + ": {enabled: 1}").diagnostics.list().front().code, "wrong_type") << name;
    EXPECT_EQ(load(name + ": {enabeld: true}").diagnostics.list().front().code, "unknown_key")
        << name;
  }
}

TEST(Falco, MetricsAreElsewhere) {
  EXPECT_EQ(load("metrics: {enabled: false, interval: 1h}").codes(), "");
  EXPECT_EQ(load("metrics: {enabled: true, interval: 1h}").codes(),
            "warning ignored_keys c.yaml:1:11");
  EXPECT_EQ(load("webserver: {listen_address: '::1', prometheus_metrics_enabled: true}").codes(),
            "warning ignored_keys c.yaml:1:36");
  EXPECT_EQ(load("watch_config_files: true").codes(), "");
  EXPECT_EQ(load("watch_config_files: false").codes(), "");
}

TEST(Falco, WhatWouldLoseEventsIsRefused) {
  EXPECT_EQ(load("engine: {kind: replay}").codes(),
            "warning ignored_keys c.yaml:1:1\nerror refused_key c.yaml:1:10");
  EXPECT_EQ(load("engine: {replay: {capture_file: /x.scap}}").codes(),
            "warning ignored_keys c.yaml:1:1\nerror refused_key c.yaml:1:19");
  EXPECT_FALSE(load("engine: {kind: kmod, some: {new: key}}").diagnostics.has_errors());
}

TEST(Falco, ShippedFileLoads) {
  const char* const fixtures = std::getenv("TIERCEL_EXTERNAL_FIXTURES");
  if (fixtures == nullptr) {
    GTEST_SKIP() << "TIERCEL_EXTERNAL_FIXTURES names no folder with Falco's falco.yaml";
  }
  std::string path = std::string(fixtures) + "/falco.yaml";
  if (!std::filesystem::exists(path)) {
    path = std::string(fixtures) + "/falco/falco.yaml";
  }
  if (!std::filesystem::exists(path)) {
    GTEST_SKIP() << "no falco.yaml in " << fixtures;
  }
  DocumentRequest request;
  request.path = path;
  // Its port is open to all, which ours is in words only.
  Outcome open;
  open.loaded = load_settings(request, Purpose::kRun, open.diagnostics, output::config_kinds());
  EXPECT_EQ(open.diagnostics.count(base::Severity::kError), 1U) << open.text();
  EXPECT_NE(open.codes().find("error unauthenticated"), std::string::npos) << open.codes();
  Outcome quiet;
  request.overrides = {"webserver.allow_unauthenticated=true"};
  quiet.loaded = load_settings(request, Purpose::kRun, quiet.diagnostics, output::config_kinds());
  EXPECT_TRUE(output_of(quiet.loaded, "syslog").enabled);
  EXPECT_TRUE(output_of(quiet.loaded, "stdout").enabled);
  EXPECT_FALSE(quiet.diagnostics.has_errors()) << quiet.text();
  EXPECT_EQ(quiet.diagnostics.count(base::Severity::kWarning), 2U) << quiet.text();
  EXPECT_EQ(quiet.loaded.settings.rules.files.size(), 3U);
  ASSERT_EQ(quiet.loaded.settings.alerts.append_output.size(), 1U);
  EXPECT_TRUE(quiet.loaded.settings.alerts.append_output.front().suggested_output);
  EXPECT_EQ(listeners(quiet.loaded.settings).size(), 1U);
}

}  // namespace
}  // namespace tiercel::config
