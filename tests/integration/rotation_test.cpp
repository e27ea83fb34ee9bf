// Certificates and tokens that change while batches come.
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <mutex>
#include <set>
#include <thread>

#include <gtest/gtest.h>

#include "certificates.h"
#include "harness.h"

namespace tiercel::tests {
namespace {

using support::Certificate;
using support::HttpClient;
using support::make_certificate;
using support::TlsClientOptions;
using support::wait_until;

/// Clients that post all the while, over connections that they keep and over new ones.
class Load {
 public:
  Load(std::uint16_t port, std::string headers) : port_(port), headers_(std::move(headers)) {
    for (const bool is_kept : {true, true, false, false}) {
      threads_.emplace_back([this, is_kept] { run(is_kept); });
    }
  }
  ~Load() { stop(); }
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;
  void stop() {
    is_stopping_ = true;
    for (std::thread& thread : threads_) {
      thread.join();
    }
    threads_.clear();
  }
  [[nodiscard]] std::size_t served() const { return served_; }
  [[nodiscard]] std::size_t failed() const { return failed_; }
  /// After stop(): the answers to those that failed.
  [[nodiscard]] std::string failures() const {
    const std::lock_guard lock(mutex_);
    return failures_;
  }

 private:
  void run(bool is_kept) {
    const TlsClientOptions tls;
    const Lines items{small_event("event")};
    const std::string request = support::post("/k8s_audit", event_list(items), headers_);
    std::unique_ptr<HttpClient> client;
    while (!is_stopping_) {
      if (client == nullptr || !is_kept) {
        client = std::make_unique<HttpClient>(port_, &tls);
      }
      const auto answer = client->exchange(request);
      ++(answer.status == 200 ? served_ : failed_);
      if (answer.status != 200) {
        const std::lock_guard lock(mutex_);
        failures_ += std::string(is_kept ? "kept" : "new") + " connection: status " +
                     std::to_string(answer.status) + " " + answer.body + client->problem() + "; ";
        client.reset();
      }
    }
  }

  std::uint16_t port_;
  std::string headers_;
  std::atomic<bool> is_stopping_{false};
  std::atomic<std::size_t> served_{0};
  std::atomic<std::size_t> failed_{0};
  mutable std::mutex mutex_;
  std::string failures_;
  std::vector<std::thread> threads_;
};

class Rotation : public testing::Test {
 protected:
  // As cert-manager and careful hands do: whole files change their name.
  void replace(const std::string& name, const std::string& text) {
    std::filesystem::rename(folder_.write(name + ".new", text), folder_.path(name));
  }
  void renew() {
    current_ = make_certificate();
    replace("server.pem", current_.certificate + current_.key);
  }
  // Whether a new connection is shown this certificate.
  bool shows(AuditDaemon& daemon, const Certificate& certificate) {
    const TlsClientOptions tls{.ca_file = folder_.write("ca.pem", certificate.certificate)};
    return HttpClient(daemon.port(), &tls).connected();
  }
  static bool has_alert(const AuditDaemon& daemon, const std::string& rule) {
    const Lines alerts = daemon.own_alerts();
    return std::any_of(alerts.begin(), alerts.end(),
                       [&rule](const std::string& alert) { return rule_of(alert) == rule; });
  }
  Lines options() {
    renew();
    return {"-o", "webserver.ssl_enabled=true", "-o",
            "webserver.ssl_certificate=" + folder_.path("server.pem")};
  }

