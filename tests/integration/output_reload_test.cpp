// A reload begins, exchanges and ends outputs; no alert is lost or comes twice.
#include <atomic>
#include <csignal>
#include <filesystem>
#include <map>
#include <thread>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "harness.h"
#include "read_file.h"

namespace tiercel::tests {
namespace {

int number = 0;

class OutputReload : public testing::Test {
 protected:
  OutputReload() : daemon_({shared_.write("rules.yaml", every_event_rule())}) {
    config_ = support::read_file(daemon_.folder().path("tiercel.yaml"));
  }

  // The configuration with these outputs beside the alert file; the log's last word of it.
  void reload(const std::string& outputs, const std::string& word = "info: reloaded:") {
    const std::size_t before = count(word);
    const std::string next = daemon_.folder().write("next.yaml", config_ + outputs);
    std::filesystem::rename(next, daemon_.folder().path("tiercel.yaml"));
    daemon_.process().signal(SIGHUP);
    ASSERT_TRUE(support::wait_until([&] { return count(word) > before; }))
        << daemon_.process().log();
  }
  [[nodiscard]] std::size_t count(std::string_view text) const {
    const std::string log = const_cast<AuditDaemon&>(daemon_).process().log();
    std::size_t count = 0;
    for (std::size_t at = log.find(text); at != std::string::npos; at = log.find(text, at + 1)) {
      ++count;
    }
    return count;
  }
  [[nodiscard]] std::string entry(const std::string& name, const std::string& more = {}) const {
    return "  " + name + ": {type: file, filename: " + path(name) + more + "}\n";
  }
  [[nodiscard]] std::string path(const std::string& name) const {
    return daemon_.folder().path(name + ".log");
  }
  void post(int events) {
    Lines items;
    for (int at = 0; at < events; ++at) {
      items.push_back(small_event("o" + std::to_string(++number)));
    }
    ASSERT_EQ(daemon_.post(event_list(items)), 200);
  }
  [[nodiscard]] std::map<std::string, int> ids(const std::string& file) const {
    return alerts_by_event(lines_of_file(file));
  }
  [[nodiscard]] std::string outputs_page() { return daemon_.get("/outputs"); }

