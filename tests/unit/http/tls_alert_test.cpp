// What a client that is refused learns of it, and what the operator does.
#include <string>
#include <utility>
#include <vector>

#include <openssl/ssl.h>

#include "tls_fixture.h"

namespace tiercel::http {
namespace {

using std::chrono::hours;

// One that shows this, or nothing: the number of the alert that it gets.
int alert_for(const TestServer& server, const std::string& file, int version) {
  const TlsClientOptions options{.certificate_file = file, .max_version = version};
  HttpClient client(server.port(), &options);
  if (client.connected()) {  // as the client of TLS 1.3 is, before the server has looked
    EXPECT_EQ(version, TLS1_3_VERSION);
    EXPECT_TRUE(client.closed_by_peer());
  }
  return client.alert();
}

std::string name_of(int version) { return version == TLS1_2_VERSION ? "TLS 1.2" : "TLS 1.3"; }

// Whatever is wrong with a certificate: whoever tries one after another cannot tell.
TEST_F(Tls, TellsEveryBadCertificateTheSame) {
  const Certificate authority = make_certificate("authority");
  const Certificate namesake = make_certificate("authority");
  const Certificate expired_authority = make_certificate("old authority", -hours(1), -hours(48));
  TlsOptions tls = one_file();
  tls.client_ca_file = write("clients.pem", authority.certificate + expired_authority.certificate);
  struct Case {
    Certificate shown;
    const char* told;  // to the operator
  };
  const std::vector<Case> cases{
      {make_certificate(
           {.common_name = "c", .good_for = -hours(1), .begins = -hours(48), .issuer = &authority}),
       "has expired: renew it"},
      {make_certificate({.common_name = "c", .begins = hours(1), .issuer = &authority}),
       "not valid yet: look at the clocks"},
      {make_certificate({.common_name = "c", .issuer = &expired_authority}),
       "has expired: renew it"},
      {make_certificate("self-signed"), "is not signed by our client CA"},
      {make_certificate({.common_name = "c", .issuer = &namesake}),
       "is not signed by our client CA"},
      {make_certificate({.common_name = "c", .usage = "serverAuth", .issuer = &authority}),
       "is not one for clients"},
  };
  for (const bool is_required : {true, false}) {
    tls.client_certificate_required = is_required;
    TestServer server({}, tls);
    std::size_t count = 0;
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
      for (const auto& [shown, told] : cases) {
        const std::string file = write("shown.pem", shown.certificate + shown.key);
        EXPECT_EQ(alert_for(server, file, version), SSL_AD_HANDSHAKE_FAILURE)
            << told << ", " << name_of(version);
        ++count;
        ASSERT_TRUE(eventually([&] { return server.refusals().size() == count; })) << told;
        EXPECT_NE(server.refusals().back().find(told), std::string::npos)
            << server.refusals().back() << " instead of " << told;
      }
    }
    EXPECT_EQ(server.count(Metric::kRejectedAuthentication), count);
    EXPECT_EQ(server.count(Metric::kRejectedHandshake), 0U);
  }
}

// What TLS 1.3 says to who shows none: that one is wanted, which the handshake has said before.
TEST_F(Tls, TellsAMissingCertificateWhatTheVersionHasForIt) {
  TlsOptions tls = one_file();
  tls.client_ca_file = write("clients.pem", make_certificate("client").certificate);
  TestServer server({}, tls);
  EXPECT_EQ(alert_for(server, "", TLS1_2_VERSION), SSL_AD_HANDSHAKE_FAILURE);
  EXPECT_EQ(alert_for(server, "", TLS1_3_VERSION), SSL_AD_CERTIFICATE_REQUIRED);
  ASSERT_TRUE(eventually([&] { return server.refusals().size() == 2; }));
  EXPECT_NE(server.refusals().back().find("the client shows no certificate"), std::string::npos);
}

// Somebody else's certificate, without its key.
TEST_F(Tls, RefusesACertificateWhoseKeyTheClientDoesNotHold) {
  const Certificate known = make_certificate("client");
  TlsOptions tls = one_file();
  tls.client_ca_file = write("clients.pem", known.certificate);
  TestServer server({}, tls);
  const Certificate stolen = support::with_key_of(known, make_certificate("thief"));
  const std::string file = write("stolen.pem", stolen.certificate + stolen.key);
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    EXPECT_EQ(alert_for(server, file, version), SSL_AD_DECRYPT_ERROR) << name_of(version);
  }
  ASSERT_TRUE(eventually([&] { return server.refusals().size() == 2; }));
  EXPECT_NE(server.refusals().back().find("does not hold the key"), std::string::npos)
      << server.refusals().back();
  EXPECT_EQ(server.count(Metric::kRejectedAuthentication), 2U);
}

}  // namespace
}  // namespace tiercel::http
