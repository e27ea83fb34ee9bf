#include "tiercel/http/client.h"

#include <thread>

#include <gtest/gtest.h>

#include "certificates.h"
#include "peer_server.h"
#include "retry_after.h"
#include "temp_dir.h"

namespace tiercel::http {
namespace {

using support::PeerAnswer;
using support::PeerRequest;
using support::PeerServer;
using support::TempDir;

base::Result<ClientResponse> post(Client& client, const std::string& url,
                                  std::string_view body = "{}") {
  ClientRequest request;
  request.url = url;
  request.body = body;
  return client.send(request);
}

TEST(Client, SendsAndReturnsWhateverStatus) {
  PeerServer peer;
  Client client(
      ClientOptions{.user_agent = "tiercel", .headers = {{"X-One", "1"}, {"X-Empty", ""}}});
  ASSERT_TRUE(client.check());
  for (const int status : {200, 204, 302, 404, 500}) {
    peer.answer_with([status](const PeerRequest&) {
      return PeerAnswer{.status = status,
                        .body = status == 204 ? "" : "said",
                        .headers = {{"Location", "/elsewhere"}}};
    });
    const auto answer = post(client, peer.url("/a?b=c"), "body");
    ASSERT_TRUE(answer) << answer.error().text();
    EXPECT_EQ(answer->status, status);
  }
  const std::vector<PeerRequest> requests = peer.requests();
  ASSERT_EQ(requests.size(), 5U);
  EXPECT_EQ(requests[0].method, "POST");
  EXPECT_EQ(requests[0].target, "/a?b=c");
  EXPECT_EQ(requests[0].body, "body");
  EXPECT_EQ(requests[0].header("x-one"), "1");
  EXPECT_EQ(requests[0].header("user-agent"), "tiercel");
  EXPECT_EQ(requests[0].header("content-type"), "application/json");
  EXPECT_EQ(requests[0].header("expect"), "");
  // One connection for all.
  EXPECT_EQ(requests.back().connection, requests.front().connection);
}

TEST(Client, TellsOfRetryAfter) {
  const auto now = std::chrono::system_clock::from_time_t(784111777);  // 06 Nov 1994 08:49:37
  EXPECT_EQ(parse_retry_after("7", now), std::chrono::seconds(7));
  EXPECT_EQ(parse_retry_after("Sun, 06 Nov 1994 08:49:47 GMT", now), std::chrono::seconds(10));
  EXPECT_EQ(parse_retry_after("Sun, 06 Nov 1994 08:00:00 GMT", now), std::chrono::seconds(0));
  EXPECT_EQ(parse_retry_after("99999999999999999999", now), std::chrono::hours(1));
  EXPECT_EQ(parse_retry_after("Sun, 06 Nov 1999 08:49:47 GMT", now), std::chrono::hours(1));
  EXPECT_EQ(parse_retry_after("soon", now), std::nullopt);
  EXPECT_EQ(parse_retry_after("", now), std::nullopt);
  PeerServer peer;
  peer.answer_with([](const PeerRequest&) {
    return PeerAnswer{.status = 429, .headers = {{"RETRY-AFTER", " 3 "}}};
  });
  Client client{ClientOptions{}};
  const auto answer = post(client, peer.url());
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->retry_after, std::chrono::seconds(3));
}

TEST(Client, FailuresHaveCodesAndSayWhatToDo) {
  PeerServer peer;
  ClientOptions options;
  options.timeout = std::chrono::milliseconds(300);
  Client client(options);
  peer.answer_with([](const PeerRequest&) { return PeerAnswer{.reset = true}; });
  EXPECT_EQ(post(client, peer.url()).error().code, "reset");
  peer.answer_with([](const PeerRequest&) { return PeerAnswer{.hang = true}; });
  EXPECT_EQ(post(client, peer.url()).error().code, "timeout");
  std::string closed;
  {
    const PeerServer gone;
    closed = gone.url();
  }
  const auto refused = post(client, closed);
  EXPECT_EQ(refused.error().code, "connect_failed");
  EXPECT_NE(refused.error().text().find("is it running"), std::string::npos);
  EXPECT_EQ(post(client, "ftp://127.0.0.1/").error().code, "bad_url");
  EXPECT_EQ(post(client, "file:///etc/passwd").error().code, "bad_url");
}

TEST(Client, InterruptEndsARequestInHandAndLaterOnes) {
  PeerServer peer;
  peer.answer_with([](const PeerRequest&) { return PeerAnswer{.hang = true}; });
  Client client{ClientOptions{}};
  std::thread other([&] {
    EXPECT_TRUE(peer.wait_for(1));
    client.interrupt();
  });
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(post(client, peer.url()).error().code, "interrupted");
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(15));
  other.join();
  EXPECT_EQ(post(client, peer.url()).error().code, "interrupted");
}

