#include <chrono>
#include <csignal>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include <openssl/ssl.h>

#include "tls_fixture.h"

namespace tiercel::http {
namespace {

TEST_F(Tls, ServesWithCertificateAndKeyInOneFile) {
  TestServer server({}, one_file());
  const TlsClientOptions options{
      .ca_file = ca_, .certificate_file = {}, .alpn = {"h2", "http/1.1"}};
  HttpClient client(server.port(), &options);
  ASSERT_TRUE(client.connected()) << client.problem();
  EXPECT_EQ(client.alpn(), "http/1.1");
  EXPECT_EQ(client.tls_version(), "TLSv1.3");
  const std::string body(1U << 20U, 'x');
  EXPECT_EQ(client.exchange(post("/echo", body)).body, body);
  EXPECT_EQ(client.exchange(post("/echo", "again", "Connection: close\r\n")).body, "again");
  EXPECT_TRUE(client.closed_by_peer());
}

TEST_F(Tls, ServesWithTwoFilesAndTls12) {
  const Certificate made = make_certificate();
  TestServer server({}, {.enabled = true,
                         .certificate_file = write("cert.pem", made.certificate),
                         .key_file = write("key.pem", made.key),
                         .client_ca_file = {}});
  TlsClientOptions options;
  options.max_version = TLS1_2_VERSION;
  HttpClient client(server.port(), &options);
  ASSERT_TRUE(client.connected()) << client.problem();
  EXPECT_EQ(client.tls_version(), "TLSv1.2");
  EXPECT_EQ(client.exchange(get("/healthz")).status, 200);
}

// A reconnecting apiserver need not prove itself from the start, in either version.
TEST_F(Tls, ResumesSessions) {
  const Certificate known = make_certificate("client");
  TlsOptions tls = one_file();
  tls.client_ca_file = write("clients.pem", known.certificate);
  const std::string file = write("known.pem", known.certificate + known.key);
  TestServer server({}, tls);
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    TlsClientOptions options{.certificate_file = file, .max_version = version};
    HttpClient first(server.port(), &options);
    EXPECT_EQ(first.exchange(get("/healthz")).status, 200);
    EXPECT_FALSE(first.is_resumed());
    options.session = first.session();
    HttpClient second(server.port(), &options);
    EXPECT_EQ(second.exchange(get("/names")).body, "client localhost \n");
    EXPECT_TRUE(second.is_resumed()) << second.tls_version();
  }
}

TEST_F(Tls, TakesClientsWithoutACertificateWhereItIsOptional) {
  const Certificate known = make_certificate("client");
  const Certificate stranger = make_certificate("stranger");
  TlsOptions tls = one_file();
  tls.client_ca_file = write("clients.pem", known.certificate);
  tls.client_certificate_required = false;
  TestServer server({}, tls);
  const auto names_of = [&](const std::string& file) {
    const TlsClientOptions options{.certificate_file = file};
    return HttpClient(server.port(), &options).exchange(get("/names")).body;
  };
  EXPECT_EQ(names_of(""), "\n");
  EXPECT_EQ(names_of(write("known.pem", known.certificate + known.key)), "client localhost \n");
  EXPECT_EQ(names_of(write("stranger.pem", stranger.certificate + stranger.key)), "")
      << "one that is shown must be good";
}

TEST_F(Tls, PrefersTheShorterKeyOfAes) {
  TestServer server({}, one_file());
  TlsClientOptions options;
  EXPECT_EQ(HttpClient(server.port(), &options).cipher(), "TLS_AES_128_GCM_SHA256");
  options.max_version = TLS1_2_VERSION;
  EXPECT_EQ(HttpClient(server.port(), &options).cipher(), "ECDHE-ECDSA-AES128-GCM-SHA256");
}

// Records larger than what is asked for, and bodies of many records in both directions.
TEST_F(Tls, ReadsRecordsByPieces) {
  TestServer server({}, one_file());
  const TlsClientOptions options;
  HttpClient client(server.port(), &options);
  const std::string body(3'000'003, 'x');
  EXPECT_EQ(client.exchange(post("/count", body)).body, "3000003\n");
  EXPECT_EQ(client.exchange(post("/echo", body)).body, body);
  EXPECT_EQ(client.exchange(post("/count", "end")).body, "3\n");
}

// A peer that is gone costs its connection, not the process a signal.
TEST_F(Tls, OutlivesAPeerThatIsGone) {
  TestServer server({}, one_file());
  const TlsClientOptions options;
  const auto before = std::signal(SIGPIPE, SIG_DFL);
  {
    HttpClient client(server.port(), &options);  // ignores the signal itself
    std::signal(SIGPIPE, SIG_DFL);
    // The answer takes many writes, of which those behind the reset would raise it.
    client.send(post("/echo", std::string(3'000'000, 'x')));
  }
  EXPECT_TRUE(eventually([&] { return server.server().connections() == 0; }));
  std::signal(SIGPIPE, before);
  EXPECT_EQ(HttpClient(server.port(), &options).exchange(get("/healthz")).status, 200);
}

// What waits while its connection is cut must not write to whoever got the descriptor since.
TEST_F(Tls, CutWhileItsHandlerWaitsLeavesOthersAlone) {
  Limits limits;
  limits.connections = 1;
  TestServer server(limits, one_file());
  const TlsClientOptions options;
  HttpClient waiting(server.port(), &options);
  waiting.send(post("/gate", ""));
  ASSERT_TRUE(eventually([&] { return server.at_gate.load() == 1; }));
  // The first newcomer has it closed; the second's descriptor, on either side, is its old one.
  std::vector<std::unique_ptr<HttpClient>> others;
  for (int at = 0; at < 2; ++at) {
    others.push_back(std::make_unique<HttpClient>(server.port(), &options));
    ASSERT_TRUE(others.back()->connected()) << others.back()->problem();
  }
  server.gate_open = true;
  EXPECT_TRUE(eventually([&] { return server.server().connections() == 1; }));
  EXPECT_EQ(others.back()->exchange(get("/healthz")).status, 200);
}

// A client that ends its side without a goodbye of TLS has its answer all the same.
TEST_F(Tls, AnswersAClientThatEndsItsSide) {
  TestServer server({}, one_file());
  const TlsClientOptions options;
  HttpClient client(server.port(), &options);
  client.send(post("/echo", "hello"));
  client.end_sending_raw();
  EXPECT_EQ(client.read_answer().body, "hello");
}

TEST_F(Tls, RefusesOldVersionsAndOtherProtocols) {
  TestServer server({}, one_file());
  TlsClientOptions old;
  old.max_version = TLS1_1_VERSION;
  EXPECT_FALSE(HttpClient(server.port(), &old).connected());
  const TlsClientOptions h2_only{.ca_file = {}, .certificate_file = {}, .alpn = {"h2"}};
  EXPECT_FALSE(HttpClient(server.port(), &h2_only).connected());
  const TlsClientOptions none;
  EXPECT_EQ(HttpClient(server.port(), &none).exchange(get("/healthz")).status, 200);
}

// Each would cost the server a handshake and the client next to nothing.
TEST_F(Tls, RefusesToRenegotiate) {
  TestServer server({}, one_file());
  TlsClientOptions options;
  options.max_version = TLS1_2_VERSION;
  constexpr int kClients = 50;
  int refused = 0;
  for (int at = 0; at < kClients; ++at) {
    HttpClient client(server.port(), &options);
    EXPECT_EQ(client.exchange(get("/healthz")).status, 200);
    refused += client.renegotiate() ? 0 : 1;
  }
  std::printf("%d clients of TLS 1.2 asked for another handshake, %d were refused\n", kClients,
              refused);
  EXPECT_EQ(refused, kClients);
  EXPECT_TRUE(eventually([&] { return server.server().connections() == 0; }));
  EXPECT_EQ(HttpClient(server.port(), &options).exchange(get("/healthz")).status, 200);
}

TEST_F(Tls, TellsAPlainClient) {
  TestServer server({}, one_file());
  auto client = server.client();
  const HttpAnswer answer = client.exchange(get("/healthz"));
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.body, "this port speaks TLS: use https:// in the URL.\n");
  client.close();
  EXPECT_TRUE(eventually([&] { return server.server().connections() == 0; }));
  EXPECT_EQ(server.count(Metric::kRejectedHandshake), 1U);
  EXPECT_EQ(server.count(Metric::kRejectedHeader), 0U);
}

