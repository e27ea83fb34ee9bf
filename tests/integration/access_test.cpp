// Who may post, and in whose name events are evaluated.
#include <algorithm>
#include <csignal>

#include <gtest/gtest.h>

#include "certificates.h"
#include "harness.h"

namespace tiercel::tests {
namespace {

using support::HttpClient;
using support::TlsClientOptions;

constexpr const char* kToken = "0123456789abcdef0123456789abcdef";
constexpr const char* kClusterRule =
    "- rule: Cluster\n  desc: d\n  condition: jevt.value[/auditID] exists\n"
    "  output: cluster=%ka.cluster.name\n  priority: WARNING\n  source: k8s_audit\n";

class ClientAccess : public testing::Test {
 protected:
  // The daemon speaks TLS with a certificate of its own.
  Lines tls_options() {
    const support::Certificate made = support::make_certificate();
    const std::string file = folder_.write("server.pem", made.certificate + made.key);
    return {"-o", "webserver.ssl_enabled=true", "-o", "webserver.ssl_certificate=" + file};
  }
  Lines with_token(Lines options) {
    const std::string file = folder_.write("token", std::string(kToken) + "\n");
    options.insert(options.end(), {"-o", "webserver.tokens={production: " + file + "}"});
    return options;
  }
  std::string rules() { return folder_.write("rules.yaml", kClusterRule); }
  static std::string bearer(const std::string& token) {
    return "Authorization: Bearer " + token + "\r\n";
  }
  static int post_event(AuditDaemon& daemon, const TlsClientOptions& tls, const std::string& id,
                        const std::string& headers, const std::string& path = "/k8s_audit") {
    HttpClient client(daemon.port(), &tls);
    const Lines items{small_event(id)};
    return client.exchange(support::post(path, event_list(items), headers)).status;
  }
  static bool has_alert(const AuditDaemon& daemon, const std::string& rule) {
    const Lines alerts = daemon.own_alerts();
    return std::any_of(alerts.begin(), alerts.end(),
                       [&rule](const std::string& alert) { return rule_of(alert) == rule; });
  }
  static Lines clusters(const AuditDaemon& daemon) {
    Lines names;
    for (const std::string& alert : lines_of_file(daemon.alerts_path())) {
      // The last line may not be whole yet.
      if (alert.ends_with('}') && rule_of(alert) == "Cluster") {
        names.push_back(output_field(alert, "ka.cluster.name"));
      }
    }
    return names;
  }

