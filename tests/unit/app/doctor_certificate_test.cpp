#include "doctor_certificate.h"

#include <gtest/gtest.h>

#include "certificates.h"
#include "doctor.h"
#include "temp_dir.h"

namespace tiercel::app {
namespace {

using support::Certificate;
using support::make_certificate;

constexpr std::chrono::hours kLong{24 * 90};
constexpr std::chrono::hours kPast{-1};

class DoctorCertificate : public testing::Test {
 protected:
  // "state: what", each on its line; the states as their first letter.
  static std::string text(const Findings& findings) {
    std::string all;
    for (const Finding& one : findings.list()) {
      all += std::string(1, "gnwe"[static_cast<std::size_t>(one.state)]) + ": " + one.what + "\n";
    }
    return all;
  }
  std::string of_server(const std::string& certificate, const std::string& client_ca = {}) {
    config::Settings settings;
    settings.webserver.ssl_enabled = true;
    settings.webserver.ssl_certificate = folder_.write("server.pem", certificate);
    if (!client_ca.empty()) {
      settings.webserver.ssl_client_ca = folder_.write("clients.pem", client_ca);
    }
    Findings findings;
    examine_certificates(settings, findings);
    return text(findings);
  }
  std::string of_client(const Certificate& certificate, const std::string& key,
                        const std::string& authority) {
    Findings findings;
    examine_client_certificate(folder_.write("client.pem", certificate.certificate),
                               folder_.write("client.key", key),
                               folder_.write("authority.pem", authority), findings);
    return text(findings);
  }
  static bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
  }

  support::TempDir folder_;
  const Certificate good_ = make_certificate("good", kLong);
  const Certificate other_ = make_certificate("other", kLong);
  const Certificate over_ = make_certificate("over", kPast);
};

TEST_F(DoctorCertificate, EachOfAServersFileIsDated) {
  const std::string good = of_server(good_.certificate + good_.key);
  EXPECT_TRUE(has(good, "g: " + folder_.path("server.pem") + " (CN = good)")) << good;
  EXPECT_FALSE(has(good, "e: ")) << good;
  const std::string chain = of_server(good_.certificate + over_.certificate + good_.key);
  EXPECT_TRUE(has(chain, "e: " + folder_.path("server.pem") + " (CN = over) has expired")) << chain;
  EXPECT_TRUE(has(chain, "out of order")) << chain;
}

TEST_F(DoctorCertificate, TheClientsAuthoritiesAreLookedAt) {
  const std::string server = good_.certificate + good_.key;
  EXPECT_TRUE(has(of_server(server, over_.certificate),
                  "e: " + folder_.path("clients.pem") + " (CN = over) has expired"));
  // While one takes the other's place both stand there.
  const std::string both = of_server(server, over_.certificate + other_.certificate);
  EXPECT_TRUE(has(both, "w: " + folder_.path("clients.pem") + " (CN = over) has expired")) << both;
  EXPECT_FALSE(has(both, "e: ")) << both;
  EXPECT_TRUE(has(of_server(server, "nothing"), "cannot be read, or holds no certificate"));
}

TEST_F(DoctorCertificate, AClientsIsDatedAndHeldAgainstTheAuthority) {
  const std::string which = "client-certificate " + folder_.path("client.pem");
  EXPECT_TRUE(of_client(good_, good_.key, good_.certificate)
                  .starts_with("g: " + which + " (CN = good), good for"));
  EXPECT_TRUE(has(of_client(over_, over_.key, over_.certificate),
                  "e: " + which + " (CN = over) has expired"));
  EXPECT_TRUE(has(of_client(good_, good_.key, other_.certificate), " is refused under "));
  const Certificate soon = make_certificate("soon");
  EXPECT_TRUE(has(of_client(soon, soon.key, other_.certificate), " is refused under "));
  EXPECT_TRUE(has(of_client(soon, soon.key, soon.certificate), "w: " + which));
  EXPECT_TRUE(has(of_client(good_, other_.key, good_.certificate), " is not that of "));
}

TEST_F(DoctorCertificate, ATokensFileMustHoldOne) {
  config::Settings settings;
  settings.webserver.tokens = {{"good", folder_.write("good", "0123456789abcdef\n")},
                               {"none", folder_.path("none")}};
  Findings findings;
  examine_certificates(settings, findings);
  EXPECT_TRUE(has(text(findings), "e: the token 'none' in " + folder_.path("none")))
      << text(findings);
  EXPECT_FALSE(has(text(findings), "token 'good'")) << text(findings);
}

}  // namespace
}  // namespace tiercel::app