TEST_F(Tls, CountsHandshakesThatFailApart) {
  TestServer server({}, one_file());
  TlsClientOptions old;
  old.max_version = TLS1_1_VERSION;
  EXPECT_FALSE(HttpClient(server.port(), &old).connected());
  EXPECT_TRUE(eventually([&] { return server.count(Metric::kRejectedHandshake) == 1; }));
  EXPECT_EQ(server.count(Metric::kRejectedHeader), 0U);
  EXPECT_EQ(server.count(Metric::kRejectedAuthentication), 0U);
}

TEST_F(Tls, EndsASlowHandshake) {
  Limits limits;
  limits.header_timeout = milliseconds{100};
  TestServer server(limits, one_file());
  auto silent = server.client();
  auto begun = server.client();
  begun.send("\x16\x03\x01");
  EXPECT_TRUE(silent.closed_by_peer());
  EXPECT_TRUE(begun.closed_by_peer());
  EXPECT_TRUE(eventually([&] { return server.count(Metric::kRejectedTimeout) == 2; }));
}

TEST_F(Tls, EndsAnAnswerThatIsNotRead) {
  Limits limits;
  limits.write_timeout = milliseconds{100};
  TestServer server(limits, one_file());
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    TlsClientOptions options;
    options.max_version = version;
    HttpClient client(server.port(), &options);
    const std::uint64_t before = server.count(Metric::kRejectedTimeout);
    client.send(get("/large"));
    EXPECT_TRUE(eventually([&] { return server.count(Metric::kRejectedTimeout) > before; }));
    EXPECT_TRUE(eventually([&] { return server.server().connections() == 0; }));
    EXPECT_EQ(client.read_answer().status, 0) << "it ends before its length";
  }
  EXPECT_EQ(server.count(Metric::kRejectedTimeout), 2U);
}

