// The clients that are met in practice, as they are: curl and openssl s_client as installed, and
// Go's HTTP client, which kube-apiserver posts with, byte for byte as it was recorded.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <memory>
#include <thread>

#include <gtest/gtest.h>

#include "certificates.h"
#include "harness.h"
#include "peer_program.h"

namespace tiercel::tests {
namespace {

using std::chrono::steady_clock;
using support::Certificate;
using support::HttpClient;
using support::make_certificate;
using support::ProgramResult;
using support::TlsClientOptions;

constexpr const char* kToken = "0123456789abcdef0123456789abcdef";

class WireClients : public testing::Test {
 protected:
  std::string rules() { return folder_.write("rules.yaml", every_event_rule()); }
  Lines tls_options() {
    return {"-o", "webserver.ssl_enabled=true", "-o",
            "webserver.ssl_certificate=" +
                folder_.write("server.pem", server_.certificate + server_.key)};
  }
  Lines with_token(Lines options) {
    options.insert(options.end(),
                   {"-o", "webserver.tokens={production: " +
                              folder_.write("token", std::string(kToken) + "\n") + "}"});
    return options;
  }
  Lines with_client_certificate(Lines options) {
    folder_.write("client.pem", client_.certificate + client_.key);
    options.insert(options.end(), {"-o", "webserver.ssl_client_ca=" +
                                             folder_.write("clients.pem", client_.certificate)});
    return options;
  }
  static std::string batch(const std::string& name, int events = 2) {
    Lines items;
    for (int at = 0; at < events; ++at) {
      items.push_back(small_event(name + "-" + std::to_string(at)));
    }
    return event_list(items);
  }

  const support::TempDir folder_;
  const Certificate server_ = make_certificate();
  const Certificate client_ = make_certificate("kube-apiserver");
};

class Curl : public WireClients {
 protected:
  void SetUp() override {
    if (program_.empty()) {
      GTEST_SKIP() << "curl is not installed: not tried with it";
    }
  }
  // POST to each URL in turn; for each a line: status, connections made, bytes of the body sent.
  ProgramResult post(const std::string& body, const Lines& urls, const Lines& more = {}) {
    Lines words{program_,    "-q", "-sS",
                "--noproxy", "*",  "--max-time",
                "60",        "-w", "%{http_code} %{num_connects} %{size_upload}\n"};
    words.insert(words.end(), {"-H", "Content-Type: application/json", "--cacert",
                               folder_.write("ca.pem", server_.certificate), "--data-binary",
                               "@" + folder_.write("body.json", body)});
    words.insert(words.end(), more.begin(), more.end());
    for (const std::string& url : urls) {
      words.insert(words.end(), {"-o", "/dev/null", url});
    }
    return support::run_program(words);
  }
  static std::string url(AuditDaemon& daemon, const char* scheme,
                         const std::string& path = "/k8s_audit?timeout=30s") {
    return std::string(scheme) + "://127.0.0.1:" + std::to_string(daemon.port()) + path;
  }

