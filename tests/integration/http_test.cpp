// What a caller did wrong is told to the caller, and to the operator where that helps.
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness.h"

namespace tiercel::tests {
namespace {

using support::HttpClient;

std::string request(std::string_view method, std::string_view path, std::string_view headers) {
  return std::string(method) + " " + std::string(path) + " HTTP/1.1\r\nHost: audit.example:9\r\n" +
         std::string(headers) + "Content-Length: 2\r\n\r\n{}";
}

TEST(Http, WrongPathIs404AndTheLogSaysWhatToWrite) {
  AuditDaemon daemon;
  HttpClient client(daemon.port());
  const auto answer =
      client.exchange(request("POST", "/audit?timeout=30s", "Content-Type: application/json\r\n"));
  EXPECT_EQ(answer.status, 404);
  EXPECT_TRUE(daemon.process().wait_for_log("server: http://audit.example:9/k8s_audit"))
      << daemon.process().log();
  EXPECT_TRUE(daemon.process().wait_for_log("/audit, which is answered 404"));
}

TEST(Http, WrongMethodIs405WithAllow) {
  AuditDaemon daemon;
  for (const char* const method : {"PUT", "GET", "DELETE", "PATCH"}) {
    HttpClient client(daemon.port());
    const auto answer =
        client.exchange(request(method, "/k8s_audit", "Content-Type: application/json\r\n"));
    EXPECT_EQ(answer.status, 405) << method;
    EXPECT_EQ(answer.header("Allow"), "POST") << method;
  }
}

TEST(Http, WrongContentTypeIs415) {
  AuditDaemon daemon;
  HttpClient client(daemon.port());
  EXPECT_EQ(client
                .exchange(request("POST", "/k8s_audit",
                                  "Content-Type: multipart/form-data; boundary=x\r\n"))
                .status,
            415);
  EXPECT_TRUE(daemon.quarantined().empty());
}

TEST(Http, TooLargeIs413) {
  AuditDaemon daemon({shipped_rules()},
                     {"-o", "limits.max_body=64KiB", "-o", "limits.whole_body=64KiB"});
  ASSERT_NE(daemon.port(), 0) << daemon.process().log();
  EXPECT_EQ(daemon.post(std::string(65'536, ' ') + "{}"), 413);
  HttpClient client(daemon.port());
  const std::string packed = support::gzipped(std::string(1'000'000, ' ') + "{}");
  EXPECT_EQ(
      client.exchange(support::post("/k8s_audit", packed, "Content-Encoding: gzip\r\n")).status,
      413);
  EXPECT_EQ(daemon.post(event_list({})), 200);
}

TEST(Http, SlowHeaderEndsTheConnection) {
  AuditDaemon daemon({shipped_rules()}, {"-o", "limits.header_timeout=200ms"});
  HttpClient client(daemon.port());
  EXPECT_TRUE(client.send("POST /k8s_audit HTTP/1.1\r\nHost: x\r\n"));
  const int status = client.read_answer().status;
  EXPECT_TRUE(status == 408 || status == 0) << status;
  EXPECT_TRUE(client.closed_by_peer());
  EXPECT_TRUE(daemon.is_healthy());
}

TEST(Http, SlowBodyEndsTheConnection) {
  AuditDaemon daemon({shipped_rules()}, {"-o", "limits.body_timeout=1s"});
  HttpClient client(daemon.port());
  EXPECT_TRUE(
      client.send("POST /k8s_audit HTTP/1.1\r\nHost: x\r\nContent-Type: application/json"
                  "\r\nContent-Length: 1000\r\n\r\n{\"kind\""));
  const int status = client.read_answer().status;
  EXPECT_TRUE(status == 408 || status == 0) << status;
  EXPECT_TRUE(client.closed_by_peer());
  EXPECT_TRUE(daemon.quarantined().empty());
  EXPECT_TRUE(daemon.is_healthy());
}

TEST(Http, HalfClosedConnectionIsStillAnswered) {
  AuditDaemon daemon;
  const Lines events(bulk().begin(), bulk().begin() + 400);
  HttpClient client(daemon.port());
  EXPECT_TRUE(client.send(support::post("/k8s_audit", event_list(events))));
  client.end_sending();
  EXPECT_EQ(client.read_answer().status, 200);
  expect_same_lines(daemon.new_alerts(), replayed({shipped_rules()}, events));
}

TEST(Http, BodyCutByTheSenderGivesNothing) {
  AuditDaemon daemon;
  const Lines events(bulk().begin(), bulk().begin() + 400);
  const std::string whole = support::post("/k8s_audit", event_list(events));
  HttpClient client(daemon.port());
  EXPECT_TRUE(client.send(std::string_view(whole).substr(0, whole.size() / 2)));
  client.end_sending();
  EXPECT_NE(client.read_answer().status, 200);
  EXPECT_TRUE(daemon.new_alerts().empty());
  EXPECT_TRUE(daemon.is_healthy());
}

TEST(Http, HealthAndVersions) {
  AuditDaemon daemon;
  HttpClient client(daemon.port());
  const auto health = client.exchange(support::get("/healthz"));
  EXPECT_EQ(health.status, 200);
  EXPECT_EQ(health.body, R"({"status": "ok"})");
  HttpClient admin(daemon.admin_port());
  EXPECT_EQ(admin.exchange(support::get("/healthz")).status, 200);
  const auto versions = admin.exchange(support::get("/versions"));
  EXPECT_EQ(versions.status, 200);
  for (const char* const member :
       {R"("falco_version":"0.44.1")", R"("engine_version":"62")", R"("k8saudit":"0.18.0")",
        R"("rules_hash":")", R"("tiercel_version":")"}) {
    EXPECT_NE(versions.body.find(member), std::string::npos) << member;
  }
}

TEST(Http, BothSpellingsOfThePath) {
  AuditDaemon daemon({shipped_rules()}, {"-o", "webserver.k8s_audit_endpoint=/k8s-own"});
  HttpClient client(daemon.port());
  for (const char* const path : {"/k8s_audit", "/k8s-audit", "/k8s-own", "/k8s-own?timeout=30s"}) {
    EXPECT_EQ(client.exchange(support::post(path, event_list({}))).status, 200) << path;
  }
}

TEST(Http, Ipv6) {
  const int probe = ::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in6 loopback{};
  loopback.sin6_family = AF_INET6;
  loopback.sin6_addr.s6_addr[15] = 1;
  const bool has_v6 =
      probe >= 0 && ::bind(probe, reinterpret_cast<sockaddr*>(&loopback), sizeof(loopback)) == 0;
  ::close(probe);
  if (!has_v6) {
    GTEST_SKIP() << "this machine has no IPv6 loopback";
  }
  AuditDaemon daemon({shipped_rules()}, {"-o", "webserver.listen_address=::1"});
  ASSERT_NE(daemon.port(), 0) << daemon.process().log();
  EXPECT_TRUE(daemon.process().wait_for_log("http://[::1]:"));
  HttpClient client(daemon.port(), nullptr, "::1");
  const Lines events(bulk().begin(), bulk().begin() + 400);
  EXPECT_EQ(client.exchange(support::post("/k8s_audit", event_list(events))).status, 200);
  expect_same_lines(daemon.new_alerts(), replayed({shipped_rules()}, events));
}

}  // namespace
}  // namespace tiercel::tests
