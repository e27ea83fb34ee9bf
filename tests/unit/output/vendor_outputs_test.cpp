// What each kind says to its peer is what the vendor documents, whatever the alert says.
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "awkward_alerts.h"
#include "http_support.h"

namespace tiercel::output {
namespace {

using support::AlertList;
using support::AlertText;
using support::PeerRequest;

class VendorOutput : public testing::TestWithParam<HttpKind> {
 protected:
  VendorOutput() {
    peer_.answer_with([](const PeerRequest& request) { return GetParam().takes(request); });
  }
  void expect_taken(HttpOutputUnderTest& output, const AlertList& list) {
    const Delivery delivery = output.deliver(list);
    EXPECT_TRUE(is_taken(delivery)) << to_text(delivery);
    EXPECT_FALSE(delivery.said.empty());
    const auto requests = peer_.requests();
    EXPECT_EQ(requests.size(), GetParam().is_batch ? 1U : list.alerts().size());
    for (const PeerRequest& request : requests) {
      const support::Complaints complaints = GetParam().check(request);
      EXPECT_TRUE(complaints.empty()) << support::joined(complaints) << "\n"
                                      << request.body.substr(0, 2000);
    }
  }

  support::PeerServer peer_;
};

TEST_P(VendorOutput, SaysRecordedAlertsAsTheVendorDocuments) {
  const AlertList list = support::recorded_alerts(12);
  ASSERT_EQ(list.alerts().size(), 96U);
  HttpOutputUnderTest output(GetParam(), peer_.url(""));
  expect_taken(output, list);
}

TEST_P(VendorOutput, SaysAwkwardAlertsAsTheVendorDocuments) {
  HttpOutputUnderTest output(GetParam(), peer_.url(""));
  expect_taken(output, awkward_alerts());
}

TEST_P(VendorOutput, CompressesWhereToldTo) {
  for (const char* const coding : {"gzip", "zstd"}) {
    HttpOutputUnderTest output(GetParam(), peer_.url(""), {{"compression", coding}});
    EXPECT_TRUE(is_taken(output.deliver("one")));
    const PeerRequest request = peer_.requests().back();
    EXPECT_EQ(request.header("content-encoding"), coding);
    EXPECT_EQ(support::joined(GetParam().check(request)), "");
  }
}

// What all of them share of refusals and hints.
TEST_P(VendorOutput, TellsWhatTimeMendsFromWhatItDoesNot) {
  struct Case {
    int status;
    bool is_again;
  };
  HttpOutputUnderTest output(GetParam(), peer_.url(""));
  for (const Case& one :
       {Case{400, false}, Case{401, true}, Case{403, true}, Case{404, true}, Case{405, true},
        Case{408, true}, Case{410, true}, Case{413, false}, Case{422, false}, Case{429, true},
        Case{500, true}, Case{503, true}, Case{301, true}, Case{307, true}}) {
    peer_.answer_with([&one](const PeerRequest&) {
      return support::PeerAnswer{.status = one.status,
                                 .body = "because\n" + std::string(10'000, 'x'),
                                 .headers = {{"Retry-After", "7"}}};
    });
    const Delivery delivery = output.deliver("one");
    EXPECT_EQ(delivery.again.size(), one.is_again ? 1U : 0U) << one.status;
    EXPECT_EQ(delivery.rejected.size(), one.is_again ? 0U : 1U) << one.status;
    const std::string why = one.is_again ? delivery.error->text() : delivery.rejected[0].why;
    EXPECT_NE(why.find("HTTP " + std::to_string(one.status)), std::string::npos) << why;
    EXPECT_LT(why.size(), 600U);
    EXPECT_EQ(why.find('\n'), std::string::npos) << why;
    if (one.is_again) {
      EXPECT_EQ(delivery.retry_after, std::chrono::seconds(7));
    }
  }
}

// One alert that the peer never takes costs no other.
TEST_P(VendorOutput, OneBadAlertCostsNoOther) {
  peer_.answer_with([](const PeerRequest& request) {
    return request.body.find("poison") != std::string::npos
               ? support::PeerAnswer{.status = 400, .body = "bad alert"}
               : GetParam().takes(request);
  });
  AlertList list;
  for (int at = 0; at < 21; ++at) {
    add(list, {.message = at == 4 || at == 13 ? "poison" : "mark" + std::to_string(at) + "."});
  }
  HttpOutputUnderTest output(GetParam(), peer_.url(""));
  const Delivery delivery = output.deliver(list);
  EXPECT_TRUE(delivery.again.empty()) << to_text(delivery);
  ASSERT_EQ(delivery.rejected.size(), 2U) << to_text(delivery);
  EXPECT_EQ(delivery.rejected[0].message, 4U);
  EXPECT_EQ(delivery.rejected[1].message, 13U);
  std::string taken;
  for (const PeerRequest& request : peer_.requests()) {
    taken += request.body.find("poison") == std::string::npos ? request.body : "";
  }
  for (int at = 0; at < 21; ++at) {
    EXPECT_EQ(taken.find("mark" + std::to_string(at) + ".") != std::string::npos,
              at != 4 && at != 13)
        << at;
  }
}

// An answer may be as long as the peer likes; what is kept of it and how long it is read are
// bounded.
TEST_P(VendorOutput, AnAnswerWithoutEndIsNotReadToItsEnd) {
  HttpOutputUnderTest output(GetParam(), peer_.url(""));
  for (const int status : {503, 400}) {
    peer_.answer_with([status](const PeerRequest&) {
      return support::PeerAnswer{
          .status = status, .body = std::string(1 << 20, 'x'), .endless = true};
    });
    const Delivery delivery = output.deliver("one");
    EXPECT_EQ(delivery.again.size(), status == 503 ? 1U : 0U) << to_text(delivery);
    EXPECT_EQ(delivery.rejected.size(), status == 503 ? 0U : 1U) << to_text(delivery);
  }
  peer_.answer_with([](const PeerRequest&) {
    return support::PeerAnswer{.headers = std::vector<std::pair<std::string, std::string>>(
                                   100, {"X-More", std::string(8000, 'x')})};
  });
  const Delivery delivery = output.deliver("one");
  ASSERT_TRUE(delivery.error);
  EXPECT_EQ(delivery.again.size(), 1U);
  EXPECT_NE(delivery.error->text().find("headers"), std::string::npos) << delivery.error->text();
}

// What somebody between says with a good status is no taking; kind http knows no vendor.
TEST_P(VendorOutput, ALoginPageIsNoTaking) {
  HttpOutputUnderTest output(GetParam(), peer_.url(""));
  for (const int status : {200, 201}) {
    peer_.answer_with([status](const PeerRequest&) {
      return support::PeerAnswer{.status = status,
                                 .body = "<html>Sign in</html>",
                                 .headers = {{"Content-Type", "text/html"}}};
    });
    const Delivery delivery = output.deliver("one");
    EXPECT_TRUE(delivery.rejected.empty()) << to_text(delivery);
    EXPECT_EQ(delivery.again.size(), GetParam().name == "http" ? 0U : 1U);
    if (delivery.error) {
      EXPECT_NE(delivery.error->text().find("Sign in"), std::string::npos)
          << delivery.error->text();
    }
  }
}

struct Answer {
  const char* kind;
  int status;
  const char* body;
  bool is_taking;
};
// Each answer that a vendor documents, and what it says when it has not taken a message.
TEST(VendorAnswers, AllThatAreDocumentedCount) {
  for (const Answer& one : {
           Answer{"alertmanager", 200, "", true},
           Answer{"alertmanager", 200, R"({"status":"success"})", true},
           Answer{"alertmanager", 204, "", false},
           Answer{"loki", 204, "", true},
           Answer{"loki", 200, "ready", false},
           Answer{"splunk_hec", 200, R"({"text":"Success","code":0,"ackId":7})", true},
           Answer{"splunk_hec", 200, R"({"text":"HEC is healthy","code":17})", false},
           Answer{"datadog", 202, "", true},
           Answer{"datadog", 200, "{}", true},
           Answer{"datadog", 200, R"({"errors":["no"]})", false},
           Answer{"teams", 202, "", true},
           Answer{"teams", 200, "1", true},
           Answer{"teams", 200,
                  "Webhook message delivery failed with error: Microsoft Teams endpoint returned "
                  "HTTP error 429",
                  false},
           Answer{"discord", 204, "", true},
           Answer{"discord", 200, R"({"id":"1","channel_id":"2"})", true},
           Answer{"discord", 200, "", false},
           Answer{"mattermost", 200, "ok", true},
           Answer{"mattermost", 200, "ok\n", true},
           Answer{"mattermost", 200, "", false},
           Answer{"pagerduty", 202, R"({"status":"success"})", true},
           Answer{"pagerduty", 200, "", false},
           Answer{"http", 200, "", true},
           Answer{"http", 299, "whatever", true},
       }) {
    support::PeerServer peer;
    peer.answer_with([&one](const PeerRequest&) {
      return support::PeerAnswer{.status = one.status, .body = one.body};
    });
    HttpOutputUnderTest output(http_kind(one.kind), peer.url(""));
    const Delivery delivery = output.deliver("one");
    EXPECT_EQ(is_taken(delivery), one.is_taking)
        << one.kind << " " << one.status << " " << one.body << ": " << to_text(delivery);
  }
}

// Nested a million deep, of the wrong types, or none at all: an answer is only looked at.
TEST_P(VendorOutput, NoAnswerHarmsIt) {
  HttpOutputUnderTest output(GetParam(), peer_.url(""));
  for (const std::string& body :
       {repeated("[", 1'000'000), repeated("{\"a\":", 500'000), std::string("\xFF\xFE"),
        std::string(R"({"errors":true,"items":[{"create":{"status":"x","error":[]}}]})"),
        std::string(R"({"errors":true,"items":[1]})"), std::string(R"({"ok":"yes","error":1})"),
        R"({"errors":true,"items":[{"create":{"status":429,"error":)" + repeated("[", 1'000'000) +
            repeated("]", 1'000'000) + "}}]}",
        std::string("[]"), std::string("null"), std::string()}) {
    peer_.answer_with([&body](const PeerRequest&) { return support::PeerAnswer{.body = body}; });
    const Delivery delivery = output.deliver("one");
    EXPECT_TRUE(delivery.rejected.empty()) << body.substr(0, 80);
  }
}

INSTANTIATE_TEST_SUITE_P(All, VendorOutput,
                         testing::ValuesIn(http_kinds().begin(), http_kinds().end()),
                         [](const auto& one) { return one.param.label(); });

}  // namespace
}  // namespace tiercel::output
