#include <gtest/gtest.h>

#include "certificates.h"
#include "doctor.h"
#include "doctor_manifest.h"
#include "temp_dir.h"

namespace tiercel::app {
namespace {

class DoctorApiserver : public testing::Test {
 protected:
  // A manifest whose container sees this folder as /audit.
  std::string manifest(const std::string& words) {
    return folder_.write("manifest.yaml",
                         "spec:\n  hostNetwork: true\n  containers:\n    - command:\n"
                         "        - kube-apiserver\n" +
                             words +
                             "      volumeMounts:\n        - {name: audit, mountPath: /audit}\n"
                             "  volumes:\n    - {name: audit, hostPath: {path: " +
                             folder_.path() + "}}\n");
  }
  std::string kubeconfig(const std::string& cluster, const std::string& user) {
    return folder_.write("kubeconfig",
                         "current-context: c\nclusters:\n  - {name: c, cluster: {" + cluster +
                             "}}\ncontexts:\n  - {name: c, context: {cluster: c, user: c}}\n"
                             "users:\n  - {name: c, user: {" +
                             user + "}}\n");
  }
  // What is not good, as "topic: what".
  std::string findings(const std::string& manifest_file, const std::string& kubeconfig_file = {}) {
    DoctorOptions options;
    options.manifest = manifest_file;
    options.kubeconfig = kubeconfig_file;
    Findings all;
    (void)examine_apiserver(options, settings_, all);
    std::string text;
    for (const Finding& one : all.list()) {
      text += one.state == Finding::State::kGood ? "" : one.topic + ": " + one.what + "\n";
    }
    return text;
  }
  static bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
  }

  support::TempDir folder_;
  config::Settings settings_;
};

TEST_F(DoctorApiserver, AFlagAndItsValueMayBeTwoWords) {
  Findings complaints;
  const auto read = Manifest::read(manifest("        - --audit-policy-file\n"
                                            "        - /audit/policy.yaml\n"
                                            "        - --profiling\n"
                                            "        - --audit-log-path=/audit/log\n"),
                                   complaints);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->flag("audit-policy-file"), "/audit/policy.yaml");
  EXPECT_EQ(read->flag("profiling"), "true");
  EXPECT_EQ(read->flag("audit-log-path"), "/audit/log");
  EXPECT_EQ(read->on_host("/audit/log"), folder_.path("log"));
}

TEST_F(DoctorApiserver, WhereALogIsFollowedNothingNeedBePosted) {
  folder_.write("policy.yaml", "");
  folder_.write("audit.log", "");
  settings_.file_source.enabled = true;
  settings_.file_source.paths = {folder_.path("*.log")};
  const std::string policy = "        - --audit-policy-file=/audit/policy.yaml\n";
  const std::string log = "        - --audit-log-path=/audit/";
  EXPECT_EQ(findings(manifest(policy + log + "audit.log\n")), "");
  EXPECT_TRUE(has(findings(manifest(policy)), "neither --audit-log-path nor"));
  EXPECT_TRUE(has(findings(manifest(policy + log + "other\n")), "not among file_source.paths"));
  EXPECT_TRUE(has(findings(manifest(policy + "        - --audit-log-path=/var/log/audit.log\n")),
                  "is in no hostPath volume"));
  settings_.file_source.enabled = false;
  EXPECT_TRUE(has(findings(manifest(policy + log + "audit.log\n")),
                  "kube-apiserver has no --audit-webhook-config-file"));
}

TEST_F(DoctorApiserver, TheNameThatTheClientAsksForIsLookedFor) {
  const support::Certificate made = support::make_certificate();
  settings_.webserver.ssl_enabled = true;
  settings_.webserver.port = 1;  // nobody answers there
  settings_.webserver.ssl_certificate = folder_.write("tls.pem", made.certificate + made.key);
  const std::string words = manifest("        - --audit-policy-file=/audit/tls.pem\n");
  const auto complaints = [&](const std::string& host, const std::string& name) {
    const std::string file = kubeconfig("server: \"https://" + host + ":1/k8s_audit\"" +
                                            (name.empty() ? "" : ", tls-server-name: " + name),
                                        "");
    return has(findings(words, file), "certificate: it does not name ");
  };
  EXPECT_FALSE(complaints("127.0.0.1", ""));
  EXPECT_TRUE(complaints("127.0.0.2", ""));
  EXPECT_FALSE(complaints("127.0.0.2", "localhost"));
  EXPECT_TRUE(complaints("127.0.0.1", "elsewhere"));
}

TEST_F(DoctorApiserver, FilesOfTheKubeconfigAreWhereTheContainerSeesThem) {
  settings_.webserver.ssl_enabled = true;
  settings_.webserver.port = 1;
  folder_.write("ca.crt", "");
  const std::string words = manifest("        - --audit-policy-file=/audit/ca.crt\n");
  const std::string server = "server: \"https://127.0.0.1:1/k8s_audit\", certificate-authority: ";
  const auto found = [&](const std::string& file) {
    return findings(words, kubeconfig(server + file, ""));
  };
  for (const char* const good : {"/audit/ca.crt", "ca.crt", "./ca.crt"}) {
    EXPECT_FALSE(has(found(good), "certificate-authority /")) << found(good);
  }
  EXPECT_TRUE(has(found("/audit/none.crt"),
                  "certificate-authority " + folder_.path("none.crt") + " cannot be read here"));
  EXPECT_TRUE(has(found("none.crt"),
                  "certificate-authority " + folder_.path("none.crt") + " cannot be read here"));
  EXPECT_TRUE(has(found("/etc/pki/ca.crt"),
                  "certificate-authority /etc/pki/ca.crt is in no hostPath volume"));
}

}  // namespace
}  // namespace tiercel::app