  const std::string program_ = support::find_program("curl");
};

TEST_F(Curl, KeepsItsConnection) {
  AuditDaemon daemon({rules()});
  const std::string to = url(daemon, "http");
  const std::string body = batch("plain");
  const std::string size = std::to_string(body.size());
  const ProgramResult result = post(body, {to, to, to});
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(result.out, "200 1 " + size + "\n200 0 " + size + "\n200 0 " + size + "\n");
  EXPECT_EQ(daemon.new_alerts().size(), 2U);
}

TEST_F(Curl, OfHttp10HasAConnectionForEach) {
  AuditDaemon daemon({rules()});
  const std::string to = url(daemon, "http");
  const std::string body = batch("old");
  const std::string size = std::to_string(body.size());
  const ProgramResult result = post(body, {to, to}, {"--http1.0"});
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(result.out, "200 1 " + size + "\n200 1 " + size + "\n");
  EXPECT_EQ(daemon.new_alerts().size(), 2U);
}

// A body that is cut into windows as it comes, announced with Expect.
TEST_F(Curl, IsToldToGoOnWithALargeBody) {
  AuditDaemon daemon({rules()});
  Lines items;
  for (int at = 0; at < 12; ++at) {
    items.push_back(small_event("large-" + std::to_string(at),
                                ",\"requestObject\":\"" + std::string(1U << 20U, 'x') + "\""));
  }
  const std::string body = event_list(items);
  ASSERT_GT(body.size(), std::size_t{8} << 20U);
  const auto began = steady_clock::now();
  const ProgramResult result =
      post(body, {url(daemon, "http")}, {"-v", "-H", "Expect: 100-continue"});
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(result.out, "200 1 " + std::to_string(body.size()) + "\n");
  EXPECT_NE(result.err.find("100 Continue"), std::string::npos) << result.err;
  EXPECT_EQ(daemon.new_alerts().size(), 12U);
  std::printf("curl: %zu bytes behind 100 Continue, alerts delivered after %.0f ms\n", body.size(),
              std::chrono::duration<double, std::milli>(steady_clock::now() - began).count());
  // What is refused by its head need not be sent.
  const ProgramResult refused =
      post(body, {url(daemon, "http", "/elsewhere")}, {"-H", "Expect: 100-continue"});
  EXPECT_EQ(refused.out, "404 1 0\n") << refused.err;
}

TEST_F(Curl, ThatOffersHttp2OverTlsIsServedHttp11) {
  AuditDaemon daemon({rules()}, tls_options());
  const std::string to = url(daemon, "https");
  const std::string body = batch("h2");
  const std::string size = std::to_string(body.size());
  const ProgramResult result = post(body, {to, to}, {"-v", "--http2"});
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(result.out, "200 1 " + size + "\n200 0 " + size + "\n");
  EXPECT_NE(result.err.find("HTTP/1.1 200"), std::string::npos) << result.err;
  EXPECT_EQ(daemon.new_alerts().size(), 2U);
}

TEST_F(Curl, ShowsItsToken) {
  AuditDaemon daemon({rules()}, with_token(tls_options()));
  const std::string to = url(daemon, "https");
  const std::string body = batch("token");
  const std::string bearer = "Authorization: Bearer ";
  EXPECT_TRUE(post(body, {to}).out.starts_with("401 1 "));
  EXPECT_TRUE(post(body, {to}, {"-H", bearer + "0123456789abcdef"}).out.starts_with("401 1 "));
  EXPECT_TRUE(post(body, {to}, {"-H", bearer + kToken}).out.starts_with("200 1 "));
  EXPECT_EQ(daemon.new_alerts().size(), 2U);
}

TEST_F(Curl, ShowsItsCertificate) {
  AuditDaemon daemon({rules()}, with_client_certificate(tls_options()));
  const std::string to = url(daemon, "https");
  const std::string body = batch("certificate");
  const ProgramResult without = post(body, {to});
  EXPECT_NE(without.status, 0);
  EXPECT_TRUE(without.out.starts_with("000 1 ")) << without.out;
  const ProgramResult with = post(body, {to}, {"--cert", folder_.path("client.pem")});
  EXPECT_EQ(with.status, 0) << with.err;
  EXPECT_TRUE(with.out.starts_with("200 1 ")) << with.out;
  EXPECT_EQ(daemon.new_alerts().size(), 2U);
}

class OpensslClient : public WireClients {
 protected:
  void SetUp() override {
    if (program_.empty()) {
      GTEST_SKIP() << "openssl is not installed: not tried with it";
    }
  }
  ProgramResult connect(AuditDaemon& daemon, const std::string& input, const Lines& more) {
    Lines words{program_,   "s_client",
                "-CAfile",  folder_.write("ca.pem", server_.certificate),
                "-connect", "127.0.0.1:" + std::to_string(daemon.port())};
    words.insert(words.end(), more.begin(), more.end());
    return support::run_program(words, input);
  }
  static std::string closing(const std::string& body) {
    return support::post("/k8s_audit", body, "Connection: close\r\n");
  }

