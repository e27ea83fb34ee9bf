#pragma once

#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "certificates.h"
#include "harness.h"

namespace tiercel::tests {

using nlohmann::json;
using support::run_program;

/// A daemon, and the commands that look whether it sees.
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
inline std::string findings_of(const support::ProgramResult& answer, const std::string& topic) {
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

inline std::string kubeconfig(const std::string& server, const std::string& context = "tiercel") {
  return "apiVersion: v1\nkind: Config\ncurrent-context: " + context +
         "\nclusters:\n  - {name: tiercel, cluster: {server: \"" + server +
         "\"}}\ncontexts:\n  - {name: tiercel, context: {cluster: tiercel, user: apiserver}}\n"
         "users:\n  - {name: apiserver, user: {}}\n";
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

inline std::string cluster_rule(const std::string& cluster) {
  return "- rule: Of " + cluster + "\n  desc: d\n  condition: ka.cluster.name = " + cluster +
         "\n  output: o\n  priority: INFO\n  source: k8s_audit\n";
}

}  // namespace tiercel::tests