  support::TempDir folder_;
  Certificate current_;
};

TEST_F(Rotation, OfCertificatesFailsNoRequest) {
  AuditDaemon daemon({shipped_rules()}, options());
  Load load(daemon.port(), "");
  constexpr int kByWatch = 2;
  constexpr int kBySignal = 10;
  for (int at = 0; at < kByWatch + kBySignal; ++at) {
    renew();
    if (at >= kByWatch) {
      daemon.process().signal(SIGHUP);
    }
    ASSERT_TRUE(wait_until([&] { return shows(daemon, current_); })) << at;
  }
  const std::size_t before = load.served();
  EXPECT_TRUE(wait_until([&] { return load.served() > before + 20; }));
  load.stop();
  std::printf("%d rotations: %zu requests served, %zu failed\n", kByWatch + kBySignal,
              load.served(), load.failed());
  EXPECT_EQ(load.failed(), 0U) << load.failures();
}

TEST_F(Rotation, ToABrokenCertificateKeepsTheLastGoodOne) {
  AuditDaemon daemon({shipped_rules()}, options());
  Load load(daemon.port(), "");
  const Certificate good = current_;
  const Certificate next = make_certificate();
  replace("server.pem", next.certificate);  // without its key
  EXPECT_TRUE(daemon.process().wait_for_log("the one from before stays in use"));
  EXPECT_TRUE(shows(daemon, good));
  EXPECT_TRUE(wait_until([&] { return has_alert(daemon, "tiercel: credentials_reload_failed"); }));
  EXPECT_NE(daemon.get("/metrics").find("tiercel_credentials_stale 1\n"), std::string::npos);
  EXPECT_NE(daemon.get("/status").find("the one from before stays in use"), std::string::npos);
  EXPECT_FALSE(has_alert(daemon, "tiercel: credentials_recovered"));
  replace("server.pem", next.certificate + next.key);
  EXPECT_TRUE(wait_until([&] { return shows(daemon, next); }));
  EXPECT_TRUE(wait_until([&] { return has_alert(daemon, "tiercel: credentials_recovered"); }));
  EXPECT_NE(daemon.get("/metrics").find("tiercel_credentials_stale 0\n"), std::string::npos);
  load.stop();
  EXPECT_EQ(load.failed(), 0U) << load.failures();
  daemon.process().signal(SIGTERM);
  EXPECT_EQ(daemon.process().wait(), 0);
  const std::string log = daemon.process().log();
  EXPECT_NE(log.find(" credentials_reload_failed_total=1"), std::string::npos) << log;
  EXPECT_NE(log.find(" credentials_reloaded_total=1"), std::string::npos) << log;
}

// The old and the new one are valid beside each other, each under a name.
TEST_F(Rotation, OfTokensFailsNoRequest) {
  const std::string kept = "kept-token-0123456789abcdef";
  folder_.write("kept", kept);
  folder_.write("changing", "first-token-0123456789abcdef");
  Lines all = options();
  all.insert(all.end(), {"-o", "webserver.tokens={kept: " + folder_.path("kept") +
                                   ", changing: " + folder_.path("changing") + "}"});
  AuditDaemon daemon({shipped_rules()}, all);
  Load load(daemon.port(), "Authorization: Bearer " + kept + "\r\n");
  const TlsClientOptions tls;
  const auto status = [&](const std::string& token) {
    HttpClient client(daemon.port(), &tls);
    return client
        .exchange(support::post("/k8s_audit", "{}", "Authorization: Bearer " + token + "\r\n"))
        .status;
  };
  replace("changing", "second-token-0123456789abcdef");
  EXPECT_TRUE(wait_until([&] { return status("second-token-0123456789abcdef") == 200; }));
  EXPECT_EQ(status("first-token-0123456789abcdef"), 401);
  replace("changing", "short");
  EXPECT_TRUE(wait_until([&] { return has_alert(daemon, "tiercel: credentials_reload_failed"); }));
  EXPECT_EQ(status("second-token-0123456789abcdef"), 200);
  load.stop();
  std::printf("%zu requests served, %zu failed\n", load.served(), load.failed());
  EXPECT_EQ(load.failed(), 0U) << load.failures();
}

// A certificate that is half written, then whole before its key has come: each is told of.
TEST_F(Rotation, EachFileOfOnePortIsToldOfAsMended) {
  const Certificate first = make_certificate();
  const Certificate next = make_certificate();
  folder_.write("server.crt", first.certificate);
  folder_.write("server.key", first.key);
  AuditDaemon daemon({shipped_rules()}, {"-o", "webserver.ssl_enabled=true", "-o",
                                         "webserver.ssl_certificate=" + folder_.path("server.crt"),
                                         "-o", "webserver.ssl_key=" + folder_.path("server.key")});
  ASSERT_NE(daemon.port(), 0) << daemon.process().log();
  const auto files_told_of = [&](const std::string& rule) {
    std::set<std::string> files;
    for (const std::string& alert : daemon.own_alerts()) {
      if (rule_of(alert) == rule) {
        files.insert(output_field(alert, "file"));
      }
    }
    return files;
  };
  std::set<std::string> told{folder_.path("server.crt")};
  replace("server.crt", next.certificate.substr(0, next.certificate.size() / 2));
  EXPECT_TRUE(
      wait_until([&] { return files_told_of("tiercel: credentials_reload_failed") == told; }));
  told.insert(folder_.path("server.key"));
  replace("server.crt", next.certificate);
  EXPECT_TRUE(
      wait_until([&] { return files_told_of("tiercel: credentials_reload_failed") == told; }));
  EXPECT_TRUE(files_told_of("tiercel: credentials_recovered").empty());
  replace("server.key", next.key);
  EXPECT_TRUE(wait_until([&] { return files_told_of("tiercel: credentials_recovered") == told; }))
      << joined(daemon.own_alerts());
  EXPECT_NE(daemon.get("/metrics").find("tiercel_credentials_stale 0\n"), std::string::npos);
}

// Within the minute in which the same alert is held back.
TEST_F(Rotation, EachFileThatCannotBeUsedIsToldOf) {
  folder_.write("one", "first-token-0123456789abcdef");
  folder_.write("two", "other-token-0123456789abcdef");
  Lines all = options();
  all.insert(all.end(), {"-o", "webserver.tokens={one: " + folder_.path("one") +
                                   ", two: " + folder_.path("two") + "}"});
  AuditDaemon daemon({shipped_rules()}, all);
  ASSERT_NE(daemon.port(), 0) << daemon.process().log();
  const auto files_told_of = [&](const std::string& rule) {
    std::set<std::string> files;
    for (const std::string& alert : daemon.own_alerts()) {
      if (rule_of(alert) == rule) {
        files.insert(output_field(alert, "file"));
      }
    }
    return files.size();
  };
  replace("one", "short");
  EXPECT_TRUE(wait_until([&] { return files_told_of("tiercel: credentials_reload_failed") == 1; }));
  replace("two", "short");
  EXPECT_TRUE(wait_until([&] { return files_told_of("tiercel: credentials_reload_failed") == 2; }));
  replace("one", "third-token-0123456789abcdef");
  EXPECT_TRUE(wait_until([&] { return files_told_of("tiercel: credentials_recovered") == 1; }));
  EXPECT_NE(daemon.get("/metrics").find("tiercel_credentials_stale 1\n"), std::string::npos)
      << "the other is still what it was";
}

}  // namespace
}  // namespace tiercel::tests