  support::TempDir folder_;
};

TEST_F(ClientAccess, OfATokenGivesEventsItsName) {
  AuditDaemon daemon({rules()}, with_token(tls_options()));
  const TlsClientOptions tls;
  EXPECT_EQ(post_event(daemon, tls, "none", ""), 401);
  EXPECT_EQ(post_event(daemon, tls, "wrong", bearer("0123456789abcdef0123456789abcdeX")), 401);
  EXPECT_TRUE(daemon.process().wait_for_log("it sends no token"));
  EXPECT_EQ(post_event(daemon, tls, "right", bearer(kToken)), 200);
  ASSERT_TRUE(support::wait_until([&] { return !clusters(daemon).empty(); }));
  EXPECT_EQ(clusters(daemon), Lines{"production"});
  // The token is nobody's to read.
  EXPECT_EQ(daemon.process().log().find(kToken), std::string::npos);

  folder_.write("token", "another-token-of-the-same-name");
  EXPECT_TRUE(support::wait_until([&] {
    return post_event(daemon, tls, "new", bearer("another-token-of-the-same-name")) == 200;
  }));
  EXPECT_EQ(post_event(daemon, tls, "old", bearer(kToken)), 401);
}

// Their own files tell when they are at rest; a rules file that changes says nothing about them.
TEST_F(ClientAccess, KeepsItsTokensWhenRulesAreLoadedAgain) {
  Lines options = with_token(tls_options());
  options.insert(options.end(), {"-o", "watch_config_files=true"});
  AuditDaemon daemon({rules()}, options);
  const TlsClientOptions tls;
  EXPECT_EQ(post_event(daemon, tls, "right", bearer(kToken)), 200);
  folder_.write("rules.yaml", std::string(kClusterRule) + "# changed\n");
  EXPECT_TRUE(daemon.process().wait_for_log("info: reloaded:"));
  EXPECT_EQ(daemon.process().log().find("was read again"), std::string::npos);
  daemon.process().signal(SIGHUP);
  EXPECT_TRUE(daemon.process().wait_for_log("the token 'production' was read again"));
}

TEST_F(ClientAccess, OfACertificateLooksAtItsName) {
  const support::Certificate api = support::make_certificate("kube-apiserver-1");
  const support::Certificate other = support::make_certificate("kubelet");
  Lines options = tls_options();
  options.insert(options.end(),
                 {"-o",
                  "webserver.ssl_client_ca=" +
                      folder_.write("clients.pem", api.certificate + other.certificate),
                  "-o", "webserver.ssl_client_names=kube-apiserver-*"});
  AuditDaemon daemon({rules()}, options);
  TlsClientOptions tls;
  tls.certificate_file = folder_.write("other.pem", other.certificate + other.key);
  EXPECT_EQ(post_event(daemon, tls, "other", ""), 401);
  EXPECT_TRUE(daemon.process().wait_for_log("webserver.ssl_client_names"));
  tls.certificate_file.clear();
  EXPECT_EQ(post_event(daemon, tls, "none", ""), 0) << "the handshake fails";
  tls.certificate_file = folder_.write("api.pem", api.certificate + api.key);
  EXPECT_EQ(post_event(daemon, tls, "api", ""), 200);
  ASSERT_TRUE(support::wait_until([&] { return !clusters(daemon).empty(); }));
  EXPECT_EQ(clusters(daemon), Lines{"kube-apiserver-1"});
}

// Its file, and that of a key beside the certificate, are looked at like the certificate's.
TEST_F(ClientAccess, FollowsRenewedAuthoritiesAndKeys) {
  const support::Certificate before = support::make_certificate("before");
  const support::Certificate since = support::make_certificate("since");
  const support::Certificate first = support::make_certificate("first");
  const support::Certificate second = support::make_certificate("second");
  AuditDaemon daemon(
      {rules()}, {"-o", "webserver.ssl_enabled=true", "-o",
                  "webserver.ssl_certificate=" + folder_.write("tls.crt", first.certificate), "-o",
                  "webserver.ssl_key=" + folder_.write("tls.key", first.key), "-o",
                  "webserver.ssl_client_ca=" + folder_.write("ca.pem", before.certificate)});
  TlsClientOptions old;
  old.certificate_file = folder_.write("before.pem", before.certificate + before.key);
  TlsClientOptions fresh;
  fresh.certificate_file = folder_.write("since.pem", since.certificate + since.key);
  EXPECT_EQ(post_event(daemon, old, "old", ""), 200);
  EXPECT_EQ(post_event(daemon, fresh, "early", ""), 0);
  folder_.write("ca.pem", since.certificate);
  EXPECT_TRUE(support::wait_until([&] { return post_event(daemon, fresh, "new", "") == 200; }));
  EXPECT_EQ(post_event(daemon, old, "late", ""), 0);
  fresh.ca_file = folder_.write("second.pem", second.certificate);
  folder_.write("tls.crt", second.certificate);
  folder_.write("tls.key", second.key);
  EXPECT_TRUE(support::wait_until([&] { return post_event(daemon, fresh, "key", "") == 200; }));
}

// Those that fail in the handshake never come so far as to be answered 401.
TEST_F(ClientAccess, WithoutACertificateCountsAsRefused) {
  Lines options = tls_options();
  options.insert(
      options.end(),
      {"-o", "webserver.ssl_client_ca=" +
                 folder_.write("clients.pem", support::make_certificate("api").certificate)});
  AuditDaemon daemon({rules()}, options);
  const TlsClientOptions tls;
  for (int at = 0; at < 25; ++at) {
    EXPECT_EQ(post_event(daemon, tls, "none", ""), 0);
  }
  EXPECT_TRUE(daemon.process().wait_for_log("the client shows no certificate"));
  EXPECT_TRUE(support::wait_until([&] { return has_alert(daemon, "tiercel: unauthorized"); }));
  daemon.process().signal(SIGTERM);
  EXPECT_EQ(daemon.process().wait(), 0);
  EXPECT_NE(daemon.process().log().find(" rejected_authentication_total=25"), std::string::npos);
}

// Whoever asks about health posts nothing: it is no refused batch.
TEST_F(ClientAccess, OnAPortForHealthAloneCountsForNobody) {
  Lines options = tls_options();
  options.insert(options.end(),
                 {"-o",
                  "config_files[]=" + folder_.write("plugins.yaml",
                                                    "plugins: [{name: k8saudit, open_params: "
                                                    "'http://127.0.0.1:0/k8s_audit'}]\n"),
                  "-o", "webserver.ssl_client_certificate=optional", "-o",
                  "webserver.ssl_client_ca=" +
                      folder_.write("clients.pem", support::make_certificate("api").certificate)});
  AuditDaemon daemon({rules()}, options);
  ASSERT_TRUE(daemon.process().wait_for_log("health checks on https://127.0.0.1:"));
  const std::string log = daemon.process().log();
  const std::string before = "health checks on https://127.0.0.1:";
  const auto health =
      static_cast<std::uint16_t>(std::stoi(log.substr(log.find(before) + before.size())));
  const support::Certificate other = support::make_certificate("other");
  const TlsClientOptions tls{.certificate_file =
                                 folder_.write("other.pem", other.certificate + other.key)};
  for (int at = 0; at < 25; ++at) {
    HttpClient client(health, &tls);
    EXPECT_EQ(client.exchange(support::get("/healthz")).status, 0);
  }
  EXPECT_TRUE(daemon.process().wait_for_log("health: "));
  EXPECT_EQ(daemon.process().log().find("audit batches from"), std::string::npos);
  EXPECT_FALSE(has_alert(daemon, "tiercel: unauthorized"));
}

TEST_F(ClientAccess, ByAPathNamesTheCluster) {
  AuditDaemon daemon({rules()});
  HttpClient client(daemon.port());
  const Lines items{small_event("one")};
  const std::string body = event_list(items);
  EXPECT_EQ(client.exchange(support::post("/k8s_audit/eu-1?timeout=30s", body)).status, 200);
  EXPECT_EQ(client.exchange(support::post("/k8s_audit/a/b", body)).status, 404);
  ASSERT_TRUE(support::wait_until([&] { return !clusters(daemon).empty(); }));
  EXPECT_EQ(clusters(daemon), Lines{"eu-1"});
}

TEST_F(ClientAccess, FromOutsideTheAllowedNetworksIsRefused) {
  AuditDaemon daemon({rules()}, {"-o", "webserver.allowed_networks=10.0.0.0/8"});
  HttpClient client(daemon.port());
  EXPECT_EQ(client.exchange(support::post("/k8s_audit", "{}")).status, 401);
  EXPECT_TRUE(daemon.process().wait_for_log("allowed_networks"));
}

TEST_F(ClientAccess, RefusalsThatBurstRaiseAnAlert) {
  AuditDaemon daemon({rules()}, with_token(tls_options()));
  const TlsClientOptions tls;
  for (int at = 0; at < 25; ++at) {
    EXPECT_EQ(post_event(daemon, tls, "none", ""), 401);
  }
  EXPECT_TRUE(support::wait_until([&] { return has_alert(daemon, "tiercel: unauthorized"); }));
}

TEST_F(ClientAccess, ThatCannotBeProvedIsNotOpenedToOthers) {
  const auto check = [&](const std::string& webserver) {
    const std::string config = folder_.write(
        "c.yaml", "rules_files: [" + rules() +
                      "]\nstdout_output: {enabled: true}\nwebserver: " + webserver + "\n");
    const support::ProgramResult result = support::run_program({"check", "-c", config});
    return std::to_string(result.status) + " " + result.out + result.err;
  };
  const std::string refused = check("{listen_address: 0.0.0.0}");
  EXPECT_TRUE(refused.starts_with("1")) << refused;
  EXPECT_NE(refused.find("can forge events"), std::string::npos) << refused;
  EXPECT_NE(refused.find("allow_unauthenticated: true"), std::string::npos) << refused;
  const std::string accepted = check("{listen_address: 0.0.0.0, allow_unauthenticated: true}");
  EXPECT_TRUE(accepted.starts_with("0")) << accepted;
  EXPECT_NE(accepted.find("can forge events"), std::string::npos) << accepted;
  const std::string proved = check("{listen_address: 0.0.0.0, ssl_enabled: true, tokens: {a: /x}}");
  EXPECT_NE(proved.find("No such file"), std::string::npos) << proved;
  EXPECT_EQ(proved.find("can forge events"), std::string::npos) << proved;
  const std::string plain = check("{tokens: {a: /x}}");
  EXPECT_NE(plain.find("over https only"), std::string::npos) << plain;
}

TEST_F(ClientAccess, StartsWithTokensThatCanBeUsedOnly) {
  const std::string config = folder_.write(
      "c.yaml", "rules_files: [" + rules() + "]\nstdout_output: {enabled: true}\nstore: {path: " +
                    folder_.path("store") + "}\nwebserver: {listen_port: 0, tokens: {a: " +
                    folder_.write("short", "guess\n") + "}}\n");
  const support::ProgramResult result = support::run_program({"run", "-c", config});
  EXPECT_EQ(result.status, 1);
  EXPECT_NE(result.err.find("5 characters"), std::string::npos) << result.err;
  EXPECT_EQ(result.err.find("guess\n"), std::string::npos) << result.err;
}

}  // namespace
}  // namespace tiercel::tests
