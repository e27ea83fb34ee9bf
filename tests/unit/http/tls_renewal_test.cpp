// Certificates, keys and authorities that change, expire or cannot be used.
#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include <openssl/ssl.h>

#include "tls_fixture.h"

namespace tiercel::http {
namespace {

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
  const Certificate brief = make_certificate("brief", std::chrono::seconds(5));
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

// What is wrong with a client's certificate, and what to look at.
TEST_F(Tls, SaysWhatIsWrongWithAClientsCertificate) {
  using std::chrono::hours;
  const Certificate early = make_certificate("early", hours(24), hours(1));
  const Certificate authority = make_certificate("authority");
  const Certificate before = make_certificate("authority");
  TlsOptions tls = one_file();
  tls.client_ca_file = write("clients.pem", early.certificate + authority.certificate);
  TestServer server({}, tls);
  const Certificate stranger = make_certificate("stranger");
  const Certificate of_before = make_certificate({.common_name = "old", .issuer = &before});
  const Certificate of_servers =
      make_certificate({.common_name = "server", .usage = "serverAuth", .issuer = &authority});
  const TlsClientOptions good{
      .certificate_file = write("good.pem", [&] {
        const Certificate of_client =
            make_certificate({.common_name = "good", .usage = "clientAuth", .issuer = &authority});
        return of_client.certificate + of_client.key;
      }())};
  EXPECT_EQ(HttpClient(server.port(), &good).exchange(get("/names")).body, "good localhost \n");
  std::size_t count = 0;
  for (const auto& [shown, wanted] : {std::pair{&early, "not valid yet: look at the clocks"},
                                      std::pair{&stranger, "is not signed by our client CA"},
                                      std::pair{&of_before, "is not signed by our client CA"},
                                      std::pair{&of_servers, "is not one for clients"}}) {
    const TlsClientOptions options{.certificate_file =
                                       write("shown.pem", shown->certificate + shown->key)};
    EXPECT_EQ(HttpClient(server.port(), &options).exchange(get("/names")).status, 0);
    ++count;
    ASSERT_TRUE(eventually([&] { return server.refusals().size() == count; })) << wanted;
    EXPECT_NE(server.refusals().back().find(wanted), std::string::npos) << server.refusals().back();
  }
}

}  // namespace
}  // namespace tiercel::http
