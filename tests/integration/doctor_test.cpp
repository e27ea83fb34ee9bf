// `tiercel doctor` beside a running daemon.
#include <filesystem>
#include <fstream>
#include <system_error>

#include "peer_server.h"
#include "selfcheck.h"

namespace tiercel::tests {
namespace {

TEST_F(SelfCheck, TheDoctorWantsTheLargerOfBothRests) {
  AuditDaemon daemon;
  ASSERT_NE(daemon.port(), 0) << daemon.process().log();
  const auto answer =
      run(daemon, "doctor",
          {"--json", "-o", "store.min_free=4096GiB", "-o", "store.min_free_percent=1"});
  EXPECT_NE(findings_of(answer, "disk").find("the store does not grow"), std::string::npos)
      << answer.out;
}

// A store as large as it may become needs no more room, however little the disk has.
TEST_F(SelfCheck, TheDoctorCountsWhatTheStoreHolds) {
  AuditDaemon daemon;
  ASSERT_NE(daemon.port(), 0) << daemon.process().log();
  const std::filesystem::path store = daemon.folder().path("other");
  std::filesystem::create_directories(store / "alerts");
  std::ofstream(store / "alerts" / "segment").close();
  std::error_code error;
  std::filesystem::resize_file(store / "alerts" / "segment", 1ULL << 42U, error);  // a hole
  if (error) {
    GTEST_SKIP() << "no file of 4 TiB can be here: " << error.message();
  }
  const auto answer =
      run(daemon, "doctor",
          {"--json", "-o", "store.path=" + store.string(), "-o", "store.max_size=4096GiB", "-o",
           "store.min_free=0", "-o", "store.min_free_percent=0"});
  EXPECT_TRUE(findings_of(answer, "disk").starts_with("good: ")) << answer.out;
}

TEST_F(SelfCheck, TheDoctorFindsAGoodKubeconfigGood) {
  AuditDaemon daemon;
  ASSERT_NE(daemon.port(), 0) << daemon.process().log();
  const std::string url = "http://127.0.0.1:" + std::to_string(daemon.port()) + "/k8s_audit";
  const std::string file = folder_.write("kubeconfig", kubeconfig(url));
  const auto answer =
      run(daemon, "doctor", {"--json", "--kubeconfig", file, "--etcd", daemon.folder().path()});
  EXPECT_EQ(answer.status, 0) << answer.err << answer.out;
  EXPECT_EQ(findings_of(answer, "kubeconfig"),
            "good: posts to " + url + "\ngood: " + url + " takes what is posted with it\n");
  EXPECT_TRUE(findings_of(answer, "daemon").starts_with("good: ")) << answer.out;
  EXPECT_TRUE(findings_of(answer, "port").starts_with("good: ")) << answer.out;
  EXPECT_TRUE(findings_of(answer, "etcd").starts_with("warning: ")) << answer.out;
  EXPECT_TRUE(findings_of(answer, "events").starts_with("warning: no audit event")) << answer.out;
  EXPECT_TRUE(findings_of(answer, "audit policy").starts_with("not checked: ")) << answer.out;
}

// As after an upgrade that keeps an edited configuration of before there was a socket.
TEST_F(SelfCheck, ThatRulesCannotBeDisabledIsSaidBefore) {
  AuditDaemon daemon;
  ASSERT_NE(daemon.port(), 0) << daemon.process().log();
  const std::string words = "`tiercel rules disable` and `enable` cannot work";
  EXPECT_TRUE(daemon.process().wait_for_log("admin.socket is not set: " + words));
  EXPECT_NE(findings_of(run(daemon, "doctor", {"--json"}), "daemon")
                .find("warning: there is no admin.socket: " + words),
            std::string::npos);
}

TEST_F(SelfCheck, NothingIsSaidWhereRulesCanBeDisabled) {
  for (const std::string& option :
       Lines{"admin.allow_changes=true", "admin.socket=" + folder_.path("admin.sock")}) {
    AuditDaemon daemon({shipped_rules()}, Lines{"-o", option});
    ASSERT_NE(daemon.port(), 0) << daemon.process().log();
    ASSERT_NE(daemon.admin_port(), 0);
    EXPECT_EQ(daemon.process().log().find("admin.socket is not set"), std::string::npos) << option;
    EXPECT_EQ(findings_of(run(daemon, "doctor", {"--json", "-o", option}), "daemon")
                  .find("there is no admin.socket"),
              std::string::npos);
  }
}

TEST_F(SelfCheck, TheDoctorNamesWhatIsWrongInAKubeconfig) {
  AuditDaemon daemon;
  ASSERT_NE(daemon.port(), 0) << daemon.process().log();
  const std::string host = "127.0.0.1:" + std::to_string(daemon.port());
  const std::vector<std::pair<std::string, std::string>> cases{
      {kubeconfig("http://" + host), "has no path"},
      {kubeconfig("http://" + host + "/audit"), "the path /audit is not served"},
      {kubeconfig("http://" + host + "/k8s_audit/a/b"), "the path /k8s_audit/a/b is not served"},
      {kubeconfig("https://" + host + "/k8s_audit"), "but the port speaks without TLS"},
      {kubeconfig("http://127.0.0.1:1/k8s_audit"), "no port of this configuration"},
      {kubeconfig("http://" + host + "/k8s_audit", "other"), "there is no context 'other'"},
      {kubeconfig("http://" + host + "/k8s_audit", "\"\""), "no current-context"},
      {"a: [", "line 1"},
  };
  for (const auto& [content, wanted] : cases) {
    const auto answer =
        run(daemon, "doctor", {"--json", "--kubeconfig", folder_.write("kubeconfig", content)});
    EXPECT_EQ(answer.status, 1) << wanted << answer.out;
    const std::string found = findings_of(answer, "kubeconfig");
    EXPECT_NE(found.find("error: "), std::string::npos) << found;
    EXPECT_NE(found.find(wanted), std::string::npos) << found;
  }
}

TEST_F(SelfCheck, TheDoctorReadsTheManifest) {
  AuditDaemon daemon;
  ASSERT_NE(daemon.port(), 0) << daemon.process().log();
  const std::string url = "http://127.0.0.1:" + std::to_string(daemon.port()) + "/k8s_audit";
  folder_.write("webhook.yaml", kubeconfig(url));
  folder_.write("policy.yaml",
                "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n  - level: RequestResponse\n");
  const std::string manifest = folder_.write(
      "apiserver.yaml",
      "spec:\n  hostNetwork: true\n  containers:\n    - command:\n        - kube-apiserver\n"
      "        - --audit-policy-file=/audit/policy.yaml\n"
      "        - --audit-webhook-config-file=/audit/webhook.yaml\n"
      "        - --audit-webhook-mode=blocking-strict\n"
      "      volumeMounts:\n        - {name: audit, mountPath: /audit}\n"
      "  volumes:\n    - {name: audit, hostPath: {path: " +
          folder_.path() + "}}\n");
  const auto answer = run(daemon, "doctor", {"--json", "--manifest", manifest});
  EXPECT_EQ(answer.status, 0) << answer.out;
  EXPECT_EQ(findings_of(answer, "manifest"),
            "good: --audit-policy-file: " + folder_.path("policy.yaml") +
                "\ngood: --audit-webhook-config-file: " + folder_.path("webhook.yaml") +
                "\nwarning: --audit-webhook-mode=blocking-strict: users wait for tiercel, and fail "
                "with it\n");
  EXPECT_EQ(findings_of(answer, "kubeconfig"),
            "good: posts to " + url + "\ngood: " + url + " takes what is posted with it\n");

  const std::string bare = folder_.write("bare.yaml",
                                         "spec:\n  containers:\n    - command: [kube-apiserver, "
                                         "--audit-policy-file=/elsewhere/policy.yaml]\n");
  const auto wrong = run(daemon, "doctor", {"--json", "--manifest", bare});
  EXPECT_EQ(wrong.status, 1) << wrong.out;
  EXPECT_EQ(findings_of(wrong, "manifest"),
            "error: --audit-policy-file=/elsewhere/policy.yaml is in no hostPath volume\n"
            "error: kube-apiserver has no --audit-webhook-config-file\n");
}

TEST_F(SelfCheck, TheDoctorComparesPolicyAndRules) {
  AuditDaemon daemon;
  ASSERT_NE(daemon.port(), 0) << daemon.process().log();
  const auto good =
      run(daemon, "doctor",
          {"--json", "--policy", TIERCEL_SOURCE_DIR "/config/kube-apiserver/audit-policy.yaml"});
  EXPECT_EQ(good.status, 0) << good.out;
  EXPECT_EQ(findings_of(good, "audit policy").find("error: "), std::string::npos) << good.out;
  const std::string blind = folder_.write(
      "policy.yaml", "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n  - level: None\n");
  const auto bad = run(daemon, "doctor", {"--json", "--policy", blind});
  EXPECT_EQ(bad.status, 1) << bad.out;
  EXPECT_TRUE(findings_of(bad, "audit policy").starts_with("error: rules that can never fire"))
      << bad.out;
  const auto none = run(daemon, "doctor", {"--json", "--policy", folder_.path("none.yaml")});
  EXPECT_EQ(none.status, 1) << none.out;
}

TEST_F(SelfCheck, TheDoctorFindsNoDaemon) {
  AuditDaemon daemon;
  ASSERT_NE(daemon.port(), 0) << daemon.process().log();
  const auto answer = run(daemon, "doctor", {"--json", "-o", "admin.listen_port=1"});
  EXPECT_EQ(answer.status, 1) << answer.out;
  EXPECT_TRUE(findings_of(answer, "daemon").starts_with("error: no daemon answers")) << answer.out;
  EXPECT_TRUE(findings_of(answer, "kubeconfig").starts_with("not checked: ")) << answer.out;
  EXPECT_TRUE(findings_of(answer, "manifest").starts_with("not checked: ")) << answer.out;
}

// Another program took the audit port before the daemon was to have it.
TEST_F(SelfCheck, TheDoctorFindsAnotherProgramOnTheAuditPort) {
  AuditDaemon daemon;
  ASSERT_NE(daemon.port(), 0) << daemon.process().log();
  ASSERT_NE(daemon.admin_port(), 0);
  for (const int status : {200, 404, 500}) {
    support::PeerServer other;
    other.answer_with([status](const support::PeerRequest&) {
      return support::PeerAnswer{.status = status, .body = "hello"};
    });
    const auto answer =
        run(daemon, "doctor",
            {"--json", "-o", "webserver.listen_port=" + std::to_string(other.port())});
    EXPECT_EQ(answer.status, 1) << answer.out << answer.err;
    EXPECT_EQ(findings_of(answer, "port"),
              "error: http://127.0.0.1:" + std::to_string(other.port()) + "/k8s_audit answered " +
                  std::to_string(status) + " instead of 405\n");
    const auto asked = other.requests();
    ASSERT_EQ(asked.size(), 1U);
    EXPECT_EQ(asked.front().method, "GET") << "a question is no batch";
  }
}

TEST_F(SelfCheck, APortThatRefusesASenderTakesBatches) {
  AuditDaemon daemon;
  ASSERT_NE(daemon.port(), 0) << daemon.process().log();
  ASSERT_NE(daemon.admin_port(), 0);
  for (const int status : {401, 403, 405}) {
    support::PeerServer other;
    other.answer_with(
        [status](const support::PeerRequest&) { return support::PeerAnswer{.status = status}; });
    EXPECT_TRUE(
        findings_of(run(daemon, "doctor",
                        {"--json", "-o", "webserver.listen_port=" + std::to_string(other.port())}),
                    "port")
            .starts_with("good: "))
        << status;
  }
}

TEST_F(SelfCheck, TheDoctorFindsAnAuditPortThatRefuses) {
  AuditDaemon daemon;
  ASSERT_NE(daemon.port(), 0) << daemon.process().log();
  ASSERT_NE(daemon.admin_port(), 0);
  const support::PeerServer closed({.listens = false});
  const auto answer = run(
      daemon, "doctor", {"--json", "-o", "webserver.listen_port=" + std::to_string(closed.port())});
  EXPECT_EQ(answer.status, 1) << answer.out << answer.err;
  const std::string found = findings_of(answer, "port");
  EXPECT_TRUE(found.starts_with("error: http://127.0.0.1:" + std::to_string(closed.port()) +
                                "/k8s_audit: "))
      << found;
  EXPECT_NE(answer.out.find("who listens; `journalctl -u tiercel` why the daemon does not"),
            std::string::npos)
      << answer.out;
}

// What another program on the admin port answers is no daemon's, and ends neither command.
TEST_F(SelfCheck, AnotherProgramOnTheAdminPortIsSaid) {
  AuditDaemon daemon;
  ASSERT_NE(daemon.port(), 0) << daemon.process().log();
  for (const char* const body :
       {R"({"rules_hash":1})", "[1]", R"({"disabled":[1,{"rule":2}],"rules_hash":[]})", "7"}) {
    support::PeerServer other;
    other.answer_with(
        [body](const support::PeerRequest&) { return support::PeerAnswer{.body = body}; });
    const Lines option{"-o", "admin.listen_port=" + std::to_string(other.port())};
    Lines words{"--json"};
    words.insert(words.end(), option.begin(), option.end());
    const auto doctor = run(daemon, "doctor", words);
    EXPECT_EQ(doctor.status, 1) << doctor.out << doctor.err;
    EXPECT_NE(findings_of(doctor, "daemon").find("answers what no tiercel would"),
              std::string::npos)
        << body << doctor.out;
    const auto selftest = run(daemon, "selftest", option);
    EXPECT_EQ(selftest.status, 1) << selftest.err;
    EXPECT_NE(selftest.err.find("answers what no tiercel would"), std::string::npos)
        << selftest.err;
  }
}

TEST_F(ProvedClient, TheDoctorPostsWithTheKubeconfigsOwnToken) {
  const Lines options = this->options();
  AuditDaemon daemon({folder_.write("rules.yaml", every_event_rule())}, options);
  ASSERT_NE(daemon.port(), 0) << daemon.process().log();
  const std::string url = "https://127.0.0.1:" + std::to_string(daemon.port()) + "/k8s_audit";
  const auto found = [&](const std::string& user) {
    const std::string file = folder_.write(
        "kubeconfig", "current-context: c\nclusters:\n  - {name: c, cluster: {server: \"" + url +
                          "\", certificate-authority: server.pem}}\ncontexts:\n"
                          "  - {name: c, context: {cluster: c, user: c}}\n"
                          "users:\n  - {name: c, user: {" +
                          user + "}}\n");
    Lines words{"--json", "--kubeconfig", file};
    words.insert(words.end(), options.begin(), options.end());
    return findings_of(run(daemon, "doctor", words), "kubeconfig");
  };
  const std::string good = "good: posts to " + url + "\ngood: " + url +
                           " takes what is posted with it, as the client production\n";
  EXPECT_EQ(found("tokenFile: token"), good);
  EXPECT_EQ(found("token: 0123456789abcdef0123456789abcdef"), good);
  EXPECT_NE(
      found("token: 0123456789abcdef0123456789abcdeX").find("error: " + url + " answered 401"),
      std::string::npos);
  EXPECT_EQ(status_of(daemon)["apiservers"], json::array()) << "a question is nobody's rhythm";
  EXPECT_TRUE(daemon.new_alerts().empty());
}

// Encoded in the header, as names of Kubernetes must be.
TEST_F(ProvedClient, TheDoctorNamesTheClientAsItIsWritten) {
  const support::Certificate client = support::make_certificate("system:kube-apiserver");
  const std::string pem = folder_.write("client.pem", client.certificate + client.key);
  Lines options = this->options();
  options.back() = "webserver.ssl_client_ca=" + pem;  // instead of the token
  AuditDaemon daemon({folder_.write("rules.yaml", every_event_rule())}, options);
  ASSERT_NE(daemon.port(), 0) << daemon.process().log();
  const std::string url = "https://127.0.0.1:" + std::to_string(daemon.port()) + "/k8s_audit";
  const std::string file = folder_.write(
      "kubeconfig", "current-context: c\nclusters:\n  - {name: c, cluster: {server: \"" + url +
                        "\", certificate-authority: server.pem}}\ncontexts:\n"
                        "  - {name: c, context: {cluster: c, user: c}}\nusers:\n  - {name: c, "
                        "user: {client-certificate: client.pem, client-key: client.pem}}\n");
  Lines words{"--json", "--kubeconfig", file};
  words.insert(words.end(), options.begin(), options.end());
  const auto answer = run(daemon, "doctor", words);
  EXPECT_NE(findings_of(answer, "kubeconfig").find("as the client system:kube-apiserver\n"),
            std::string::npos)
      << answer.out;
}

}  // namespace
}  // namespace tiercel::tests
