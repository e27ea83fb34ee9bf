// What the daemon tells of its own blindness, and the commands that look for it.
#include <atomic>
#include <thread>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "certificates.h"
#include "harness.h"
#include "peer_server.h"

namespace tiercel::tests {
namespace {

using nlohmann::json;
using support::run_program;

class SelfCheck : public testing::Test {
 protected:
  [[nodiscard]] static support::ProgramResult run(AuditDaemon& daemon, const std::string& command,
                                                  const Lines& more = {}) {
    Lines arguments{command,
                    "-c",
                    daemon.folder().path("tiercel.yaml"),
                    "-o",
                    "webserver.listen_port=" + std::to_string(daemon.port()),
                    "-o",
                    "admin.listen_port=" + std::to_string(daemon.admin_port())};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_program(arguments);
  }
  static json status_of(AuditDaemon& daemon) {
    return json::parse(daemon.get("/status"), nullptr, false);
  }
  [[nodiscard]] static bool has_own(AuditDaemon& daemon, const std::string& rule) {
    return support::wait_until([&] {
      for (const std::string& alert : daemon.own_alerts()) {
        if (rule_of(alert) == rule) {
          return true;
        }
      }
      return false;
    });
  }

  support::TempDir folder_;
};

// The findings of one topic, as "state: what".
std::string findings_of(const support::ProgramResult& answer, const std::string& topic) {
  std::string text;
  const json all = json::parse(answer.out, nullptr, false);
  for (const json& one : all) {
    if (one.is_object() && one.value("topic", "") == topic) {
      text += one.value("state", "") + ": " + one.value("what", "") + "\n";
      EXPECT_TRUE(one.value("state", "") == "good" || !one.value("advice", "").empty()) << one;
    }
  }
  return text;
}

TEST_F(SelfCheck, TheSelftestFollowsEachShippedRuleToTheOutput) {
  AuditDaemon daemon;
  ASSERT_NE(daemon.port(), 0) << daemon.process().log();
  const auto answer = run(daemon, "selftest");
  EXPECT_EQ(answer.status, 0) << answer.err << answer.out;
  const Lines lines = lines_of(answer.out);
  EXPECT_GT(lines.size(), 20U);
  std::size_t passed = 0;
  for (const std::string& line : lines) {
    if (line.starts_with("passed\t")) {
      ++passed;
      EXPECT_NE(line.find("\tfile: delivered"), std::string::npos) << line;
    } else {
      EXPECT_TRUE(line.starts_with("off\tAll K8s Audit Events\t")) << line;
    }
  }
  const Lines alerts = daemon.new_alerts();
  EXPECT_EQ(alerts.size(), passed);
  for (const std::string& alert : alerts) {
    EXPECT_TRUE(output_field(alert, "tiercel_selftest").starts_with("selftest-")) << alert;
    EXPECT_NE(alert.find("[tiercel selftest] "), std::string::npos) << alert;
  }
  EXPECT_EQ(status_of(daemon)["apiservers"], json::array()) << "a test is nobody's rhythm";
}

TEST_F(SelfCheck, ARuleThatCannotBeTestedIsNotCountedAsPassed) {
  const std::string rules = folder_.write(
      "rules.yaml", every_event_rule() +
                        "- rule: Never\n  condition: ka.verb = a and ka.verb = b\n  desc: d\n"
                        "  output: o\n  priority: INFO\n  source: k8s_audit\n");
  AuditDaemon daemon({rules});
  ASSERT_NE(daemon.port(), 0) << daemon.process().log();
  const auto answer = run(daemon, "selftest", {"--json"});
  EXPECT_EQ(answer.status, 3) << answer.err << answer.out;
  const Lines lines = lines_of(answer.out);
  ASSERT_EQ(lines.size(), 2U) << answer.out;
  EXPECT_EQ(json::parse(lines[0])["result"], "passed") << answer.out;
  EXPECT_EQ(json::parse(lines[1])["result"], "untested") << answer.out;
  EXPECT_NE(answer.err.find("2 rules: 1 passed, 0 failed, 0 stored only, 1 untested, 0 switched"),
            std::string::npos)
      << answer.err;
}

TEST_F(SelfCheck, WhatNobodyIsToldOfIsNotPassed) {
  AuditDaemon daemon({folder_.write("rules.yaml", every_event_rule())},
                     {"-o", "file_output.minimum_priority=emergency"});
  ASSERT_NE(daemon.port(), 0) << daemon.process().log();
  const auto answer =
      run(daemon, "selftest", {"--json", "-o", "file_output.minimum_priority=emergency"});
  EXPECT_EQ(answer.status, 3) << answer.err << answer.out;
  EXPECT_EQ(json::parse(answer.out)["result"], "stored") << answer.out;
  // The daemon's own say is what counts: it delivers nothing, whatever this configuration has.
  const auto other = run(daemon, "selftest", {"--json", "--timeout", "1"});
  EXPECT_EQ(other.status, 1) << other.err << other.out;
  EXPECT_NE(other.out.find("has delivered 0 of 1"), std::string::npos) << other.out;
}

TEST_F(SelfCheck, ATextAlertIsRecognisedToo) {
  AuditDaemon daemon({folder_.write("rules.yaml", every_event_rule())},
                     {"-o", "json_output=false"});
  ASSERT_NE(daemon.port(), 0) << daemon.process().log();
  const auto answer = run(daemon, "selftest", {"-o", "json_output=false"});
  EXPECT_EQ(answer.status, 0) << answer.err << answer.out;
}

TEST_F(SelfCheck, TheDoctorWantsTheLargerOfBothRests) {
  AuditDaemon daemon;
  ASSERT_NE(daemon.port(), 0) << daemon.process().log();
  const auto answer =
      run(daemon, "doctor",
          {"--json", "-o", "store.min_free=4096GiB", "-o", "store.min_free_percent=1"});
  EXPECT_NE(findings_of(answer, "disk").find("the store does not grow"), std::string::npos)
      << answer.out;
}

TEST_F(SelfCheck, TheSelftestSaysWhereNobodyAnswersOrOtherRulesAreInForce) {
  AuditDaemon daemon({folder_.write("rules.yaml", every_event_rule())});
  ASSERT_NE(daemon.port(), 0) << daemon.process().log();
  folder_.write("rules.yaml", every_event_rule("Another"));
  const auto other = run(daemon, "selftest");
  EXPECT_EQ(other.status, 1);
  EXPECT_NE(other.err.find("other rules in force"), std::string::npos) << other.err;
  const auto nobody = run(daemon, "selftest", {"-o", "admin.listen_port=1"});
  EXPECT_EQ(nobody.status, 1);
  EXPECT_NE(nobody.err.find("no daemon answers"), std::string::npos) << nobody.err;
}

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
}

std::string kubeconfig(const std::string& server, const std::string& context = "tiercel") {
  return "apiVersion: v1\nkind: Config\ncurrent-context: " + context +
         "\nclusters:\n  - {name: tiercel, cluster: {server: \"" + server +
         "\"}}\ncontexts:\n  - {name: tiercel, context: {cluster: tiercel, user: apiserver}}\n"
         "users:\n  - {name: apiserver, user: {}}\n";
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

TEST_F(SelfCheck, ARuleThatIsDisabledForAWhileIsNamedAndNoDifference) {
  const std::string rules =
      folder_.write("rules.yaml", every_event_rule("Loud") + every_event_rule("Other"));
  folder_.write("disabled-rules.json",
                R"([{"rule":"Loud","until":4102444800000000000}])");  // 2100
  const Lines option{"-o", "store.path=" + folder_.path(), "-o", "rule_matching=all"};
  AuditDaemon daemon({rules}, option);
  ASSERT_NE(daemon.port(), 0) << daemon.process().log();
  Lines words{"--json"};
  words.insert(words.end(), option.begin(), option.end());
  const auto doctor = run(daemon, "doctor", words);
  const std::string found = findings_of(doctor, "daemon");
  EXPECT_TRUE(found.starts_with("good: answers on ")) << doctor.out;
  EXPECT_NE(found.find("warning: rule 'Loud' is disabled until "), std::string::npos) << found;
  const auto selftest = run(daemon, "selftest", words);
  EXPECT_EQ(selftest.status, 0) << selftest.err << selftest.out;
  EXPECT_NE(selftest.err.find("rule 'Loud' is disabled until "), std::string::npos);
  EXPECT_EQ(lines_of(selftest.out).size(), 1U) << selftest.out;
}

// Alerts of others keep every output behind; those of the test are delivered all the same.
TEST_F(SelfCheck, OnABusyClusterOnlyTheTestsOwnAlertsAreWaitedFor) {
  constexpr std::size_t kBehind = 20;
  support::PeerServer peer;
  peer.answer_with([](const support::PeerRequest&) {
    return support::PeerAnswer{.delay = std::chrono::milliseconds(50)};
  });
  const Lines options{"-o", "http_output.enabled=true", "-o", "http_output.url=" + peer.url()};
  AuditDaemon daemon({folder_.write("rules.yaml", every_event_rule())}, options);
  ASSERT_NE(daemon.port(), 0) << daemon.process().log();
  std::atomic<bool> is_over{false};
  std::thread others([&] {
    for (std::size_t posted = 0; !is_over;) {
      // A post takes as long as a commit, a delivery longer: some always wait.
      if (posted > kBehind) {
        EXPECT_TRUE(peer.wait_for(posted - kBehind));
      }
      EXPECT_EQ(daemon.post(event_list(Lines{small_event("o" + std::to_string(posted++))})), 200);
    }
  });
  // What is said of outputs is a second old at the most.
  EXPECT_TRUE(support::wait_until([&daemon] {
    for (const json& one : json::parse(daemon.get("/outputs"), nullptr, false)) {
      if (one["name"] == "http" && one["lag_alerts"] > 0) {
        return true;
      }
    }
    return false;
  }));
  Lines words{"--json", "--timeout", "15"};
  words.insert(words.end(), options.begin(), options.end());
  const auto answer = run(daemon, "selftest", words);
  is_over = true;
  others.join();
  EXPECT_EQ(answer.status, 0) << answer.err << answer.out;
}

class ProvedClient : public SelfCheck {
 protected:
  Lines options() {
    const support::Certificate made = support::make_certificate();
    const std::string file = folder_.write("server.pem", made.certificate + made.key);
    token_ = folder_.write("token", "0123456789abcdef0123456789abcdef\n");
    return {"-o", "webserver.ssl_enabled=true",
            "-o", "webserver.ssl_certificate=" + file,
            "-o", "webserver.tokens={production: " + token_ + "}"};
  }
  std::string token_;
};

std::string cluster_rule(const std::string& cluster) {
  return "- rule: Of " + cluster + "\n  desc: d\n  condition: ka.cluster.name = " + cluster +
         "\n  output: o\n  priority: INFO\n  source: k8s_audit\n";
}

// The port knows the sender by its token, and its name counts more than what an event says.
TEST_F(ProvedClient, TheSelftestKnowsInWhoseNameItPosts) {
  const Lines options = this->options();
  AuditDaemon daemon(
      {folder_.write("rules.yaml", cluster_rule("production") + cluster_rule("staging"))}, options);
  ASSERT_NE(daemon.port(), 0) << daemon.process().log();
  Lines words{"--json", "--token-file", token_};
  words.insert(words.end(), options.begin(), options.end());
  const auto answer = run(daemon, "selftest", words);
  EXPECT_EQ(answer.status, 3) << answer.err << answer.out;
  const Lines lines = lines_of(answer.out);
  ASSERT_EQ(lines.size(), 2U) << answer.out << answer.err;
  EXPECT_EQ(json::parse(lines[0])["result"], "passed") << answer.out;
  EXPECT_EQ(json::parse(lines[1])["result"], "untested") << answer.out;
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
