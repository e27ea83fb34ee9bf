#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "http_support.h"

namespace tiercel::output {
namespace {

using nlohmann::json;
using support::PeerAnswer;
using support::PeerRequest;
using support::PeerServer;

TEST(ElasticsearchOutput, CreatesADocumentForEachAlert) {
  PeerServer peer;
  peer.answer_with(&bulk_created);
  HttpOutputUnderTest output("elasticsearch", {{"url", peer.url("/es")},
                                               {"index", "tiercel-%Y.%m.%d"},
                                               {"pipeline", "add geo"},
                                               {"api_key", "a2V5"}});
  support::AlertList list;
  add(list, {.message = "one"});
  list.back().user = "alice";
  list.back().name_space = "web";
  ASSERT_TRUE(is_taken(output.deliver(list)));
  const PeerRequest request = peer.requests().back();
  EXPECT_EQ(request.target,
            "/es/_bulk?filter_path=errors,items.*.status,items.*.error.type,"
            "items.*.error.reason&pipeline=add%20geo");
  EXPECT_EQ(request.header("authorization"), "ApiKey a2V5");
  const std::size_t border = request.body.find('\n');
  EXPECT_EQ(
      json::parse(request.body.substr(0, border)),
      json({{"create",
             {{"_index", "tiercel-2026.01.02"}, {"_id", "00000000000000000000000000000001"}}}}));
  const json document = json::parse(request.body.substr(border));
  EXPECT_EQ(document["@timestamp"], "2026-01-02T03:04:05.000Z");
  EXPECT_EQ(document["user.name"], "alice");
  EXPECT_EQ(document["orchestrator.namespace"], "web");
  EXPECT_EQ(document["rule"], "A rule");
  EXPECT_EQ(document["output_fields"]["ka.user.name"], "alice");
}

// One is created, one was there, one is bad, one comes at a bad time, one says nothing of use.
TEST(ElasticsearchOutput, JudgesEachItem) {
  PeerServer peer;
  peer.answer_with([](const PeerRequest&) {
    return PeerAnswer{
        .body =
            R"({"errors":true,"items":[{"create":{"status":201}},{"create":{"status":409,"error":)"
            R"({"type":"version_conflict_engine_exception"}}},{"create":{"status":400,"error":{)"
            R"("type":"mapper_parsing_exception","reason":"failed to parse\nit"}}},{"create":)"
            R"({"status":429,"error":{"type":"es_rejected_execution_exception"}}},)"
            R"({"create":{"status":"what"}}]})"};
  });
  HttpOutputUnderTest output(http_kind("elasticsearch"), peer.url(""));
  support::AlertList list;
  for (int at = 0; at < 5; ++at) {
    add(list, {});
  }
  const Delivery delivery = output.deliver(list);
  EXPECT_EQ(delivery.again, (std::vector<std::size_t>{3, 4}));
  ASSERT_EQ(delivery.rejected.size(), 1U);
  EXPECT_EQ(delivery.rejected[0].message, 2U);
  EXPECT_NE(delivery.rejected[0].why.find("mapper_parsing_exception"), std::string::npos);
  EXPECT_EQ(delivery.rejected[0].why.find('\n'), std::string::npos);
  ASSERT_TRUE(delivery.error);
}

// A missing right, a blocked and a missing index come as items' statuses too.
TEST(ElasticsearchOutput, WhatAnOperatorCanMendComesAgain) {
  PeerServer peer;
  HttpOutputUnderTest output(http_kind("elasticsearch"), peer.url(""));
  for (const int status : {401, 403, 404, 429, 503}) {
    peer.answer_with([status](const PeerRequest&) {
      return PeerAnswer{.body = R"({"errors":true,"items":[{"create":{"status":)" +
                                std::to_string(status) +
                                R"(,"error":{"type":"index_not_found_exception"}}}]})"};
    });
    const Delivery delivery = output.deliver("one");
    EXPECT_EQ(delivery.again.size(), 1U) << status;
    EXPECT_TRUE(delivery.rejected.empty()) << status;
  }
}

// Items that were judged one by one are not asked for again.
TEST(ElasticsearchOutput, ItemsThatAreAllBadAreJudgedOnce) {
  PeerServer peer;
  peer.answer_with([](const PeerRequest&) {
    return PeerAnswer{
        .body = R"({"errors":true,"items":[{"create":{"status":400}},{"create":{"status":400}}]})"};
  });
  HttpOutputUnderTest output(http_kind("elasticsearch"), peer.url(""));
  support::AlertList list;
  add(list, {});
  add(list, {});
  EXPECT_EQ(output.deliver(list).rejected.size(), 2U);
  EXPECT_EQ(peer.requests().size(), 1U);
}

TEST(ElasticsearchOutput, AnAnswerOfAnythingElseTakesNothing) {
  PeerServer peer;
  HttpOutputUnderTest output(http_kind("elasticsearch"), peer.url(""));
  for (const char* const body : {"", "<html>login</html>", "{}", R"({"errors":true,"items":[]})",
                                 R"({"errors":true,"items":[{"create":{"status":201}},{}]})"}) {
    peer.answer_with([body](const PeerRequest&) { return PeerAnswer{.body = body}; });
    const Delivery delivery = output.deliver("one");
    EXPECT_EQ(delivery.again.size(), 1U) << body;
    ASSERT_TRUE(delivery.error) << body;
    EXPECT_NE(delivery.error->text().find("bulk"), std::string::npos);
  }
}

TEST(ElasticsearchOutput, AnAnswerThatIsNestedDeeplyTakesNothing) {
  PeerServer peer;
  HttpOutputUnderTest output(http_kind("elasticsearch"), peer.url(""));
  const auto delivered = [&](std::size_t depth) {
    const std::string body = R"({"errors":false,"items":[{"create":{"status":201}}],"more":)" +
                             std::string(depth, '[') + std::string(depth, ']') + "}";
    peer.answer_with([body](const PeerRequest&) { return PeerAnswer{.body = body}; });
    return !output.deliver("one").error;
  };
  EXPECT_TRUE(delivered(31));  // the answer itself is the 32nd
  EXPECT_FALSE(delivered(32));
  EXPECT_FALSE(delivered(1'000'000));
}

TEST(ElasticsearchOutput, ABodyThatIsTooLargeIsSentInParts) {
  PeerServer peer;
  peer.answer_with([](const PeerRequest& request) {
    return std::count(request.body.begin(), request.body.end(), '\n') > 6
               ? PeerAnswer{.status = 413, .body = "too large"}
               : bulk_created(request);
  });
  HttpOutputUnderTest output(http_kind("elasticsearch"), peer.url(""));
  support::AlertList list;
  for (int at = 0; at < 10; ++at) {
    add(list, {});
  }
  EXPECT_TRUE(is_taken(output.deliver(list)));
}

}  // namespace
}  // namespace tiercel::output
