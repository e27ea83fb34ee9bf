#include <gtest/gtest.h>

#include "support.h"

namespace tiercel::config {
namespace {

// "http 127.0.0.1:8765 audit /a health /h" lines.
std::string listeners_of(const Settings& settings) {
  std::string out;
  for (const Listener& listener : listeners(settings)) {
    out += out.empty() ? "" : "\n";
    out += listener.tls ? "https" : "http";
    for (const std::string& host : listener.hosts) {
      out += " " + host + ":" + std::to_string(listener.port);
    }
    if (listener.tls) {
      out += " certificate " + listener.certificate;
    }
    for (const std::string& path : listener.audit_paths) {
      out += " audit " + path;
    }
    out += listener.health_path.empty() ? "" : " health " + listener.health_path;
  }
  return out;
}

std::string plugin(std::string_view open_params, std::string_view more = "") {
  return "plugins: [{name: k8saudit, library_path: libk8saudit.so, open_params: \"" +
         std::string(open_params) + "\"" + std::string(more) + "}]\n";
}

TEST(Webserver, TheOldBlockWorksVerbatim) {
  const Outcome outcome = load(
      "webserver: {enabled: true, listen_port: 8765, k8s_audit_endpoint: /k8s_audit, ssl_enabled: "
      "false, ssl_certificate: /etc/falco/falco.pem}\nstdout_output: {enabled: true}\n",
      {}, Purpose::kRun);
  EXPECT_EQ(outcome.codes(), "note loopback_only c.yaml:1:12");
  EXPECT_EQ(listeners_of(outcome.loaded.settings),
            "http 127.0.0.1:8765 audit /k8s_audit audit /k8s-audit health /healthz");
}

// Beyond loopback only for those who prove who they are, or where that is asked for in words.
TEST(Webserver, IsNotOpenedToEverybodyByAccident) {
  struct Case {
    std::string webserver;
    std::string_view want;
  };
  const std::string tls = "ssl_enabled: true, ";
  for (const Case& c : {
           Case{"listen_address: 10.0.0.1", "error unauthenticated"},
           Case{"listen_address: [127.0.0.1, 10.0.0.1]", "error unauthenticated"},
           Case{"listen_address: 10.0.0.1, allow_unauthenticated: true", "warning unauthenticated"},
           Case{"listen_address: 10.0.0.1, " + tls + "ssl_client_ca: /ca", ""},
           Case{"listen_address: 10.0.0.1, " + tls +
                    "ssl_client_ca: /ca, ssl_client_certificate: optional",
                "error unauthenticated"},
           Case{"listen_address: 10.0.0.1, ssl_client_ca: /ca", "error unauthenticated"},
           Case{"listen_address: 10.0.0.1, " + tls + "tokens: {a: /a}", ""},
           Case{"listen_address: 10.0.0.1, " + tls + "allowed_networks: [10.0.0.0/8]",
                "error unauthenticated"},
           Case{"listen_address: [127.9.9.9, '::1', '[::1]']", ""},
           Case{"listen_address: 127.0.0.1, tokens: {a: /a}", "warning conflict"},
           Case{"listen_address: 127.0.0.1, ssl_client_names: [a]", "error conflict"},
           Case{"listen_address: 10.0.0.1, " + tls + "tokens: {a: /a}, allowed_networks: []",
                "warning bad_value"},
           Case{"listen_address: 10.0.0.1, " + tls + "ssl_client_ca: /ca, ssl_client_names: []",
                "warning bad_value"},
           Case{"listen_address: 10.0.0.1, " + tls + "ssl_client_ca: /ca, tokens: {}",
                "warning bad_value"},
           Case{"listen_address: 127.0.0.1, allowed_networks: [], tokens: {}, ssl_client_names: []",
                ""},
           Case{"listen_address: 127.0.0.1, " + tls +
                    "ssl_client_ca: /ca, ssl_client_certificate: optional, ssl_client_names: [a]",
                "warning conflict"},
           Case{"listen_address: 127.0.0.1, " + tls +
                    "tokens: {a: /a}, ssl_client_ca: /ca, "
                    "ssl_client_certificate: optional, ssl_client_names: [a]",
                ""},
           Case{"listen_address: 127.0.0.1, " + tls + "ssl_client_ca: /ca, ssl_client_names: [a]",
                ""},
           Case{"listen_address: 127.0.0.1, allowed_networks: [10.0.0.1/8]", "error bad_value"},
       }) {
    const Outcome outcome =
        load("webserver: {" + c.webserver + "}\nstdout_output: {enabled: true}", {}, Purpose::kRun);
    EXPECT_TRUE(outcome.codes().starts_with(c.want)) << c.webserver << ": " << outcome.codes();
    EXPECT_EQ(outcome.codes().empty(), c.want.empty()) << c.webserver << ": " << outcome.codes();
  }
}

// A token's name is the cluster of the events that come with it: an empty one would be nobody's.
TEST(Webserver, TokensHaveNamesOfClusters) {
  const auto codes = [](const std::string& name) {
    return load("webserver: {tokens: {" + name + ": /a}}").codes();
  };
  EXPECT_EQ(codes("eu-1.prod_A"), "note loopback_only c.yaml:1:12");
  for (const std::string& name :
       {std::string("''"), std::string("'a b'"), std::string("a/b"), std::string(64, 'a')}) {
    EXPECT_NE(codes(name).find("error bad_value c.yaml:1:"), std::string::npos) << name;
  }
}

TEST(Webserver, IsTheReceiverWithoutPlugin) {
  EXPECT_EQ(listeners_of(load("webserver: {listen_address: ['0.0.0.0', '::1'], listen_port: 1, "
                              "k8s_audit_endpoint: /mine, ssl_enabled: yes, ssl_certificate: /p}")
                             .loaded.settings),
            "https 0.0.0.0:1 ::1:1 certificate /p audit /mine audit /k8s_audit audit /k8s-audit "
            "health /healthz");
  const Outcome none =
      load("webserver: {enabled: false}\nstdout_output: {enabled: true}", {}, Purpose::kRun);
  EXPECT_EQ(none.codes(), "error no_source c.yaml:1:22");
  EXPECT_EQ(listeners_of(none.loaded.settings), "");
}

TEST(Webserver, PluginIsTheReceiver) {
  struct Case {
    std::string text;
    std::string_view want;
  };
  const std::string health = "\nhttp 127.0.0.1:8765 health /healthz";
  const std::vector<Case> cases{
      {plugin("http://:9765/k8s-audit"), "http :9765 audit /k8s-audit"},
      {plugin("http://127.0.0.1:9765/x?timeout=1"), "http 127.0.0.1:9765 audit /x"},
      {plugin("http://some.host:9765"), "http some.host:9765 audit /k8s_audit"},
      {plugin("http://[::1]:9765/a/b#c"), "http ::1:9765 audit /a/b"},
      {plugin("http:///x"), "http :80 audit /x"},
      {plugin("https:///x"), "https :443 certificate /etc/falco/falco.pem audit /x"},
      {plugin("https://:1/x", ", init_config: {sslCertificate: /my.pem, unknown: [1]}"),
       "https :1 certificate /my.pem audit /x"},
      {plugin("https://:1/x", ", init_config: '{\"sslCertificate\": \"/json.pem\"}'"),
       "https :1 certificate /json.pem audit /x"},
      {plugin("http://:1/x", ", init_config: ''"), "http :1 audit /x"},
      {plugin("http://:1/x") + "load_plugins: [k8saudit, json]", "http :1 audit /x"},
  };
  for (const Case& c : cases) {
    const Outcome outcome = load(c.text);
    EXPECT_FALSE(outcome.diagnostics.has_errors()) << c.text << outcome.text();
    EXPECT_EQ(listeners_of(outcome.loaded.settings), std::string(c.want) + health) << c.text;
  }
  EXPECT_EQ(
      listeners_of(load(plugin("http://:1/x") + "webserver: {enabled: false}").loaded.settings),
      "http :1 audit /x");
}

// Falco's own entry opens its port to all and is loaded as it stands; what the webserver's own
// address adds to that port is not Falco's.
TEST(Webserver, OpensThePluginsPortWithAWarning) {
  const auto codes = [](const std::string& open_params, const std::string& webserver) {
    return load(plugin(open_params) + webserver + "\nstdout_output: {enabled: true}", {},
                Purpose::kRun)
        .codes();
  };
  EXPECT_EQ(codes("http://:9765/k8s-audit", ""), "warning unauthenticated c.yaml:1:10");
  EXPECT_EQ(codes("http://127.0.0.1:9765/k8s-audit", ""), "");
  EXPECT_EQ(codes("http://127.0.0.1:9765/k8s-audit",
                  "webserver: {listen_port: 9765, listen_address: 10.0.0.1}"),
            "error unauthenticated c.yaml:2:48");
  // Also where its own address is one that others can reach.
  for (const std::string address : {"0.0.0.0", "10.0.0.2", "'::'"}) {
    EXPECT_EQ(codes("http://10.0.0.1:9765/k8s-audit",
                    "webserver: {listen_port: 9765, listen_address: " + address + "}"),
              "error unauthenticated c.yaml:2:48")
        << address;
  }
  EXPECT_EQ(codes("http://0.0.0.0:9765/k8s-audit",
                  "webserver: {listen_port: 9765, listen_address: 'fd00::1'}"),
            "error unauthenticated c.yaml:2:48");
  EXPECT_EQ(codes("http://10.0.0.1:9765/k8s-audit",
                  "webserver: {listen_port: 9765, listen_address: 0.0.0.0, "
                  "allow_unauthenticated: true}"),
            "warning unauthenticated c.yaml:2:48");
  // What adds nothing to it.
  for (const auto& [host, address] :
       {std::pair{"10.0.0.1", "10.0.0.1"}, std::pair{"10.0.0.1", "127.0.0.1"},
        std::pair{"", "10.0.0.1"}, std::pair{"", "'::'"}, std::pair{"[::]", "0.0.0.0"},
        std::pair{"0.0.0.0", "10.0.0.1"}, std::pair{"0.0.0.0", "'::1'"}}) {
    EXPECT_EQ(codes("http://" + std::string(host) + ":9765/k8s-audit",
                    "webserver: {listen_port: 9765, listen_address: " + std::string(address) + "}"),
              "warning unauthenticated c.yaml:1:10")
        << host << " " << address;
  }
}

// Required certificates are asked for of every batch, also where none can be shown.
TEST(Webserver, RequiresNoCertificatesThatThePluginsPortDoesNotAskFor) {
  const auto codes = [](const std::string& open_params, const std::string& more) {
    return load("webserver: {ssl_enabled: true, ssl_certificate: /c, ssl_client_ca: /ca" + more +
                    "}\n" + plugin(open_params) + "stdout_output: {enabled: true}",
                {}, Purpose::kRun)
        .codes();
  };
  EXPECT_EQ(codes("http://127.0.0.1:9765/x", ""), "error conflict c.yaml:1:68");
  EXPECT_EQ(codes("https://127.0.0.1:9765/x", ""), "error conflict c.yaml:1:68");
  EXPECT_EQ(codes("https://127.0.0.1:8765/x", ""), "");
  EXPECT_EQ(codes("http://127.0.0.1:9765/x", ", ssl_client_certificate: optional"), "");
}

TEST(Webserver, SharesThePortOfThePlugin) {
  EXPECT_EQ(listeners_of(load(plugin("http://127.0.0.1:8765/x")).loaded.settings),
            "http 127.0.0.1:8765 audit /x health /healthz");
  EXPECT_EQ(listeners_of(load(plugin("http://:8765/x")).loaded.settings),
            "http :8765 audit /x health /healthz");
  EXPECT_EQ(
      listeners_of(load(plugin("http://10.0.0.1:8765/x") + "webserver: {listen_address: 0.0.0.0}")
                       .loaded.settings),
      "http 0.0.0.0:8765 audit /x health /healthz");
  EXPECT_EQ(listeners_of(load(plugin("http://0.0.0.0:8765/x") +
                              "webserver: {listen_address: [127.0.0.1, '::1']}")
                             .loaded.settings),
            "http 0.0.0.0:8765 ::1:8765 audit /x health /healthz");
  const auto with_host = [](const std::string& host) {
    return listeners_of(load(plugin("http://" + host + ":8765/x") +
                             "webserver: {listen_address: 0.0.0.0, allow_unauthenticated: true}")
                            .loaded.settings);
  };
  EXPECT_EQ(with_host("node6.example"), "http :8765 audit /x health /healthz") << "may be in IPv6";
  EXPECT_EQ(with_host("localhost"), "http 0.0.0.0:8765 audit /x health /healthz");
  EXPECT_EQ(load(plugin("https://:8765/x")).codes(), "error conflict c.yaml:1:10");
  EXPECT_EQ(load(plugin("http://:8765/healthz")).codes(), "error conflict c.yaml:1:10");
}

TEST(Webserver, OpenParametersThatNameNoReceiver) {
  struct Case {
    std::string_view text;
    std::string_view code;
    std::string_view message;
  };
  const std::vector<Case> cases{
      {"file:///var/log/audit.log", "refused_key", "following a file is not there yet"},
      {"/var/log/audit.log", "refused_key", "reading a file is not a daemon's task"},
      {"http://host/x", "bad_plugin", "the port is missing"},
      {"http://host:/x", "bad_plugin", "the port is missing"},
      {"http://[::1/x", "bad_plugin", "the bracket before the address is not closed"},
      {"http://[::1]9/x", "bad_plugin", "a colon and the port must follow the address"},
      {"http://:99999/x", "bad_plugin", "not a port: '99999'"},
      {"http://:x/x", "bad_plugin", "not a port: 'x'"},
      {"ftp://:1/x", "bad_plugin", "only http and https are known"},
      {"", "bad_plugin", "the k8saudit entry needs open_params"},
  };
  for (const Case& c : cases) {
    const Outcome outcome = load(plugin(c.text));
    ASSERT_EQ(outcome.diagnostics.list().size(), 1U) << c.text << outcome.text();
    EXPECT_EQ(outcome.diagnostics.list().front().code, c.code) << c.text;
    EXPECT_TRUE(outcome.diagnostics.list().front().message.ends_with(c.message))
        << outcome.diagnostics.list().front().message;
  }
}

TEST(Webserver, OtherPluginsAreIgnoredOrRefused) {
  EXPECT_EQ(load("plugins: [{name: json}, {name: container, init_config: {a: 1}}]").codes(),
            "warning ignored_keys c.yaml:1:18");
  EXPECT_EQ(load("load_plugins: [container]").codes(), "warning ignored_keys c.yaml:1:15");
  EXPECT_EQ(load("load_plugins: []\nplugins: [{name: k8saudit-eks}]").codes(), "");
  EXPECT_EQ(load("plugins: [{name: k8saudit-eks, open_params: x}]").codes(),
            "error refused_key c.yaml:1:18");
  EXPECT_EQ(load("load_plugins: [k8saudit]").codes(), "error bad_plugin c.yaml:1:15");
  EXPECT_EQ(load("plugins: [{library_path: x}]").codes(), "error bad_plugin c.yaml:1:11");
  EXPECT_EQ(load("plugins: [{name: json, libary: x}]").codes(),
            "warning ignored_keys c.yaml:1:18\nerror unknown_key c.yaml:1:24");
  EXPECT_EQ(load("plugins: x").codes(), "error wrong_type c.yaml:1:10");
  // Not loaded: the webserver receives, as if the entry were not there.
  EXPECT_EQ(listeners_of(load("load_plugins: []\n" + plugin("http://:1/x")).loaded.settings),
            "http 127.0.0.1:8765 audit /k8s_audit audit /k8s-audit health /healthz");
}

TEST(Webserver, InitConfigSetsTheLargestBody) {
  const Outcome small =
      load(plugin("http://:1/x", ", init_config: {webhookMaxBatchSize: 1048576, maxEventSize: 5}"));
  EXPECT_EQ(small.codes(), "warning ignored_keys c.yaml:1:144");
  EXPECT_EQ(small.loaded.settings.limits.max_body.bytes, 1U << 20U);
  EXPECT_EQ(small.loaded.settings.limits.whole_body.bytes, 1U << 20U);
  const Outcome ours = load(plugin("http://:1/x", ", init_config: {webhookMaxBatchSize: 5}") +
                            "limits: {max_body: 2GiB}");
  EXPECT_EQ(ours.loaded.settings.limits.max_body.bytes, std::uint64_t{2} << 30U);
  EXPECT_TRUE(load(plugin("http://:1/x", ", init_config: {webhookMaxBatchSize: x}"))
                  .diagnostics.has_errors());
  EXPECT_TRUE(
      load(plugin("http://:1/x", ", init_config: {sslCertificate: []}")).diagnostics.has_errors());
  EXPECT_TRUE(load(plugin("http://:1/x", ", init_config: [x]")).diagnostics.has_errors());
  EXPECT_TRUE(load(plugin("http://:1/x", ", init_config: '{'")).diagnostics.has_errors());
}

}  // namespace
}  // namespace tiercel::config
