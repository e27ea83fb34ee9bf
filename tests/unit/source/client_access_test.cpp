#include "client_access.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "temp_dir.h"
#include "webhook_fixture.h"

namespace tiercel::source {
namespace {

using Certificate = WebhookAccess::Certificate;

constexpr const char* kToken = "0123456789abcdef0123456789abcdef";

class Access : public testing::Test {
 protected:
  // The identity where allowed, with "refused" for a refusal.
  std::string judge(const std::vector<std::string>& names, const std::string& authorization,
                    const std::string& peer = "10.0.0.1") {
    http::Request request;
    request.peer = peer;
    request.peer_names = names;
    if (!authorization.empty()) {
      request.headers.push_back({"authorization", authorization});
    }
    ClientAccess access(access_);
    EXPECT_TRUE(access.open());
    const ClientAccess::Verdict verdict = access.judge(request);
    EXPECT_EQ(verdict.reason.empty(), verdict.is_allowed);
    return verdict.is_allowed ? "allowed " + verdict.identity : "refused";
  }
  void with_token() { access_.tokens = {{"prod", folder_.write("token", kToken)}}; }
  static std::string bearer(const std::string& token) { return "Bearer " + token; }

  support::TempDir folder_;
  WebhookAccess access_;
};

TEST_F(Access, IsOpenWhereNothingIsAskedFor) {
  EXPECT_EQ(judge({}, ""), "allowed ");
  EXPECT_EQ(judge({}, "Bearer whatever"), "allowed ");
  EXPECT_EQ(judge({"api", "api.example"}, ""), "allowed api");
}

TEST_F(Access, AsksForAToken) {
  with_token();
  EXPECT_EQ(judge({}, bearer(kToken)), "allowed prod");
  EXPECT_EQ(judge({}, std::string("bearer  ") + kToken + " "), "allowed prod");
  EXPECT_EQ(judge({}, ""), "refused");
  EXPECT_EQ(judge({}, kToken), "refused");
  EXPECT_EQ(judge({}, std::string("Basic ") + kToken), "refused");
  EXPECT_EQ(judge({}, "Bearer "), "refused");
  EXPECT_EQ(judge({}, "Bearer"), "refused");
  EXPECT_EQ(judge({}, bearer(std::string(kToken) + "0")), "refused");
  EXPECT_EQ(judge({"api"}, ""), "refused") << "nobody has verified a certificate here";
}

TEST_F(Access, TakesACertificateForATokenWhereItIsOptional) {
  with_token();
  access_.certificate = Certificate::kOptional;
  access_.names = {"api-*"};
  EXPECT_EQ(judge({"api-1"}, ""), "allowed api-1");
  EXPECT_EQ(judge({"other"}, ""), "refused");
  EXPECT_EQ(judge({"other"}, bearer(kToken)), "allowed prod");
  EXPECT_EQ(judge({}, bearer(kToken)), "allowed prod");
  EXPECT_EQ(judge({}, ""), "refused");
}

TEST_F(Access, AsksForBothWhereACertificateIsRequired) {
  with_token();
  access_.certificate = Certificate::kRequired;
  access_.names = {"api-*", "spiffe://cluster/*"};
  EXPECT_EQ(judge({"api-1"}, ""), "refused");
  EXPECT_EQ(judge({"other"}, bearer(kToken)), "refused");
  EXPECT_EQ(judge({}, bearer(kToken)), "refused");
  EXPECT_EQ(judge({"x", "spiffe://cluster/ns/kube-system"}, bearer(kToken)), "allowed prod");
  access_.tokens.clear();
  EXPECT_EQ(judge({"x", "spiffe://cluster/api"}, ""), "allowed spiffe://cluster/api");
  EXPECT_EQ(judge({"x"}, ""), "refused");
}

// A port of `plugins` may speak plain HTTP, or not ask for certificates.
TEST_F(Access, MissesARequiredCertificateOnEveryPort) {
  access_.certificate = Certificate::kRequired;
  EXPECT_EQ(judge({}, ""), "refused");
  EXPECT_EQ(judge({"api"}, ""), "allowed api");
}

TEST_F(Access, LooksAtNamesOfOptionalCertificates) {
  access_.certificate = Certificate::kOptional;
  access_.names = {"api"};
  EXPECT_EQ(judge({}, ""), "allowed ") << "none was asked for";
  EXPECT_EQ(judge({"api"}, ""), "allowed api");
  EXPECT_EQ(judge({"other"}, ""), "refused");
}

TEST_F(Access, ANetworkThatIsNoneAllowsNobody) {
  access_.networks = {"nonsense"};
  EXPECT_EQ(judge({}, "", "10.0.0.1"), "refused");
  EXPECT_EQ(judge({}, "", "::1"), "refused");
}

TEST_F(Access, AsksForANetworkFirst) {
  with_token();
  access_.networks = {"10.0.0.0/8", "fd00::/8"};
  EXPECT_EQ(judge({}, bearer(kToken), "10.9.9.9"), "allowed prod");
  EXPECT_EQ(judge({}, bearer(kToken), "fd00::9"), "allowed prod");
  EXPECT_EQ(judge({}, bearer(kToken), "11.0.0.1"), "refused");
  EXPECT_EQ(judge({}, bearer(kToken), "unknown"), "refused");
}

TEST(ClientNames, MatchAsAWhole) {
  EXPECT_TRUE(matches_name("api", "api"));
  EXPECT_TRUE(matches_name("*", ""));
  EXPECT_TRUE(matches_name("a*c*e", "abcde"));
  EXPECT_TRUE(matches_name("*.example", "a.b.example"));
  EXPECT_TRUE(matches_name("a*", "a"));
  EXPECT_FALSE(matches_name("api", "api2"));
  EXPECT_FALSE(matches_name("api", "Api"));
  EXPECT_FALSE(matches_name("*.example", "example"));
  EXPECT_FALSE(matches_name("a*c", "abcd"));
  EXPECT_FALSE(matches_name("", "a"));
  EXPECT_TRUE(matches_name("", ""));
  EXPECT_FALSE(matches_name("*a*a*a*a*a*b", std::string(5000, 'a'))) << "and does not hang";
}

TEST(RefusedRequests, AreToldOfWhenTheyBurst) {
  HandClock clock;
  std::vector<std::string> told;
  Refusals refusals(
      [&told](const std::string& peer, std::string_view reason) {
        told.push_back(peer + " " + std::string(reason));
      },
      clock);
  const std::string peer = "10.0.0.7";
  for (std::uint64_t at = 0; at + 1 < Refusals::kBurst; ++at) {
    refusals.add(peer, "r");
  }
  EXPECT_TRUE(told.empty());
  clock.push(std::chrono::minutes(2));
  for (std::uint64_t at = 0; at + 1 < Refusals::kBurst; ++at) {
    refusals.add(peer, "r");
  }
  EXPECT_TRUE(told.empty()) << "not within one minute";
  for (std::uint64_t at = 0; at < Refusals::kBurst; ++at) {
    refusals.add(peer, "r");
  }
  EXPECT_EQ(told, std::vector<std::string>{"10.0.0.7 r"}) << "once a window";
}

// One apiserver with a wrong token tries a few times a minute.
TEST(RefusedRequests, AreToldOfWhenTheyGoOn) {
  HandClock clock;
  std::size_t told = 0;
  Refusals refusals([&told](const std::string&, std::string_view) { ++told; }, clock);
  const auto pass = [&](int tries, std::chrono::seconds pause) {
    for (int at = 0; at < tries; ++at) {
      refusals.add("10.0.0.7", "r");
      clock.push(pause);
    }
  };
  pass(4, std::chrono::minutes(3));
  EXPECT_EQ(told, 0U) << "now and then is no trouble";
  pass(4, std::chrono::seconds(30));
  EXPECT_EQ(told, 0U) << "two minutes";
  pass(1, std::chrono::seconds(30));
  EXPECT_EQ(told, 1U) << "in the third";
  pass(117, std::chrono::seconds(30));
  EXPECT_EQ(told, 1U) << "not each minute";
  pass(4, std::chrono::seconds(30));
  EXPECT_EQ(told, 2U) << "again after an hour";
}

TEST(RefusedRequests, OfOneReasonHoldBackNoOther) {
  HandClock clock;
  Refusals refusals({}, clock);
  testing::internal::CaptureStderr();
  for (int at = 0; at < 3; ++at) {
    refusals.add("10.0.0.7", "its token");
    refusals.add("10.0.0.8", "its certificate");
  }
  clock.push(std::chrono::minutes(1));
  refusals.add("10.0.0.7", "its token");
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_NE(log.find("from 10.0.0.7 are refused: its token\n"), std::string::npos) << log;
  EXPECT_NE(log.find("from 10.0.0.8 are refused: its certificate\n"), std::string::npos) << log;
  EXPECT_NE(log.find("its token (2 more like this since"), std::string::npos) << log;
  EXPECT_EQ(std::count(log.begin(), log.end(), '\n'), 3) << log;
}

// What a client sees, and in whose name its events are evaluated.
TEST(WebhookAccessOverHttp, RefusesWithoutAHint) {
  const support::TempDir folder;
  WebhookOptions options;
  options.access.tokens = {{"prod", folder.write("token", kToken)}};
  const auto whole = [](const HttpAnswer& answer) {
    std::string text = std::to_string(answer.status) + "\n" + answer.body;
    for (const auto& [name, value] : answer.headers) {
      text += name == "Date" ? "" : name + ": " + value + "\n";
    }
    return text;
  };
  Webhook webhook(options);
  ASSERT_TRUE(webhook.source().open());
  const auto answer = [&](const std::string& headers) {
    return webhook.client().exchange(post("/k8s_audit", "{}", headers));
  };
  const HttpAnswer none = answer("");
  EXPECT_EQ(none.status, 401);
  EXPECT_EQ(none.header("WWW-Authenticate"), "Bearer");
  const HttpAnswer wrong = answer("Authorization: Bearer wrong\r\n");
  EXPECT_EQ(wrong.status, 401);
  EXPECT_EQ(whole(wrong), whole(none));
  const HttpAnswer long_one = answer("Authorization: Bearer " + std::string(5000, 'a') + "\r\n");
  EXPECT_EQ(whole(long_one), whole(none));
  EXPECT_EQ(webhook.joined(), "");
  EXPECT_EQ(webhook.metrics.value(base::Metric::kRejectedAuthentication), 3U);
  const std::string right = std::string("Authorization: Bearer ") + kToken + "\r\n";
  // With the right token, from the wrong network or without the certificate.
  WebhookOptions elsewhere = options;
  elsewhere.access.networks = {"10.0.0.0/8"};
  WebhookOptions certified = options;
  certified.access.certificate = Certificate::kRequired;
  certified.access.names = {"api"};
  for (const WebhookOptions& other : {elsewhere, certified}) {
    Webhook strict(other);
    ASSERT_TRUE(strict.source().open());
    EXPECT_EQ(whole(strict.client().exchange(post("/k8s_audit", "{}", right))), whole(none));
  }
  EXPECT_EQ(answer(right).status, 200);
  EXPECT_EQ(webhook.last.cluster, "prod");
  // The token proves who it is; the path only says so.
  EXPECT_EQ(webhook.client().exchange(post("/k8s_audit/other", "{}", right)).status, 200);
  EXPECT_EQ(webhook.last.cluster, "prod");
}

TEST(WebhookAccessOverHttp, TakesTheClusterOfThePath) {
  Webhook webhook;
  EXPECT_EQ(webhook.client().exchange(post("/k8s_audit/eu-1", "{}")).status, 200);
  EXPECT_EQ(webhook.last.cluster, "eu-1");
  EXPECT_EQ(webhook.client().exchange(post("/k8s_audit?timeout=30s", "{}")).status, 200);
  EXPECT_EQ(webhook.last.cluster, "");
  for (const char* const path : {"/k8s_audit/", "/k8s_audit/a/b", "/k8s_audit/a%20b", "/k8s_auditx",
                                 "/k8s_audit/0123456789012345678901234567890123456"
                                 "789012345678901234567890123"}) {
    EXPECT_EQ(webhook.client().exchange(post(path, "{}")).status, 404) << path;
  }
}

}  // namespace
}  // namespace tiercel::source