  support::TempDir shared_;
  AuditDaemon daemon_;
  std::string config_;
};

TEST_F(OutputReload, ANewOutputGetsWhatIsStoredFromThenOn) {
  ASSERT_NE(daemon_.port(), 0) << daemon_.process().log();
  post(3);
  ASSERT_NO_FATAL_FAILURE(reload("outputs:\n" + entry("second")));
  post(4);
  ASSERT_TRUE(daemon_.has_delivered());
  EXPECT_EQ(ids(path("second")).size(), 4U);
  EXPECT_EQ(ids(daemon_.alerts_path()).size(), 7U);
  // The one from before has gone on: it counts from its beginning.
  const auto outputs = nlohmann::json::parse(outputs_page(), nullptr, false);
  ASSERT_EQ(outputs.size(), 2U);
  EXPECT_EQ(outputs[0]["delivered"], 7);
  EXPECT_EQ(outputs[1]["delivered"], 4);
}

TEST_F(OutputReload, AChangedOutputGoesOnWhereItWas) {
  ASSERT_NE(daemon_.port(), 0) << daemon_.process().log();
  ASSERT_NO_FATAL_FAILURE(reload("outputs:\n" + entry("second")));
  post(5);
  ASSERT_TRUE(daemon_.has_delivered());
  ASSERT_NO_FATAL_FAILURE(
      reload("outputs:\n  second: {type: file, filename: " + path("moved") + "}\n"));
  EXPECT_EQ(count("output 'second' has changed and was begun again"), 1U);
  post(6);
  ASSERT_TRUE(daemon_.has_delivered());
  EXPECT_EQ(ids(path("second")).size(), 5U);
  EXPECT_EQ(ids(path("moved")).size(), 6U);
}

TEST_F(OutputReload, AnOutputThatGoesIsToldOf) {
  ASSERT_NE(daemon_.port(), 0) << daemon_.process().log();
  ASSERT_NO_FATAL_FAILURE(reload("outputs:\n" + entry("second")));
  post(5);
  ASSERT_NO_FATAL_FAILURE(reload(""));
  EXPECT_EQ(ids(path("second")).size(), 5U);
  ASSERT_TRUE(support::wait_until([&] { return !daemon_.own_alerts().empty(); }));
  EXPECT_EQ(rule_of(daemon_.own_alerts().front()), "tiercel: store_cursor_removed");
  EXPECT_EQ(output_field(daemon_.own_alerts().front(), "undelivered"), "0");
  EXPECT_EQ(nlohmann::json::parse(outputs_page()).size(), 1U);
  post(2);
  ASSERT_TRUE(daemon_.has_delivered());
  EXPECT_EQ(ids(path("second")).size(), 5U);
}

TEST_F(OutputReload, OneThatCannotBeginKeepsAllAsItWas) {
  ASSERT_NE(daemon_.port(), 0) << daemon_.process().log();
  ASSERT_NO_FATAL_FAILURE(reload("outputs:\n" + entry("second")));
  post(1);
  shared_.write("rules.yaml", every_event_rule("New"));
  // The second would be another, the third is new, and the fourth cannot be.
  ASSERT_NO_FATAL_FAILURE(reload("outputs:\n  second: {type: file, filename: " + path("moved") +
                                     "}\n" + entry("third") +
                                     "  fourth: {type: file, filename: /proc/none/alerts.log}\n",
                                 "not reloaded"));
  ASSERT_TRUE(support::wait_until([&] { return !daemon_.own_alerts().empty(); }));
  EXPECT_EQ(rule_of(daemon_.own_alerts().front()), "tiercel: reload_failed");
  EXPECT_EQ(output_field(daemon_.own_alerts().front(), "file"),
            daemon_.folder().path("tiercel.yaml"));
  EXPECT_EQ(count("output 'fourth'"), 1U) << daemon_.process().log();
  post(1);
  ASSERT_TRUE(daemon_.has_delivered());
  EXPECT_EQ(nlohmann::json::parse(outputs_page()).size(), 2U);
  const Lines alerts = daemon_.new_alerts();
  ASSERT_EQ(alerts.size(), 2U);
  EXPECT_EQ(rule_of(alerts.back()), "Every event");
  EXPECT_EQ(ids(path("second")).size(), 2U);
}

// Its options are the same.
TEST_F(OutputReload, AnOutputWhoseSecretWasReplacedIsBegunAgain) {
  ASSERT_NE(daemon_.port(), 0) << daemon_.process().log();
  const std::string key = shared_.write("key", "first key of the chain");
  const std::string outputs =
      "outputs:\n" + entry("second", ", hash_chain: true, hash_chain_key_file: " + key);
  ASSERT_NO_FATAL_FAILURE(reload(outputs));
  post(2);
  ASSERT_TRUE(daemon_.has_delivered());
  ASSERT_NO_FATAL_FAILURE(reload(outputs));
  EXPECT_EQ(count("output 'second' has changed"), 0U);
  shared_.write("key", "other key of the chain");
  ASSERT_NO_FATAL_FAILURE(reload(outputs));
  EXPECT_EQ(count("output 'second' has changed and was begun again"), 1U);
  post(3);
  ASSERT_TRUE(daemon_.has_delivered());
  EXPECT_EQ(ids(path("second")).size(), 5U);
}

// Nothing is wrong with what it says, and yet it cannot be opened: those that were ended for the
// change are begun again.
TEST_F(OutputReload, OneThatCannotBeOpenedKeepsAllAsItWas) {
  ASSERT_NE(daemon_.port(), 0) << daemon_.process().log();
  ASSERT_NO_FATAL_FAILURE(reload("outputs:\n" + entry("second")));
  post(1);
  std::filesystem::create_directory(path("third"));
  ASSERT_NO_FATAL_FAILURE(
      reload("outputs:\n  second: {type: file, filename: " + path("moved") + "}\n" + entry("third"),
             "not reloaded"));
  EXPECT_EQ(count("output 'third' (outputs.third) cannot start"), 1U) << daemon_.process().log();
  post(2);
  ASSERT_TRUE(daemon_.has_delivered());
  EXPECT_EQ(nlohmann::json::parse(outputs_page()).size(), 2U);
  EXPECT_EQ(ids(path("second")).size(), 3U);
  EXPECT_EQ(ids(daemon_.alerts_path()).size(), 3U);
  std::filesystem::remove(path("third"));
  ASSERT_NO_FATAL_FAILURE(reload("outputs:\n" + entry("second") + entry("third")));
  post(1);
  ASSERT_TRUE(daemon_.has_delivered());
  EXPECT_EQ(ids(path("third")).size(), 1U);
}

TEST_F(OutputReload, WhatIsOfTheProcessChangesToo) {
  ASSERT_NE(daemon_.port(), 0) << daemon_.process().log();
  ASSERT_NO_FATAL_FAILURE(reload("shutdown_timeout: 3s\nlimits: {max_depth: 99}\n"));
  EXPECT_EQ(count("'limits.max_depth' has changed; that needs a restart"), 1U);
  EXPECT_EQ(count("'shutdown_timeout'"), 0U);
  ASSERT_NO_FATAL_FAILURE(
      reload("log_level: warning\nlimits: {max_depth: 98}\n", "'limits.max_depth' has changed"));
  EXPECT_EQ(count("info: reloaded:"), 1U) << "no such line at that level";
}

// Two outputs are exchanged and come and go all the time while batches arrive.
TEST_F(OutputReload, UnderLoadNothingIsLostAndNothingComesTwice) {
  ASSERT_NE(daemon_.port(), 0) << daemon_.process().log();
  ASSERT_NO_FATAL_FAILURE(reload("outputs:\n" + entry("second")));
  std::atomic<bool> is_over{false};
  std::atomic<int> sent{0};
  std::thread load([&] {
    support::HttpClient client(daemon_.port());
    while (!is_over) {
      Lines items;
      for (int at = 0; at < 5; ++at) {
        items.push_back(small_event("load" + std::to_string(sent + at)));
      }
      EXPECT_EQ(client.exchange(support::post("/k8s_audit", event_list(items))).status, 200);
      sent += 5;
    }
  });
  for (int at = 0; at < 40; ++at) {
    const int before = sent;
    EXPECT_TRUE(support::wait_until([&] { return sent > before; }));
    reload("outputs:\n" + entry("second", ", batch_alerts: " + std::to_string(10 + at)) +
           (at % 2 == 0 ? entry("third") : ""));
  }
  is_over = true;
  load.join();
  ASSERT_TRUE(daemon_.has_delivered());
  for (const std::string& file : {daemon_.alerts_path(), path("second"), path("third")}) {
    const auto alerts = ids(file);
    if (file != path("third")) {
      EXPECT_EQ(alerts.size(), static_cast<std::size_t>(sent)) << file;
    }
    for (const auto& [id, times] : alerts) {
      EXPECT_EQ(times, 1) << id << " in " << file;
    }
  }
  EXPECT_FALSE(ids(path("third")).empty());
}

}  // namespace
}  // namespace tiercel::tests