TEST_F(Tls, AsksForClientCertificates) {
  const Certificate known = make_certificate("client");
  const Certificate stranger = make_certificate("stranger");
  TlsOptions tls = one_file();
  tls.client_ca_file = write("clients.pem", known.certificate);
  TestServer server({}, tls);
  const auto status_with = [&](const std::string& file) {
    const TlsClientOptions options{.ca_file = {}, .certificate_file = file, .alpn = {}};
    HttpClient client(server.port(), &options);
    return client.exchange(get("/healthz")).status;
  };
  EXPECT_EQ(status_with(write("known.pem", known.certificate + known.key)), 200);
  EXPECT_EQ(status_with(write("stranger.pem", stranger.certificate + stranger.key)), 0);
  EXPECT_EQ(status_with(""), 0);
  EXPECT_TRUE(eventually([&] { return server.count(Metric::kRejectedAuthentication) == 2; }));
  EXPECT_EQ(server.count(Metric::kRejectedHeader), 0U);
}

TEST_F(Tls, StopsWithoutWaitingForSilentClients) {
  TestServer server({}, one_file());
  const TlsClientOptions options;
  HttpClient client(server.port(), &options);
  EXPECT_EQ(client.exchange(get("/healthz")).status, 200);
  EXPECT_TRUE(server.server().stop(std::chrono::seconds{10}));
  EXPECT_TRUE(client.closed_by_peer());
}

}  // namespace
}  // namespace tiercel::http