TEST(Client, ChecksThePeersCertificate) {
  const TempDir dir;
  const support::Certificate made = support::make_certificate("localhost");
  const support::Certificate other = support::make_certificate("localhost");
  PeerServer peer({made.certificate, made.key, {}});
  struct Case {
    ClientOptions options;
    std::string want;
  };
  const std::vector<Case> cases{
      {{.ca_cert = dir.write("ca.pem", made.certificate)}, ""},
      {{.ca_bundle = dir.path("ca.pem")}, ""},
      {{.ca_cert = dir.write("other.pem", other.certificate)}, "tls_failed"},
      {{.ca_path = "/etc/ssl/certs"}, "tls_failed"},
      {{.insecure = true}, ""},
  };
  for (const Case& one : cases) {
    Client client(one.options);
    const auto answer = post(client, peer.url());
    EXPECT_EQ(answer ? "" : answer.error().code, one.want) << (answer ? "" : answer.error().text());
  }
}

TEST(Client, ShowsItsOwnCertificate) {
  const TempDir dir;
  const support::Certificate server = support::make_certificate("localhost");
  const support::Certificate own = support::make_certificate("tiercel");
  PeerServer peer({server.certificate, server.key, own.certificate});
  ClientOptions options;
  options.ca_cert = dir.write("ca.pem", server.certificate);
  Client without(options);
  EXPECT_FALSE(post(without, peer.url()));
  options.mtls = true;
  options.client_cert = dir.write("own.pem", own.certificate);
  options.client_key = dir.write("own.key", own.key);
  Client with(options);
  ASSERT_TRUE(with.check());
  EXPECT_TRUE(post(with, peer.url()));
  options.client_key = dir.path("none");
  EXPECT_EQ(Client(options).check().error().code, "file_unreadable");
}

TEST(Client, Authenticates) {
  const TempDir dir;
  PeerServer peer;
  Client bearer(ClientOptions{.bearer_token = "token-1"});
  ASSERT_TRUE(post(bearer, peer.url()));
  const std::string file = dir.write("token", "token-2\n");
  Client rotating(ClientOptions{.bearer_token_file = file});
  ASSERT_TRUE(post(rotating, peer.url()));
  (void)dir.write("token", "token-3");
  ASSERT_TRUE(post(rotating, peer.url()));
  (void)dir.write("token", "bad\ninjected: yes");
  EXPECT_EQ(post(rotating, peer.url()).error().code, "file_unreadable");
  Client basic(ClientOptions{.username = "u", .password = "p"});
  ASSERT_TRUE(post(basic, peer.url()));
  std::string seen;
  for (const PeerRequest& request : peer.requests()) {
    seen += request.header("authorization") + "|";
  }
  EXPECT_EQ(seen, "Bearer token-1|Bearer token-2|Bearer token-3|Basic dTpw|");
}

