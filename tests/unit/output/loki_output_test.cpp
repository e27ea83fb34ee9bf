#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "http_support.h"

namespace tiercel::output {
namespace {

using nlohmann::json;
using support::PeerAnswer;
using support::PeerRequest;
using support::PeerServer;

TEST(LokiOutput, AStreamForEachSetOfLabelsInOrderOfTime) {
  PeerServer peer;
  peer.answer_with(http_kind("loki").takes);
  HttpOutputUnderTest output("loki", {{"url", peer.url("/")},
                                      {"tenant", "audit"},
                                      {"labels", "env: prod\n1 x: y\n"},
                                      {"extra_labels", "- namespace\n- user\n- hostname\n"}});
  support::AlertList list;
  for (const int seconds : {5, 3, 4}) {
    add(list, {.message = "at " + std::to_string(seconds)});
    list.back().time += seconds * 1'000'000'000LL;
    list.back().name_space = seconds == 4 ? "" : "web";
  }
  ASSERT_TRUE(is_taken(output.deliver(list)));
  const PeerRequest request = peer.requests().back();
  EXPECT_EQ(request.target, "/loki/api/v1/push");
  EXPECT_EQ(request.header("x-scope-orgid"), "audit");
  const json streams = json::parse(request.body)["streams"];
  ASSERT_EQ(streams.size(), 2U);
  const json labels = {{"job", "tiercel"},      {"rule", "A rule"},  {"priority", "Warning"},
                       {"source", "k8s_audit"}, {"env", "prod"},     {"__x", "y"},
                       {"hostname", "cp-1"},    {"namespace", "web"}};
  std::vector<std::string> times;
  for (const json& stream : streams) {
    json want = labels;
    if (stream["values"].size() == 1) {
      want.erase("namespace");
    }
    EXPECT_EQ(stream["stream"], want);
    for (const json& value : stream["values"]) {
      times.push_back(value[0]);
      EXPECT_EQ(json::parse(value[1].get<std::string>())["rule"], "A rule");
    }
  }
  std::sort(times.begin(), times.end());
  EXPECT_EQ(times, (std::vector<std::string>{"1767323048000000000", "1767323049000000000",
                                             "1767323050000000000"}));
}

// Loki takes the good entries of a request and says 400 for the one that is too old.
TEST(LokiOutput, AnEntryThatIsTooOldCostsNoOther) {
  PeerServer peer;
  peer.answer_with([](const PeerRequest& request) {
    return request.body.find("ancient") == std::string::npos
               ? PeerAnswer{.status = 204, .body = ""}
               : PeerAnswer{.status = 400, .body = "entry too far behind, oldest is: 2026"};
  });
  HttpOutputUnderTest output(http_kind("loki"), peer.url(""));
  support::AlertList list;
  for (int at = 0; at < 9; ++at) {
    add(list, {.message = at == 6 ? "ancient" : "new"});
  }
  const Delivery delivery = output.deliver(list);
  EXPECT_TRUE(delivery.again.empty());
  ASSERT_EQ(delivery.rejected.size(), 1U);
  EXPECT_EQ(delivery.rejected[0].message, 6U);
  EXPECT_NE(delivery.rejected[0].why.find("too far behind"), std::string::npos);
}

}  // namespace
}  // namespace tiercel::output
