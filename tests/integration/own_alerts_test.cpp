// What the daemon tells of its own blindness.
#include <atomic>

#include "http_client.h"
#include "peer_server.h"
#include "selfcheck.h"

namespace tiercel::tests {
namespace {

TEST_F(SelfCheck, AnAlertNamesTheApiserver) {
  AuditDaemon daemon({folder_.write("rules.yaml", every_event_rule())},
                     {"-o", "json_include_apiserver_property=true"});
  ASSERT_NE(daemon.port(), 0) << daemon.process().log();
  ASSERT_EQ(daemon.post(event_list(Lines{small_event("e1")})), 200);
  const Lines alerts = daemon.new_alerts();
  ASSERT_EQ(alerts.size(), 1U);
  EXPECT_EQ(json::parse(alerts[0])["apiserver"], "127.0.0.1") << alerts[0];
  EXPECT_EQ(status_of(daemon)["apiservers"][0]["address"], "127.0.0.1");
  EXPECT_EQ(status_of(daemon)["apiservers"][0]["events"], 1);
  ASSERT_EQ(daemon.post("no JSON"), 200);
  ASSERT_TRUE(has_own(daemon, "tiercel: not_json")) << daemon.process().log();
  const json own = json::parse(daemon.own_alerts().back());
  EXPECT_EQ(own["apiserver"], "127.0.0.1") << own;
  EXPECT_EQ(own["output_fields"]["peer"], "127.0.0.1") << own;
}

TEST_F(SelfCheck, ASilenceAndItsEndAreTold) {
  AuditDaemon daemon({folder_.write("rules.yaml", every_event_rule())}, {"-o", "watch.silence=1s"});
  ASSERT_NE(daemon.port(), 0) << daemon.process().log();
  for (int batch = 0; batch < 10; ++batch) {
    ASSERT_EQ(daemon.post(event_list(Lines{small_event("e" + std::to_string(batch))})), 200);
  }
  EXPECT_TRUE(has_own(daemon, "tiercel: silent")) << daemon.process().log();
  ASSERT_EQ(daemon.post(event_list(Lines{small_event("again")})), 200);
  EXPECT_TRUE(has_own(daemon, "tiercel: heard_again")) << daemon.process().log();
}

// A balancer that asks /readyz must go on sending: only what is sent shows that it flows again.
TEST_F(SelfCheck, ReadinessOfEventsIsWhetherTheyFlowOrNoneAreDue) {
  AuditDaemon daemon({folder_.write("rules.yaml", every_event_rule())}, {"-o", "watch.silence=1s"});
  ASSERT_NE(daemon.port(), 0) << daemon.process().log();
  support::HttpAnswer answer;
  ASSERT_NE(daemon.admin_port(), 0);
  const auto ask = [&](const std::string& path) {
    support::HttpClient client(daemon.admin_port());
    client.set_timeout(support::kDeadline);
    return answer = client.exchange(support::get(path));
  };
  const auto comes = [&](int status, const std::string& part) {
    return support::wait_until([&] {
      (void)ask("/readyz/events");
      return answer.status == status && answer.body.find(part) != std::string::npos;
    });
  };
  EXPECT_TRUE(comes(503, "from anywhere since the start")) << answer.body;
  ASSERT_EQ(daemon.post(event_list(Lines{small_event("first")})), 200);
  EXPECT_TRUE(comes(200, "\"expected_apiservers\": 0")) << answer.body;
  for (int batch = 0; batch < 9; ++batch) {
    ASSERT_EQ(daemon.post(event_list(Lines{small_event("e" + std::to_string(batch))})), 200);
  }
  EXPECT_TRUE(comes(503, "no audit events have come from the apiserver 127.0.0.1 since 20"))
      << answer.body;
  EXPECT_EQ(ask("/readyz").status, 200);
  int batch = 0;
  EXPECT_TRUE(support::wait_until([&] {
    (void)daemon.post(event_list(Lines{small_event("again" + std::to_string(++batch))}));
    return ask("/readyz/events").status == 200;
  })) << answer.body;
  EXPECT_NE(answer.body.find("\"expected_apiservers\": 1"), std::string::npos) << answer.body;
}

TEST_F(SelfCheck, ABatchThatComesAgainAfterItsAnswerIsTold) {
  AuditDaemon daemon({folder_.write("rules.yaml", every_event_rule())});
  ASSERT_NE(daemon.port(), 0) << daemon.process().log();
  std::string event = small_event("e1", R"(,"annotations":{"audit.k8s.io/truncated":"true"})");
  const std::string level = "Metadata";
  event.replace(event.find(level), level.size(), "Request");
  const std::string batch = event_list(Lines{event});
  ASSERT_EQ(daemon.post(batch), 200);
  EXPECT_TRUE(has_own(daemon, "tiercel: truncated_events")) << daemon.process().log();
  ASSERT_EQ(daemon.post(batch), 200);
  EXPECT_TRUE(has_own(daemon, "tiercel: repeated_batches")) << daemon.process().log();
  EXPECT_EQ(daemon.new_alerts().size(), 1U) << "and makes no second alert";
}

TEST_F(SelfCheck, WhatApiserversCountIsComparedWithWhatArrives) {
  support::PeerServer apiserver;
  std::atomic<int> errors{0};
  std::atomic<int> events{500};
  apiserver.answer_with([&](const support::PeerRequest&) {
    return support::PeerAnswer{.body = "apiserver_audit_event_total " + std::to_string(events) +
                                       "\napiserver_audit_error_total{plugin=\"webhook\"} " +
                                       std::to_string(errors) + "\n"};
  });
  AuditDaemon daemon({folder_.write("rules.yaml", every_event_rule())},
                     {"-o", "apiserver_metrics.urls=" + apiserver.url("/metrics"), "-o",
                      "apiserver_metrics.interval=1s", "-o", "apiserver_metrics.grace=1s"});
  ASSERT_NE(daemon.port(), 0) << daemon.process().log();
  ASSERT_TRUE(apiserver.wait_for(2));
  errors = 3;
  events = 900;
  EXPECT_TRUE(has_own(daemon, "tiercel: audit_errors")) << daemon.process().log();
  EXPECT_TRUE(has_own(daemon, "tiercel: events_missing")) << daemon.process().log();
  const json status = status_of(daemon)["reconciliation"];
  EXPECT_EQ(status["apiservers"][0]["events"], 900) << status;
  EXPECT_EQ(status["apiservers"][0]["errors"]["webhook"], 3) << status;
  const std::string labels = "{url=\"" + apiserver.url("/metrics") + "\"}";
  const std::string page = daemon.get("/metrics");
  for (const std::string& series :
       {"up" + labels + " 1\n", "audit_errors_total" + labels + " 3\n"}) {
    EXPECT_NE(page.find("\ntiercel_apiserver_metrics_" + series), std::string::npos) << series;
  }
  const std::string screen = run(daemon, "status").out;
  EXPECT_NE(screen.find("  " + apiserver.url("/metrics") + ": 3 audit errors (webhook 3)\n"),
            std::string::npos)
      << screen;
}

}  // namespace
}  // namespace tiercel::tests