TEST(Client, CompressesBodies) {
  PeerServer peer;
  const std::string body(100'000, 'x');
  using Compression = ClientOptions::Compression;
  for (const auto& [compression, name] :
       {std::pair{Compression::kGzip, "gzip"}, {Compression::kZstd, "zstd"}}) {
    ClientOptions options;
    options.compression = compression;
    Client client(options);
    ASSERT_TRUE(post(client, peer.url(), body));
    EXPECT_EQ(peer.requests().back().header("content-encoding"), name);
    EXPECT_LT(std::stoul(peer.requests().back().header("content-length")), 2000U);
    EXPECT_EQ(peer.requests().back().body, body);
  }
}

TEST(Client, ReadsNoMoreOfAnAnswerThanAllowed) {
  PeerServer peer;
  peer.answer_with([](const PeerRequest&) { return PeerAnswer{.body = std::string(5000, 'x')}; });
  Client client(ClientOptions{.max_answer = 1000});
  const auto answer = post(client, peer.url());
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body.size(), 1000U);
  EXPECT_TRUE(answer->is_cut);
}

TEST(Client, GoesThroughAProxyOnlyWhereToldTo) {
  PeerServer proxy;
  ::setenv("http_proxy", proxy.url().c_str(), 1);
  PeerServer peer;
  Client direct{ClientOptions{}};
  ASSERT_TRUE(post(direct, peer.url("/direct")));
  ::unsetenv("http_proxy");
  EXPECT_EQ(peer.requests().size(), 1U);
  EXPECT_TRUE(proxy.requests().empty());
  Client through(ClientOptions{.proxy = proxy.url()});
  ASSERT_TRUE(post(through, "http://alerts.example/x"));
  ASSERT_EQ(proxy.requests().size(), 1U);
  EXPECT_EQ(proxy.requests()[0].target, "http://alerts.example/x");
}

TEST(Client, RefusesHeadersThatWouldAddOthers) {
  EXPECT_FALSE(Client(ClientOptions{.headers = {{"X", "a\r\nY: b"}}}).check());
  EXPECT_FALSE(Client(ClientOptions{.headers = {{"X Y", "a"}}}).check());
  EXPECT_FALSE(Client(ClientOptions{.bearer_token = "a\nb"}).check());
  EXPECT_FALSE(Client(ClientOptions{.proxy = "nothing"}).check());
  EXPECT_FALSE(Client(ClientOptions{.ca_cert = "/no/such/file"}).check());
}

TEST(Url, Complaints) {
  for (const char* const good : {"http://a", "https://a.b:8080/c?d=e", "http://[::1]:80/"}) {
    EXPECT_EQ(url_complaint(good), "") << good;
  }
  for (const char* const bad :
       {"", "a", "ftp://a", "http://", "http://a:99999999/", "https://a b/"}) {
    EXPECT_NE(url_complaint(bad), "") << bad;
  }
  EXPECT_EQ(url_encode("a b/\u00e9~"), "a%20b%2F%C3%A9~");
  EXPECT_EQ(url_decode("a%20b%2F%C3%A9~"), "a b/\u00e9~");
  EXPECT_EQ(url_decode("100%, %zz, %4"), "100%, %zz, %4");
}

TEST(Url, Parts) {
  const auto parts = [](const char* url) {
    const UrlParts all = split_url(url);
    return all.scheme + " " + all.host + " " + all.port + " " + all.path;
  };
  EXPECT_EQ(parts("https://a.b:8080/c/d?e=f"), "https a.b 8080 /c/d");
  EXPECT_EQ(parts("http://[::1]/k8s_audit"), "http ::1 80 /k8s_audit");
  EXPECT_EQ(parts("https://user:pass@a"), "https a 443 /");
  EXPECT_EQ(parts("http://"), "   ");
}

TEST(Client, KeepsTheHeaderThatIsWanted) {
  PeerServer peer;
  peer.answer_with([](const PeerRequest&) {
    return PeerAnswer{.headers = {{"X-One", "1"}, {"X-Two", "a b"}}};
  });
  Client client({});
  const std::string url = peer.url();
  const auto two = client.send({.url = url, .body = {}, .wanted_header = "x-two"});
  ASSERT_TRUE(two);
  EXPECT_EQ(two->wanted_header, "a b");
  const auto none = client.send({.url = url, .body = {}, .wanted_header = "X-Three"});
  ASSERT_TRUE(none);
  EXPECT_EQ(none->wanted_header, "");
}

}  // namespace
}  // namespace tiercel::http
