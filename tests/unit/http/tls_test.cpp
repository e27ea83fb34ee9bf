#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <openssl/ssl.h>

#include "certificates.h"
#include "test_server.h"
#include "tls_context.h"
#include "transport.h"

namespace tiercel::http {
namespace {

using support::Certificate;
using support::make_certificate;
using support::TlsClientOptions;

class Tls : public testing::Test {
 protected:
  Tls() {
    std::string name = (std::filesystem::temp_directory_path() / "tiercel-tls-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  ~Tls() override { std::filesystem::remove_all(folder_); }

  std::string write(const std::string& name, const std::string& text) {
    std::ofstream(folder_ / name) << text;
    return (folder_ / name).string();
  }
  TlsOptions one_file() {
    const Certificate made = make_certificate();
    ca_ = write("ca.pem", made.certificate);
    return {.enabled = true,
            .certificate_file = write("both.pem", made.certificate + made.key),
            .key_file = {},
            .client_ca_file = {}};
  }
  static std::string start_error(const TlsOptions& tls) {
    ServerOptions options;
    options.addresses = {{"127.0.0.1", 0}};
    options.tls = tls;
    base::Metrics metrics;
    Server server(options, Router{}, metrics);
    const auto started = server.start();
    return started ? "" : started.error().code;
  }

  std::filesystem::path folder_;
  std::string ca_;
};

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

// A transport alone, with a client on a thread of its own that has sent all it will before
// anything is read.
class TlsTransportTest : public Tls {
 protected:
  using Serve = std::function<boost::asio::awaitable<void>(Transport&)>;
  void run(const std::function<void(HttpClient&)>& send, const Serve& serve) {
    namespace asio = boost::asio;
    const auto context = make_tls_context(one_file());
    ASSERT_TRUE(context);
    asio::ip::tcp::acceptor acceptor(io_, {asio::ip::address_v4::loopback(), 0});
    std::atomic<bool> has_sent{false};
    std::thread sender([&, port = acceptor.local_endpoint().port()] {
      const TlsClientOptions options;
      HttpClient client(port, &options);
      send(client);
      has_sent = true;
      EXPECT_TRUE(client.closed_by_peer());
    });
    const auto accept = [&]() -> asio::awaitable<void> {
      const auto transport =
          make_tls_transport(co_await acceptor.async_accept(asio::use_awaitable), *context);
      std::string problem;
      EXPECT_TRUE(co_await transport->open(problem)) << problem;
      EXPECT_TRUE(eventually([&] { return has_sent.load(); }));  // nobody else is on this thread
      co_await serve(*transport);
      transport->close();
    };
    asio::co_spawn(io_, accept(), asio::detached);
    io_.run();
    sender.join();
  }

  boost::asio::io_context io_;
};

// Where all bytes are here already, others on the thread have their turn before they are read.
TEST_F(TlsTransportTest, YieldsBeforeItReads) {
  const std::string text(8'000, 'x');
  std::vector<std::string> order;
  run([&](HttpClient& client) { client.send(text); },
      [&](Transport& transport) -> boost::asio::awaitable<void> {
        std::vector<char> room(1'000);
        for (std::size_t size = 0; size < text.size();) {
          boost::asio::post(io_, [&order] { order.emplace_back("other"); });
          const auto read = co_await transport.read_some(room);
          if (read.error) {
            break;
          }
          size += read.size;
          order.emplace_back("read");
        }
      });
  ASSERT_EQ(order.size(), 16U);
  for (std::size_t at = 0; at < order.size(); ++at) {
    EXPECT_EQ(order[at], at % 2 == 0 ? "other" : "read") << at;
  }
}

// A stop that comes before the read has begun to wait is not missed.
TEST_F(TlsTransportTest, EndsAReadThatIsCancelledBeforeItWaits) {
  run([](HttpClient&) {},
      [&](Transport& transport) -> boost::asio::awaitable<void> {
        boost::asio::post(io_, [&transport] { transport.cancel(); });
        std::vector<char> room(1'000);
        const auto read = co_await transport.read_some(room);
        EXPECT_EQ(read.error, boost::asio::error::operation_aborted);
        EXPECT_EQ(read.size, 0U);
      });
}

// A record that was changed on the way is no end of the connection, also behind one that is good.
TEST_F(TlsTransportTest, TellsOfABadRecordBehindAGoodOne) {
  run(
      [](HttpClient& client) {
        client.send("good");
        client.send_raw(std::string("\x17\x03\x03\x00\x20", 5) + std::string(32, 'x'));
      },
      [&](Transport& transport) -> boost::asio::awaitable<void> {
        std::vector<char> room(1'000);
        const auto good = co_await transport.read_some(room);
        EXPECT_FALSE(good.error);
        EXPECT_EQ(std::string(room.data(), good.size), "good");
        const auto bad = co_await transport.read_some(room);
        EXPECT_EQ(bad.error.category(), boost::asio::error::get_ssl_category())
            << bad.error.message();
      });
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
  HttpClient client(server.port(), &options);
  EXPECT_EQ(client.exchange(get("/healthz")).status, 200);
  EXPECT_FALSE(client.renegotiate());
  client.close();
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

TEST_F(Tls, ReadsARenewedCertificate) {
  const TlsOptions tls = one_file();
  TestServer server({}, tls);
  const Certificate renewed = make_certificate("renewed");
  write("both.pem", renewed.certificate);
  EXPECT_FALSE(server.server().reload_tls()) << "there is no key in it";
  const TlsClientOptions old{.ca_file = ca_, .certificate_file = {}, .alpn = {}};
  EXPECT_TRUE(HttpClient(server.port(), &old).connected());
  write("both.pem", renewed.key + renewed.certificate);
  EXPECT_TRUE(server.server().reload_tls());
  const TlsClientOptions fresh{
      .ca_file = write("new.pem", renewed.certificate), .certificate_file = {}, .alpn = {}};
  EXPECT_TRUE(HttpClient(server.port(), &fresh).connected());
  EXPECT_FALSE(HttpClient(server.port(), &old).connected());
}

// Neither by a handshake nor by a session from before.
TEST_F(Tls, LetsNobodyOfAnAuthorityInThatWasTakenOut) {
  const Certificate before = make_certificate("before");
  const Certificate since = make_certificate("since");
  TlsOptions tls = one_file();
  tls.client_ca_file = write("clients.pem", before.certificate);
  TestServer server({}, tls);
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    write("clients.pem", before.certificate);
    ASSERT_TRUE(server.server().reload_tls());
    TlsClientOptions old{.certificate_file = write("before.pem", before.certificate + before.key),
                         .max_version = version};
    HttpClient kept(server.port(), &old);
    ASSERT_EQ(kept.exchange(get("/names")).body, "before localhost \n");
    old.session = kept.session();
    write("clients.pem", "junk\n");
    EXPECT_FALSE(server.server().reload_tls());
    EXPECT_TRUE(HttpClient(server.port(), &old).is_resumed()) << "all stays as it was";
    write("clients.pem", since.certificate);
    ASSERT_TRUE(server.server().reload_tls());
    HttpClient again(server.port(), &old);
    EXPECT_EQ(again.exchange(get("/names")).status, 0) << again.tls_version();
    TlsClientOptions fresh{.certificate_file = write("since.pem", since.certificate + since.key),
                           .max_version = version};
    EXPECT_EQ(HttpClient(server.port(), &fresh).exchange(get("/names")).body, "since localhost \n");
    EXPECT_EQ(kept.exchange(get("/names")).status, 200) << "who is in stays";
  }
}

TEST_F(Tls, ReadsARenewedKeyOfItsOwnFile) {
  const Certificate first = make_certificate("first");
  const Certificate second = make_certificate("second");
  TestServer server({}, {.enabled = true,
                         .certificate_file = write("tls.crt", first.certificate),
                         .key_file = write("tls.key", first.key)});
  const TlsClientOptions old{.ca_file = write("first.pem", first.certificate)};
  const TlsClientOptions fresh{.ca_file = write("second.pem", second.certificate)};
  write("tls.crt", second.certificate);
  const auto half = server.server().reload_tls();
  ASSERT_FALSE(half) << "the old key beside the new certificate";
  EXPECT_EQ(half.error().code, "tls_key_mismatch");
  EXPECT_TRUE(HttpClient(server.port(), &old).connected());
  write("tls.key", second.key);
  ASSERT_TRUE(server.server().reload_tls());
  EXPECT_TRUE(HttpClient(server.port(), &fresh).connected());
  EXPECT_FALSE(HttpClient(server.port(), &old).connected());
}

TEST_F(Tls, KeepsNoConnectionBeyondItsClientsCertificate) {
  const Certificate brief = make_certificate("brief", std::chrono::seconds(3));
  TlsOptions tls = one_file();
  tls.client_ca_file = write("clients.pem", brief.certificate);
  TestServer server({}, tls);
  const TlsClientOptions options{.certificate_file =
                                     write("brief.pem", brief.certificate + brief.key)};
  HttpClient client(server.port(), &options);
  EXPECT_EQ(client.exchange(get("/names")).body, "brief localhost \n");
  EXPECT_TRUE(client.closed_by_peer());
  EXPECT_EQ(server.count(Metric::kConnectionsIdle), 0U);
  EXPECT_EQ(HttpClient(server.port(), &options).exchange(get("/names")).status, 0);
}

// Nor a session: its client shows what it has now, or nothing where that is enough.
TEST_F(Tls, ResumesNoSessionBeyondItsClientsCertificate) {
  const Certificate brief = make_certificate("brief", std::chrono::seconds(3));
  TlsOptions tls = one_file();
  tls.client_ca_file = write("clients.pem", brief.certificate);
  TestServer strict({}, tls);
  tls.client_certificate_required = false;
  TestServer lenient({}, tls);
  const std::string file = write("brief.pem", brief.certificate + brief.key);
  struct Kept {
    TestServer& server;
    TlsClientOptions options;
    HttpClient client;
  };
  std::vector<Kept> all;
  for (TestServer* const server : {&strict, &lenient}) {
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
      const TlsClientOptions options{.certificate_file = file, .max_version = version};
      all.push_back({*server, options, HttpClient(server->port(), &options)});
      Kept& kept = all.back();
      ASSERT_EQ(kept.client.exchange(get("/names")).body, "brief localhost \n");
      kept.options.session = kept.client.session();
      ASSERT_TRUE(HttpClient(server->port(), &kept.options).is_resumed());
    }
  }
  for (Kept& kept : all) {
    EXPECT_TRUE(kept.client.closed_by_peer());
    HttpClient expired(kept.server.port(), &kept.options);
    EXPECT_EQ(expired.exchange(get("/names")).status, 0) << expired.tls_version();
    kept.options.certificate_file.clear();
    HttpClient bare(kept.server.port(), &kept.options);
    EXPECT_EQ(bare.exchange(get("/names")).body, &kept.server == &lenient ? "\n" : "");
    EXPECT_FALSE(bare.is_resumed());
  }
  for (const TestServer* const server : {&strict, &lenient}) {
    const std::uint64_t refused = server == &strict ? 4 : 2;
    EXPECT_TRUE(eventually([&] { return server->refusals().size() == refused; }));
    EXPECT_EQ(server->count(Metric::kRejectedAuthentication), refused);
    const std::vector<std::string> refusals = server->refusals();
    EXPECT_EQ(std::count_if(refusals.begin(), refusals.end(),
                            [](const std::string& reason) {
                              return reason.find("has expired: renew it") != std::string::npos;
                            }),
              2);
  }
}

TEST_F(Tls, StopsWithoutWaitingForSilentClients) {
  TestServer server({}, one_file());
  const TlsClientOptions options;
  HttpClient client(server.port(), &options);
  EXPECT_EQ(client.exchange(get("/healthz")).status, 200);
  EXPECT_TRUE(server.server().stop(std::chrono::seconds{10}));
  EXPECT_TRUE(client.closed_by_peer());
}

TEST_F(Tls, ExplainsUnusableFiles) {
  const Certificate made = make_certificate();
  const Certificate other = make_certificate();
  const std::string cert = write("cert.pem", made.certificate);
  const std::string junk = write("junk.pem", "junk\n");
  const std::string empty = write("empty.pem", "");
  struct Case {
    std::string certificate;
    std::string key;
    const char* want;
  };
  for (const Case& c : {
           Case{(folder_ / "absent.pem").string(), "", "tls_file"},
           Case{empty, "", "tls_file"},
           Case{folder_.string(), "", "tls_file"},
           Case{junk, "", "tls_certificate"},
           Case{cert, "", "tls_key"},
           Case{cert, junk, "tls_key"},
           Case{cert, write("other.pem", other.key), "tls_key_mismatch"},
           Case{cert, write("key.pem", made.key), ""},
       }) {
    EXPECT_EQ(start_error({.enabled = true,
                           .certificate_file = c.certificate,
                           .key_file = c.key,
                           .client_ca_file = {}}),
              c.want)
        << c.certificate << " " << c.key;
  }
  EXPECT_EQ(start_error({.enabled = true,
                         .certificate_file = cert,
                         .key_file = (folder_ / "key.pem").string(),
                         .client_ca_file = junk}),
            "tls_client_ca");
}

}  // namespace
}  // namespace tiercel::http
