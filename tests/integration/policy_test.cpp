// `tiercel policy` and `tiercel kubeconfig` as an operator calls them.
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "harness.h"
#include "read_file.h"

namespace tiercel::tests {
namespace {

using support::run_program;

constexpr const char* kHead = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n";

TEST(PolicyCommand, GeneratedIsGoodAndMeasured) {
  const support::TempDir folder;
  const std::string log =
      std::string(TIERCEL_TEST_DATA) + "/scenarios/d01_exec_attach_portforward.jsonl";
  const auto generated =
      run_program({"policy", "generate", "-r", shipped_rules(), "--events", log});
  ASSERT_EQ(generated.status, 0) << generated.err;
  EXPECT_NE(generated.out.find("recorded events ("), std::string::npos) << generated.out;
  const auto checked = run_program(
      {"policy", "check", folder.write("policy.yaml", generated.out), "-r", shipped_rules()});
  EXPECT_EQ(checked.status, 0) << checked.out;
  EXPECT_EQ(checked.out.find("warning"), std::string::npos) << checked.out;
  EXPECT_NE(checked.out.find("see what they look for"), std::string::npos) << checked.out;
}

// A log of level Metadata says nothing of what answers to reads hold.
TEST(PolicyCommand, ReadsWhoseResponsesTheLogLacksAreCounted) {
  const support::TempDir folder;
  const auto event = [](const std::string& verb, const std::string& level) {
    return R"({"kind":"Event","apiVersion":"audit.k8s.io/v1","level":")" + level +
           R"(","auditID":"a","stage":"ResponseComplete","requestURI":"/api/v1/secrets","verb":")" +
           verb +
           R"(","user":{"username":"u","groups":["g"]},"objectRef":{"resource":"secrets",)"
           R"("apiVersion":"v1"},"responseStatus":{"code":200},)"
           R"("requestReceivedTimestamp":"2026-01-01T00:00:00.000000Z",)"
           R"("stageTimestamp":"2026-01-01T00:00:00.000000Z"})"
           "\n";
  };
  const std::string rules = folder.write(
      "rules.yaml",
      "- rule: R\n  desc: d\n  condition: ka.target.resource = secrets and ka.resp.name = a\n"
      "  output: x\n  priority: NOTICE\n  source: k8s_audit\n");
  const auto generated = [&](const std::string& events) {
    const auto run = run_program(
        {"policy", "generate", "-r", rules, "--events", folder.write("audit.log", events)});
    EXPECT_EQ(run.status, 0) << run.err;
    EXPECT_NE(run.out.find("level: RequestResponse"), std::string::npos) << run.out;
    return run.out;
  };
  const std::string lacking =
      generated(event("list", "Metadata") + event("get", "Metadata") + event("create", "Metadata"));
  EXPECT_NE(lacking.find("# The log lacks bodies of 1 of them"), std::string::npos) << lacking;
  EXPECT_NE(lacking.find("# The log lacks the responses of 2 reads: they come on top"),
            std::string::npos)
      << lacking;
  EXPECT_EQ(generated(event("list", "RequestResponse")).find("responses of"), std::string::npos);
}

TEST(PolicyCommand, StatusOneWhereARuleCanNeverFire) {
  const support::TempDir folder;
  const std::string none = folder.write("none.yaml", std::string(kHead) + "- level: None\n");
  const auto text = run_program({"policy", "check", none, "-r", shipped_rules()});
  EXPECT_EQ(text.status, 1);
  EXPECT_NE(text.out.find(none + ":4:3: error: rule \"Attach/Exec Pod\" can never fire"),
            std::string::npos)
      << text.out;
  const auto json = run_program({"policy", "check", none, "--json", "-r", shipped_rules()});
  EXPECT_EQ(json.status, 1);
  const auto found = nlohmann::json::parse(json.out, nullptr, false);
  ASSERT_TRUE(found.is_object()) << json.out;
  EXPECT_EQ(found["findings"][0]["harm"], "never");
  const std::string all =
      folder.write("all.yaml", std::string(kHead) + "- level: RequestResponse\n");
  EXPECT_EQ(run_program({"policy", "check", all, "-r", shipped_rules()}).status, 0);
}

TEST(PolicyCommand, RefusesWhatTheApiServerRefuses) {
  const support::TempDir folder;
  const std::string bad = folder.write("bad.yaml", std::string(kHead) + "- level: Everything\n");
  const auto result = run_program({"policy", "check", bad, "-r", shipped_rules()});
  EXPECT_EQ(result.status, 1);
  EXPECT_NE(result.err.find(bad + ":4:10: error: there is no level 'Everything'"),
            std::string::npos)
      << result.err;
  EXPECT_EQ(run_program({"policy", "check", folder.path("no"), "-r", shipped_rules()}).status, 1);
  EXPECT_EQ(run_program({"policy", "check", "-r", shipped_rules()}).status, 2);
}

TEST(KubeconfigCommand, IsTheSampleWithoutCredentials) {
  const auto plain = run_program({"kubeconfig", "--server", "http://127.0.0.1:8765/k8s_audit"});
  ASSERT_EQ(plain.status, 0) << plain.err;
  EXPECT_EQ(plain.out,
            "apiVersion: v1\n"
            "kind: Config\n"
            "clusters:\n"
            "  - name: tiercel\n"
            "    cluster:\n"
            "      server: \"http://127.0.0.1:8765/k8s_audit\"\n"
            "contexts:\n"
            "  - name: tiercel\n"
            "    context:\n"
            "      cluster: tiercel\n"
            "      user: kube-apiserver\n"
            "current-context: tiercel\n"
            "users:\n"
            "  - name: kube-apiserver\n"
            "    user: {}\n");
  const auto full =
      run_program({"kubeconfig", "--server", "https://t.example/k8s_audit", "--ca", "/a/ca.crt",
                   "--client-cert", "/a/c.crt", "--client-key", "/a/c.key", "--token-file",
                   "/a/token", "--dir", "/a", "--for", "all"});
  ASSERT_EQ(full.status, 0) << full.err;
  for (const char* const part :
       {"certificate-authority: \"/a/ca.crt\"", "client-certificate: \"/a/c.crt\"",
        "client-key: \"/a/c.key\"", "tokenFile: \"/a/token\"", "# ---- kubeadm", "# ---- k3s",
        "# ---- rke2", "# ---- talos", "# ---- kind",
        "- --audit-webhook-config-file=/a/webhook-kubeconfig.yaml"}) {
    EXPECT_NE(full.out.find(part), std::string::npos) << part;
  }
  // All but the kubeconfig is a comment: the output is the file.
  bool is_after = false;
  for (const std::string& line : lines_of(full.out)) {
    is_after = is_after || line.starts_with('#');
    EXPECT_TRUE(!is_after || line.starts_with('#')) << line;
  }
}

TEST(KubeconfigCommand, TakesHostsWithAndWithoutPort) {
  for (const char* const host : {"h", "h:1", "h:65535", "[::1]", "[fe80::1]:8765"}) {
    const auto result =
        run_program({"kubeconfig", "--server", "https://" + std::string(host) + "/k8s_audit"});
    EXPECT_EQ(result.status, 0) << result.err;
  }
}

// The README reckons what the API server may have to hold under the flags that are printed.
TEST(KubeconfigCommand, TheSumOfPushBackIsOfThePrintedFlags) {
  const auto result =
      run_program({"kubeconfig", "--server", "https://h/k8s_audit", "--for", "kubeadm"});
  ASSERT_EQ(result.status, 0) << result.err;
  const std::string readme =
      support::read_file(std::string(TIERCEL_SOURCE_DIR) + "/packaging/README.md");
  for (const std::string flag :
       {"--audit-webhook-batch-throttle-qps=", "--audit-webhook-batch-throttle-burst="}) {
    const std::size_t at = result.out.find(flag);
    ASSERT_NE(at, std::string::npos) << result.out;
    const std::string written = result.out.substr(at, result.out.find('\n', at) - at);
    EXPECT_NE(readme.find("`" + written + "`"), std::string::npos) << written;
  }
}

// The lines of one distribution's setup that are YAML, without "#" and the common indent.
std::string yaml_of(const std::string& text, const std::string& distribution) {
  std::string out;
  bool is_in = false;
  for (const std::string& line : lines_of(text)) {
    if (line.starts_with("# ---- ")) {
      is_in = line == "# ---- " + distribution;
    } else if (is_in && line.starts_with("#     ")) {
      out += line.substr(6) + "\n";
    }
  }
  return out;
}

TEST(KubeconfigCommand, TalosGetsFilesThatItsApiServerFinds) {
  const support::TempDir folder;
  const auto result =
      run_program({"kubeconfig", "--server", "https://t.example/k8s_audit", "--ca", "/x/tls.crt",
                   "--client-cert", "/y/tls.crt", "--client-key", "/y/tls.key", "--for", "talos"});
  ASSERT_EQ(result.status, 0) << result.err;
  const std::string yaml = yaml_of(result.out, "talos");
  for (const char* const file : {"ca.crt", "client.crt", "client.key"}) {
    const std::string path = std::string("/var/etc/tiercel/") + file;
    EXPECT_NE(yaml.find("- path: " + path + "\n"), std::string::npos) << yaml;
    EXPECT_NE(yaml.find(": \"" + path + "\"\n"), std::string::npos) << yaml;
  }
  EXPECT_NE(yaml.find("the content of /y/tls.key>\n"), std::string::npos) << yaml;
  EXPECT_EQ(yaml.find("tls.crt\"\n"), std::string::npos) << yaml;
  EXPECT_EQ(yaml.find("/token\n"), std::string::npos) << yaml;
  // As printed, the policy is one that kube-apiserver takes.
  std::string policy;
  bool is_in = false;
  for (const std::string& line : lines_of(yaml)) {
    is_in = line.starts_with("      ") && (is_in || line.find(" apiVersion: audit") == 5);
    policy += is_in ? line.substr(6) + "\n" : "";
  }
  const auto checked =
      run_program({"policy", "check", folder.write("policy.yaml", policy), "-r", shipped_rules()});
  EXPECT_EQ(checked.err, "") << policy;
  EXPECT_NE(checked.out.find("warning"), std::string::npos) << policy << checked.out;
}

TEST(KubeconfigCommand, TakesFilesThatAreMountedOrNeedNotBe) {
  const std::string server = "https://t.example/k8s_audit";
  const Lines kCases[] = {
      {"--ca", "/etc/kubernetes/pki/ca.crt", "--for", "kubeadm"},
      {"--ca", "/a/b/ca.crt", "--dir", "/a/", "--for", "kubeadm,rke2,kind"},
      {"--ca", "/x/ca.crt", "--for", "k3s,talos"},
      {"--ca", "/x/ca.crt"},
  };
  for (const Lines& one : kCases) {
    Lines arguments{"kubeconfig", "--server", server};
    arguments.insert(arguments.end(), one.begin(), one.end());
    const auto result = run_program(arguments);
    EXPECT_EQ(result.status, 0) << result.err;
  }
  const auto k3s =
      run_program({"kubeconfig", "--server", server, "--ca", "/x/ca.crt", "--for", "k3s"});
  EXPECT_NE(k3s.out.find("must find at:\n#\n#     /x/ca.crt\n"), std::string::npos) << k3s.out;
}

TEST(KubeconfigCommand, RefusesWhatWouldNeverDeliver) {
  const std::string tls = "https://h/k8s_audit";
  const struct {
    Lines arguments;
    const char* says;
  } kCases[] = {
      {{"--server", "http://127.0.0.1:8765"}, "write http://127.0.0.1:8765/k8s_audit"},
      {{"--server", "https://h/"}, "write https://h/k8s_audit"},
      {{"--server", "h:8765/k8s_audit"}, "must begin with http:// or https://"},
      {{"--server", "https:///k8s_audit"}, "names no host"},
      {{"--server", "https://:8765/k8s_audit"}, "is no URL: "},
      {{"--server", "http://127.0.0.1:99999/k8s_audit"}, "between 0 and 65535"},
      {{"--server", "https://h:0/k8s_audit"}, "port '0', which is none"},
      {{"--server", "https://[::1]:/k8s_audit"}, "port '', which is none"},
      {{"--server", "https://h:/k8s_audit"}, "port '', which is none"},
      {{"--server", "https://h:87x/k8s_audit"}, "between 0 and 65535"},
      {{"--server", "https://[::1:8765/k8s_audit"}, "is no URL: "},
      {{"--server", "https://[::1]"}, "write https://[::1]/k8s_audit"},
      {{"--server", "https://[::1]:8765"}, "write https://[::1]:8765/k8s_audit"},
      {{"--server", "https://h h/k8s_audit"}, "holds blanks"},
      {{"--server", "https://a:b@h/k8s_audit"}, "holds a user"},
      {{"--server", "https://h/k8s_audit?x=1"}, "query"},
      {{"--server", "http://h/k8s_audit", "--token", "t"}, "sends no token over plain http"},
      {{"--server", "http://h/k8s_audit", "--ca", "/ca"}, "mean nothing over plain http"},
      {{"--server", tls, "--client-cert", "/c"}, "go together"},
      {{"--server", tls, "--token", "t", "--token-file", "/t"}, "exclude each other"},
      {{"--server", tls, "--token", "a b"}, "--token holds blanks"},
      {{"--server", tls, "--ca", "ca.crt"}, "--ca must be an absolute path"},
      {{"--server", tls, "--ca", "/a/ca.crt", "--for", "rke2"},
       "--ca /a/ca.crt is outside of /etc/kubernetes/audit"},
      {{"--server", tls, "--token-file", "/a/../b/t", "--dir", "/a", "--for", "kubeadm"},
       "--token-file /a/../b/t is outside of /a"},
      {{"--server", tls, "--ca", "/ab/ca.crt", "--dir", "/a", "--for", "all"},
       "with kubeadm, rke2, kind: it would not start"},
  };
  for (const auto& one : kCases) {
    Lines arguments{"kubeconfig"};
    arguments.insert(arguments.end(), one.arguments.begin(), one.arguments.end());
    const auto result = run_program(arguments);
    EXPECT_EQ(result.status, 1) << one.says;
    EXPECT_EQ(result.out, "");
    EXPECT_NE(result.err.find(one.says), std::string::npos) << result.err;
  }
}

// What an operator types may be a password, and what is printed ends in a ticket.
TEST(KubeconfigCommand, PrintsNoPasswordThatAServerHolds) {
  for (const char* const rest :
       {"h", "h/", "h:8765", "h:0/k8s_audit", "h:/k8s_audit", "h:99999", "[::1]:x/k8s_audit"}) {
    const auto result =
        run_program({"kubeconfig", "--server", "https://tom:s3cret@" + std::string(rest)});
    EXPECT_EQ(result.status, 1) << rest;
    EXPECT_NE(result.err, "") << rest;
    EXPECT_EQ(result.err.find("s3cret"), std::string::npos) << result.err;
    EXPECT_EQ(result.err.find("tom"), std::string::npos) << result.err;
  }
}

}  // namespace
}  // namespace tiercel::tests