  const std::string program_ = support::find_program("openssl");
};

TEST_F(OpensslClient, IsServedTheProtocolThatWeSpeakOnly) {
  AuditDaemon daemon({rules()}, tls_options());
  const ProgramResult ours =
      connect(daemon, closing(batch("alpn")), {"-ign_eof", "-alpn", "http/1.1"});
  EXPECT_EQ(ours.status, 0) << ours.err;
  EXPECT_NE(ours.out.find("ALPN protocol: http/1.1"), std::string::npos) << ours.out;
  EXPECT_NE(ours.out.find("HTTP/1.1 200"), std::string::npos) << ours.out;
  EXPECT_NE(ours.out.find("Verify return code: 0"), std::string::npos) << ours.out;
  const ProgramResult other = connect(daemon, closing(batch("h2")), {"-ign_eof", "-alpn", "h2"});
  EXPECT_NE(other.status, 0);
  EXPECT_NE(other.err.find("alert number 120"), std::string::npos) << other.err;
  EXPECT_EQ(daemon.new_alerts().size(), 2U);
}

TEST_F(OpensslClient, DoesNotRenegotiate) {
  AuditDaemon daemon({rules()}, tls_options());
  const ProgramResult result = connect(daemon, "R\n", {"-tls1_2"});
  EXPECT_NE(result.out.find("TLSv1.2"), std::string::npos) << result.out;
  EXPECT_NE(result.err.find("RENEGOTIATING"), std::string::npos) << result.err;
  EXPECT_NE(result.err.find("no renegotiation"), std::string::npos) << result.err;
  EXPECT_NE(result.status, 0);
  const TlsClientOptions tls;
  HttpClient next(daemon.port(), &tls);
  EXPECT_EQ(next.exchange(support::post("/k8s_audit", batch("next"))).status, 200);
}

TEST_F(OpensslClient, OfTls11IsTurnedAway) {
  AuditDaemon daemon({rules()}, tls_options());
  const ProgramResult result = connect(daemon, "", {"-tls1_1", "-cipher", "DEFAULT:@SECLEVEL=0"});
  EXPECT_NE(result.status, 0);
  EXPECT_NE(result.err.find("alert number 70"), std::string::npos) << result.err;
  EXPECT_TRUE(daemon.process().wait_for_log("the client offers nothing newer than TLS 1.1"))
      << daemon.process().log();
}

TEST_F(OpensslClient, WithoutACertificateIsTurnedAway) {
  AuditDaemon daemon({rules()}, with_client_certificate(tls_options()));
  const std::string request = closing(batch("certificate"));
  const ProgramResult tls12 = connect(daemon, request, {"-ign_eof", "-tls1_2"});
  EXPECT_NE(tls12.status, 0);
  EXPECT_NE(tls12.err.find("alert number 40"), std::string::npos) << tls12.err;
  const ProgramResult tls13 = connect(daemon, request, {"-ign_eof", "-tls1_3"});
  EXPECT_EQ(tls13.out.find("HTTP/1.1"), std::string::npos) << tls13.out;
  EXPECT_TRUE(daemon.process().wait_for_log("the client shows no certificate"));
  const ProgramResult with = connect(
      daemon, request,
      {"-ign_eof", "-cert", folder_.path("client.pem"), "-key", folder_.path("client.pem")});
  EXPECT_NE(with.out.find("HTTP/1.1 200"), std::string::npos) << with.out << with.err;
}

// As net/http writes it: its own headers first, the caller's in order of their names, and the one
// of its transport at the end.
std::string go_request(std::uint16_t port, std::string_view body, const std::string& token = {}) {
  std::string text = "POST /k8s_audit?timeout=30s HTTP/1.1\r\n";
  text += "Host: 127.0.0.1:" + std::to_string(port) + "\r\n";
  text += "User-Agent: Go-http-client/1.1\r\n";
  text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  text += "Accept: application/json, */*\r\n";
  text += token.empty() ? "" : "Authorization: Bearer " + token + "\r\n";
  text += "Content-Type: application/json\r\n";
  text += "Accept-Encoding: gzip\r\n\r\n";
  text += body;
  return text;
}

const TlsClientOptions kGoTls{.alpn = {"h2", "http/1.1"}};

TEST_F(WireClients, GoPostsBatchesOverOneConnection) {
  AuditDaemon daemon({rules()}, with_token(tls_options()));
  HttpClient client(daemon.port(), &kGoTls);
  EXPECT_EQ(client.alpn(), "http/1.1") << client.problem();
  EXPECT_EQ(client.tls_version(), "TLSv1.3");
  constexpr int kBatches = 10;
  constexpr int kEvents = 400;
  for (int at = 0; at < kBatches; ++at) {
    // Its bodies end with a newline.
    const std::string body = batch("go-" + std::to_string(at), kEvents) + "\n";
    const auto answer = client.exchange(go_request(daemon.port(), body, kToken));
    ASSERT_EQ(answer.status, 200) << at;
    EXPECT_EQ(answer.header("Connection"), "") << "it is kept";
  }
  EXPECT_EQ(daemon.new_alerts().size(), std::size_t{kBatches} * kEvents);
}

// In blocking mode, or where answers take long, it opens one for each batch that is on its way.
TEST_F(WireClients, GoPostsOverAHundredConnectionsAtOnce) {
  AuditDaemon daemon({rules()}, with_token(tls_options()));
  const std::uint16_t port = daemon.port();
  constexpr std::size_t kConnections = 100;
  std::vector<std::unique_ptr<HttpClient>> clients(kConnections);
  std::vector<double> times(kConnections);
  std::atomic<std::size_t> connected{0};
  std::atomic<std::size_t> taken{0};
  const auto began = steady_clock::now();
  std::vector<std::thread> threads;
  for (std::size_t at = 0; at < kConnections; ++at) {
    threads.emplace_back([&, at] {
      clients[at] = std::make_unique<HttpClient>(port, &kGoTls);
      clients[at]->set_timeout(support::kDeadline);
      connected += clients[at]->connected() ? 1 : 0;
      // All are open before the first posts.
      (void)support::wait_until([&] { return connected == kConnections; });
      const std::string body = batch("go-" + std::to_string(at)) + "\n";
      const auto sent = steady_clock::now();
      taken += clients[at]->exchange(go_request(port, body, kToken)).status == 200 ? 1 : 0;
      times[at] = std::chrono::duration<double, std::milli>(steady_clock::now() - sent).count();
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  const double all = std::chrono::duration<double, std::milli>(steady_clock::now() - began).count();
  std::printf(
      "Go: %zu connections at once, %zu batches answered 200, the slowest after %.1f ms; "
      "with the handshakes %.0f ms\n",
      kConnections, taken.load(), *std::max_element(times.begin(), times.end()), all);
  EXPECT_EQ(connected, kConnections);
  EXPECT_EQ(taken, kConnections);
  EXPECT_EQ(daemon.new_alerts().size(), 2 * kConnections);
}

}  // namespace
}  // namespace tiercel::tests
