#include <array>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/stat.h>

#include "exposition.h"
#include "harness.h"
#include "http_client.h"
#include "read_file.h"

namespace tiercel::tests {
namespace {

using support::run_program;

class Admin : public testing::Test {
 protected:
  [[nodiscard]] std::string every_event() const {
    return folder_.write("rules.yaml", every_event_rule());
  }
  static support::HttpAnswer ask(std::uint16_t port, const std::string& request) {
    support::HttpClient client(port);
    client.set_timeout(support::kDeadline);
    return client.exchange(request);
  }
  // `tiercel <command>` of the daemon's configuration.
  static support::ProgramResult command(AuditDaemon& daemon, Lines words, const Lines& more = {}) {
    words.insert(words.end(), {"-c", daemon.folder().path("tiercel.yaml"), "-o",
                               "admin.listen_port=" + std::to_string(daemon.admin_port())});
    words.insert(words.end(), more.begin(), more.end());
    return run_program(words);
  }

  support::TempDir folder_;
};

TEST_F(Admin, AloneServesMetricsAndApi) {
  AuditDaemon daemon({every_event()});
  ASSERT_NE(daemon.admin_port(), 0) << daemon.process().log();
  for (const char* const path :
       {"/metrics", "/status", "/outputs", "/rules", "/versions", "/readyz/events"}) {
    EXPECT_EQ(ask(daemon.port(), support::get(path)).status, 404) << path;
    EXPECT_EQ(ask(daemon.admin_port(), support::get(path)).status, 200) << path;
    EXPECT_EQ(ask(daemon.admin_port(), support::post(path, "{}")).status, 405) << path;
  }
  for (const char* const path : {"/healthz", "/readyz"}) {
    EXPECT_EQ(ask(daemon.port(), support::get(path)).status, 200) << path;
    EXPECT_EQ(ask(daemon.admin_port(), support::get(path)).status, 200) << path;
  }
  EXPECT_EQ(
      ask(daemon.admin_port(), support::post("/k8s_audit", event_list(Lines{small_event("a")})))
          .status,
      404);
}

TEST_F(Admin, AnswersItsOwnHostsOnly) {
  AuditDaemon daemon({every_event()}, {"-o", "admin.allowed_hosts[]=node-1.example.com"});
  ASSERT_NE(daemon.admin_port(), 0) << daemon.process().log();
  const auto status = [&](const std::string& host) {
    return ask(daemon.admin_port(), "GET /metrics HTTP/1.1\r\nHost: " + host + "\r\n\r\n").status;
  };
  EXPECT_EQ(status("localhost:8766"), 200);
  EXPECT_EQ(status("node-1.example.com"), 200);
  EXPECT_EQ(status("evil.example:8766"), 403);
  EXPECT_EQ(ask(daemon.admin_port(), "GET /metrics HTTP/1.0\r\n\r\n").status, 400);
  // A kubelet's probe names the node.
  EXPECT_EQ(ask(daemon.admin_port(), "GET /readyz HTTP/1.1\r\nHost: node-7\r\n\r\n").status, 200);
}

// Every connection of the audit port is taken and hangs.
TEST_F(Admin, IsNotStarvedByTheAuditPort) {
  AuditDaemon daemon({every_event()}, {"-o", "limits.max_connections=4", "-o",
                                       "limits.max_connections_per_peer=4", "-o", "io_threads=1"});
  ASSERT_NE(daemon.port(), 0) << daemon.process().log();
  std::vector<support::HttpClient> hanging;
  for (int at = 0; at < 12; ++at) {
    hanging.emplace_back(daemon.port());
    hanging.back().send(
        "POST /k8s_audit HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
        "Content-Length: 100\r\n\r\n{");
  }
  for (int at = 0; at < 20; ++at) {
    EXPECT_EQ(ask(daemon.admin_port(), support::get("/metrics")).status, 200);
  }
}

TEST_F(Admin, ListensOnASocketBesideThePort) {
  const std::string socket = folder_.path("admin.sock");
  AuditDaemon daemon({every_event()}, {"-o", "admin.socket=" + socket});
  ASSERT_NE(daemon.admin_port(), 0) << daemon.process().log();
  EXPECT_TRUE(daemon.process().wait_for_log("metrics and API on unix:" + socket));
  EXPECT_FALSE(daemon.get("/versions").empty());
  const auto by_socket = command(daemon, {"status"}, {"-o", "admin.socket=" + socket});
  EXPECT_EQ(by_socket.status, 0) << by_socket.err;
  // Who cannot reach the socket still reads at the port.
  const auto by_port =
      command(daemon, {"status"}, {"-o", "admin.socket=" + folder_.path("none.sock")});
  EXPECT_EQ(by_port.status, 0) << by_port.err;
}

TEST_F(Admin, WhatItRefusesIsCountedAndLogged) {
  AuditDaemon daemon({every_event()});
  ASSERT_NE(daemon.admin_port(), 0) << daemon.process().log();
  const auto value = [&](const std::string& name,
                         const std::map<std::string, std::string>& labels) {
    return support::read_exposition(daemon.get("/metrics")).value(name, labels);
  };
  EXPECT_EQ(ask(daemon.admin_port(), "GET /rules HTTP/1.1\r\nHost: evil.example\r\n\r\n").status,
            403);
  EXPECT_EQ(value("tiercel_admin_refused_total", {}), 1);
  EXPECT_TRUE(daemon.process().wait_for_log(
      "admin: GET /rules from 127.0.0.1 was refused: the host 'evil.example' is none"));
  // Of what is turned away the audit port's alone stands for events that did not come in.
  EXPECT_EQ(ask(daemon.admin_port(), support::get("/nowhere")).status, 404);
  EXPECT_EQ(ask(daemon.admin_port(), support::post("/metrics", "{}")).status, 405);
  EXPECT_EQ(value("tiercel_rejected_total", {{"reason", "path"}}), 0);
  EXPECT_EQ(value("tiercel_rejected_total", {{"reason", "method"}}), 0);
  EXPECT_EQ(ask(daemon.port(), support::get("/nowhere")).status, 404);
  EXPECT_EQ(value("tiercel_rejected_total", {{"reason", "path"}}), 1);
}

TEST_F(Admin, TheStartOfTheProcessDoesNotMove) {
  AuditDaemon daemon({every_event()});
  ASSERT_NE(daemon.admin_port(), 0) << daemon.process().log();
  std::set<std::string> times;
  for (int at = 0; at < 5; ++at) {
    const std::string page = daemon.get("/metrics");
    const std::size_t begin = page.find("\nprocess_start_time_seconds ");
    ASSERT_NE(begin, std::string::npos);
    times.insert(page.substr(begin, page.find('\n', begin + 1) - begin));
  }
  EXPECT_EQ(times.size(), 1U);
}

TEST_F(Admin, ListensOnASocketAlone) {
  const std::string socket = folder_.path("admin.sock");
  const std::string alone = "admin={socket: " + socket + ", listen_address: []}";
  AuditDaemon daemon({every_event()}, {"-o", alone});
  ASSERT_NE(daemon.port(), 0) << daemon.process().log();
  EXPECT_TRUE(daemon.process().wait_for_log("metrics and API on unix:" + socket));
  EXPECT_EQ(daemon.process().log().find("metrics and API on http"), std::string::npos);
  struct stat status {};
  ASSERT_EQ(::lstat(socket.c_str(), &status), 0);
  EXPECT_TRUE(S_ISSOCK(status.st_mode));
  EXPECT_EQ(status.st_mode & 0777U, 0600U) << "members of the unit's group adm read logs";
  ASSERT_EQ(daemon.post(event_list(Lines{small_event("a")})), 200);
  const Lines with_socket{"-c", daemon.folder().path("tiercel.yaml"), "-o", alone};
  Lines words{"status", "--json"};
  words.insert(words.end(), with_socket.begin(), with_socket.end());
  const auto shown = run_program(words);
  EXPECT_EQ(shown.status, 0) << shown.err;
  EXPECT_EQ(nlohmann::json::parse(shown.out, nullptr, false)["counters"]["events_total"], 1)
      << shown.out;
  // A second daemon leaves it alone and says what to do.
  const auto second = run_program({"run", "-c", daemon.folder().path("tiercel.yaml"), "-M", "30",
                                   "-o", alone, "-o", "store.path=" + folder_.path("other")});
  EXPECT_EQ(second.status, 1);
  EXPECT_NE(second.err.find("another process listens on this socket"), std::string::npos)
      << second.err;
  EXPECT_NE(second.err.find("admin.socket"), std::string::npos) << second.err;
  daemon.process().signal(SIGTERM);
  EXPECT_EQ(daemon.process().wait(), 0);
  EXPECT_NE(::lstat(socket.c_str(), &status), 0) << "its file is still there";
  const auto gone = run_program(words);
  EXPECT_EQ(gone.status, 1);
  EXPECT_NE(gone.err.find("no daemon answers on " + socket), std::string::npos) << gone.err;
}

TEST_F(Admin, ATakenPortStopsTheStartAndNamesItsSetting) {
  AuditDaemon daemon({every_event()});
  ASSERT_NE(daemon.admin_port(), 0) << daemon.process().log();
  const auto second =
      command(daemon, {"run", "-M", "30"}, {"-o", "store.path=" + folder_.path("other")});
  EXPECT_EQ(second.status, 1);
  EXPECT_NE(second.err.find("set admin.listen_port to a free port"), std::string::npos)
      << second.err;
  EXPECT_NE(second.err.find("(pid " + std::to_string(daemon.process().id()) + ")"),
            std::string::npos)
      << second.err;
}

TEST_F(Admin, RefusesToListenBeyondLoopbackUnlessToldTo) {
  AuditDaemon daemon({every_event()});
  const Lines run{"run", "--dry-run",
                  "-c",  daemon.folder().path("tiercel.yaml"),
                  "-o",  "admin.listen_address=0.0.0.0"};
  const auto refused = run_program(run);
  EXPECT_EQ(refused.status, 1);
  EXPECT_NE(refused.err.find("admin.allow_remote"), std::string::npos) << refused.err;
  Lines told = run;
  told.insert(told.end(), {"-o", "admin.allow_remote=true"});
  const auto allowed = run_program(told);
  EXPECT_EQ(allowed.status, 0) << allowed.err;
  EXPECT_NE(allowed.err.find("whoever reaches it"), std::string::npos) << allowed.err;
}

TEST_F(Admin, MetricsAreInPrometheusFormatAndCount) {
  AuditDaemon daemon({every_event()});
  ASSERT_NE(daemon.admin_port(), 0) << daemon.process().log();
  ASSERT_EQ(daemon.post(event_list(Lines{small_event("a"), small_event("b")})), 200);
  ASSERT_TRUE(daemon.has_delivered());
  EXPECT_EQ(ask(daemon.port(), support::get("/nowhere")).status, 404);
  const support::HttpAnswer answer = ask(daemon.admin_port(), support::get("/metrics"));
  EXPECT_EQ(answer.header("Content-Type"), "text/plain; version=0.0.4; charset=utf-8");
  const support::Scrape scrape = support::read_exposition(answer.body);
  for (const std::string& mistake : scrape.mistakes) {
    ADD_FAILURE() << mistake;
  }
  const std::map<std::string, std::string> file{{"output", "file"}, {"kind", "file"}};
  EXPECT_EQ(scrape.value("tiercel_events_total"), 2);
  EXPECT_EQ(scrape.value("tiercel_batches_total"), 1);
  EXPECT_EQ(scrape.value("tiercel_rejected_total", {{"reason", "path"}}), 1);
  EXPECT_EQ(scrape.value("tiercel_alert_stored_latency_seconds_count"), 2);
  EXPECT_EQ(scrape.value("tiercel_ready"), 1);
  EXPECT_GE(scrape.value("tiercel_open_connections", {{"port", "admin"}}), 1);
  EXPECT_EQ(scrape.families.at("tiercel_rule_matches_total").samples.front().value, 2);
  const auto& delivered = scrape.families.at("tiercel_output_delivered_total").samples;
  ASSERT_EQ(delivered.size(), 1U);
  EXPECT_EQ(delivered.front().value, 2);
  EXPECT_GT(scrape.value("tiercel_last_batch_timestamp_seconds"), 1.7e9);
}

TEST_F(Admin, PromtoolFindsNothingWrong) {
  if (run_program({"/bin/sh", "-c", "command -v promtool"}).status != 0) {
    GTEST_SKIP() << "promtool (package prometheus) is not installed: not checked with it";
  }
  AuditDaemon daemon({every_event()});
  ASSERT_NE(daemon.admin_port(), 0) << daemon.process().log();
  ASSERT_EQ(daemon.post(event_list(Lines{small_event("a")})), 200);
  const std::string scraped = daemon.get("/metrics");
  ASSERT_FALSE(scraped.empty());
  const auto metrics = run_program({"/bin/sh", "-c", "exec promtool check metrics"}, scraped);
  EXPECT_EQ(metrics.status, 0) << metrics.out << metrics.err;
  const auto rules = run_program({"/bin/sh", "-c",
                                  std::string("exec promtool check rules ") + TIERCEL_SOURCE_DIR +
                                      "/packaging/prometheus/tiercel.rules.yaml"});
  EXPECT_EQ(rules.status, 0) << rules.out << rules.err;
}

// What a query names, without functions, labels, durations and numbers: each must be a metric of
// a real scrape.
std::set<std::string> metrics_in(std::string query) {
  query = std::regex_replace(query, std::regex(R"(\{[^}]*\}|\[[^\]]*\]|"[^"]*")"), " ");
  query = std::regex_replace(query, std::regex(R"(\b(by|without|on)\s*\([^)]*\))"), " ");
  const std::regex name(R"((tiercel|process)_[a-z0-9_]+)");
  std::set<std::string> names;
  for (std::sregex_iterator at(query.begin(), query.end(), name), end; at != end; ++at) {
    names.insert(at->str());
  }
  return names;
}

void collect(const nlohmann::json& node, std::set<std::string>& names) {
  if (node.is_object() && node.contains("expr")) {
    const auto found = metrics_in(node["expr"].get<std::string>());
    EXPECT_FALSE(found.empty()) << node["expr"];
    names.insert(found.begin(), found.end());
  }
  if (node.is_object() || node.is_array()) {
    for (const auto& child : node) {
      collect(child, names);
    }
  }
}

TEST_F(Admin, DashboardAndAlertRulesUseMetricsThatExist) {
  AuditDaemon daemon({every_event()}, {"-o", "apiserver_metrics.urls=http://127.0.0.1:1/metrics"});
  // Told once all is open: before, nobody counts connections.
  ASSERT_NE(daemon.port(), 0) << daemon.process().log();
  for (int batch = 0; batch < 10; ++batch) {  // so many until an apiserver's rhythm is known
    ASSERT_EQ(daemon.post(event_list(Lines{small_event("d" + std::to_string(batch))})), 200);
  }
  const support::Scrape scrape = support::read_exposition(daemon.get("/metrics"));
  ASSERT_FALSE(scrape.families.empty());
  const std::string top = std::string(TIERCEL_SOURCE_DIR) + "/packaging/";
  std::set<std::string> names;
  const auto dashboard =
      nlohmann::json::parse(support::read_file(top + "grafana/tiercel.json"), nullptr, false);
  ASSERT_TRUE(dashboard.is_object());
  collect(dashboard, names);
  EXPECT_GT(names.size(), 15U);
  std::size_t alerts = 0;
  std::ifstream rules(top + "prometheus/tiercel.rules.yaml");
  for (std::string line; std::getline(rules, line);) {
    const std::size_t at = line.find("expr: ");
    if (at != std::string::npos) {
      ++alerts;
      const auto found = metrics_in(line.substr(at + 6));
      EXPECT_FALSE(found.empty()) << line;
      names.insert(found.begin(), found.end());
    }
  }
  EXPECT_GT(alerts, 8U);
  for (const char* const name : {"tiercel_apiserver_silent", "tiercel_apiserver_missing_events"}) {
    EXPECT_TRUE(names.contains(name)) << name << " wakes nobody";
  }
  for (std::string name : names) {
    if (name.ends_with("_bucket")) {
      name.resize(name.size() - 7);
    }
    EXPECT_TRUE(scrape.families.contains(name)) << name << " is no metric";
  }
}

TEST_F(Admin, TheStatusIsOneScreen) {
  AuditDaemon daemon({every_event()});
  ASSERT_NE(daemon.admin_port(), 0) << daemon.process().log();
  const auto silent = command(daemon, {"status"});
  EXPECT_EQ(silent.status, 0) << silent.err;
  EXPECT_NE(silent.out.find("fed      no batch since the start"), std::string::npos) << silent.out;
  ASSERT_EQ(daemon.post(event_list(Lines{small_event("a")})), 200);
  ASSERT_TRUE(daemon.has_delivered());
  folder_.write("rules.yaml", "- rule: broken\n  condition: ka.verb =\n");
  daemon.process().signal(SIGHUP);
  ASSERT_TRUE(daemon.process().wait_for_log("not reloaded")) << daemon.process().log();
  std::string out;
  EXPECT_TRUE(support::wait_until([&] {
    out = command(daemon, {"status"}).out;
    return out.find("REFUSED: ") != std::string::npos;
  }));
  EXPECT_NE(out.find(", ready\n"), std::string::npos) << out;
  EXPECT_NE(out.find("; 1 event in 1 batch\n"), std::string::npos) << out;
  EXPECT_NE(out.find("rules    1 in force of 1 loaded, hash "), std::string::npos) << out;
  EXPECT_NE(out.find("lost     nothing\n"), std::string::npos) << out;
  EXPECT_NE(out.find(" delivered, 0 waiting"), std::string::npos) << out;
}

TEST_F(Admin, TheLogCanBeJson) {
  AuditDaemon daemon({every_event()}, {"-o", "log_format=json"});
  ASSERT_NE(daemon.port(), 0) << daemon.process().log();
  EXPECT_EQ(ask(daemon.port(), "GET /\"\x1b[31m\\ HTTP/1.1\r\nHost: a\r\n\r\n").status / 100, 4);
  daemon.process().signal(SIGTERM);
  EXPECT_EQ(daemon.process().wait(), 0);
  std::size_t lines = 0;
  for (const std::string& line : lines_of(daemon.process().log())) {
    // Notes about the configuration stand before it is in force.
    if (line.starts_with('{')) {
      ++lines;
      const auto json = nlohmann::json::parse(line, nullptr, false);
      EXPECT_TRUE(json.is_object() && json.size() == 3 && json.contains("time") &&
                  json.contains("level") && json.contains("message"))
          << line;
    }
  }
  EXPECT_GT(lines, 4U) << daemon.process().log();
}

}  // namespace
}  // namespace tiercel::tests
