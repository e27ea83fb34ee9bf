#include "webhook_fixture.h"

namespace tiercel::source {
namespace {

using base::Metric;
using std::chrono::seconds;

std::string print(const HttpAnswer& answer) {
  return std::to_string(answer.status) + " [" + answer.header("Retry-After") + "]";
}

bool eventually(const std::function<bool()>& condition) {
  const auto until = std::chrono::steady_clock::now() + seconds{10};
  while (!condition()) {
    if (std::chrono::steady_clock::now() > until) {
      return false;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds{2});
  }
  return true;
}

TEST(WebhookSource, MakesABodyABatch) {
  WebhookOptions options;
  options.extra_paths = {"/own", "/k8s_audit"};
  Webhook webhook(options);
  auto client = webhook.client();
  for (const char* path : {"/k8s_audit?timeout=30s", "/k8s-audit", "/own"}) {
    const HttpAnswer answer = client.exchange(post(path, "{\"kind\":\"EventList\"}"));
    EXPECT_EQ(print(answer), "200 []") << path;
    EXPECT_EQ(answer.body, "");
    EXPECT_EQ(answer.header("Content-Length"), "0");
  }
  const std::string one = "body {\"kind\":\"EventList\"};";
  EXPECT_EQ(webhook.joined(), one + one + one);
  EXPECT_EQ(webhook.last.source, "webhook");
  EXPECT_EQ(webhook.last.peer, "127.0.0.1");
  EXPECT_EQ(webhook.last.arrival, HandClock::kStart);
  EXPECT_EQ(webhook.last.request, 3U);
  EXPECT_EQ(webhook.source().bytes_in_flight(), 0U);
}

TEST(WebhookSource, TakesWhateverBytesTheBodyHolds) {
  Webhook webhook;
  auto client = webhook.client();
  EXPECT_EQ(client.exchange(post("/k8s_audit", "")).status, 200);
  EXPECT_EQ(client.exchange(post("/k8s_audit", "not json \xff")).status, 200);
  EXPECT_EQ(
      client.exchange(post("/k8s_audit", support::gzipped("[1]"), "Content-Encoding: gzip\r\n"))
          .status,
      200);
  EXPECT_EQ(client
                .exchange("POST /k8s_audit HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
                          "2\r\n{}\r\n0\r\n\r\n")
                .status,
            200);
  EXPECT_EQ(webhook.joined(), "body ;body not json \xff;body [1];body {};");
}

TEST(WebhookSource, ReportsBrokenGzipInsteadOfHavingItSentAgain) {
  Webhook webhook;
  auto client = webhook.client();
  EXPECT_EQ(client.exchange(post("/k8s_audit", "{}", "Content-Encoding: gzip\r\n")).status, 200);
  EXPECT_EQ(webhook.joined(), "bad bad_gzip whole 0 ;");
}

TEST(WebhookSource, RefusesOtherTypesPathsMethods) {
  Webhook webhook;
  auto client = webhook.client();
  EXPECT_EQ(client
                .exchange("POST /k8s_audit HTTP/1.1\r\nContent-Type: text/html\r\n"
                          "Content-Length: 2\r\n\r\n{}")
                .status,
            415);
  EXPECT_EQ(client.exchange("POST /k8s_audit HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}").status, 200);
  EXPECT_EQ(client.exchange(post("/", "{}")).status, 404);
  EXPECT_EQ(client.exchange(post("/k8s_audit/", "{}")).status, 404);
  const HttpAnswer answer = client.exchange(get("/k8s_audit"));
  EXPECT_EQ(answer.status, 405);
  EXPECT_EQ(answer.header("Allow"), "POST");
  EXPECT_EQ(webhook.joined(), "body {};");
  EXPECT_EQ(webhook.metrics.value(Metric::kRejectedType), 1U);
}

TEST(WebhookSource, AnswersAsTheSinkDecides) {
  Webhook webhook;
  auto client = webhook.client();
  webhook.outcome = BatchOutcome::kBusy;
  EXPECT_EQ(print(client.exchange(post("/k8s_audit", "{}"))), "429 [1]");
  webhook.clock.push(seconds{15});
  EXPECT_EQ(print(client.exchange(post("/k8s_audit", "{}"))), "429 [2]");
  for (int i = 0; i < 5; ++i) {
    webhook.clock.push(seconds{25});
    EXPECT_EQ(print(client.exchange(post("/k8s_audit", "{}"))), i < 4 ? "429 [3]" : "503 []");
  }
  webhook.outcome = BatchOutcome::kFailed;
  EXPECT_EQ(print(client.exchange(post("/k8s_audit", "{}"))), "503 []");
  webhook.outcome = BatchOutcome::kDone;
  EXPECT_EQ(print(client.exchange(post("/k8s_audit", "{}"))), "200 []");
  webhook.outcome = BatchOutcome::kBusy;
  EXPECT_EQ(print(client.exchange(post("/k8s_audit", "{}"))), "429 [1]");
}

TEST(WebhookSource, RefusesWhatDoesNotFitInTheHouse) {
  WebhookOptions options;
  options.max_in_flight = 1000;
  Webhook webhook(options);
  webhook.hold = true;
  auto first = webhook.client();
  first.send(post("/k8s_audit", std::string(5000, 'a')));  // one is always admitted
  ASSERT_TRUE(eventually([&] { return webhook.held.load() == 1; }));
  EXPECT_EQ(webhook.source().bytes_in_flight(), 5000U);
  auto second = webhook.client();
  EXPECT_EQ(print(second.exchange(post("/k8s_audit", "{}"))), "429 [1]");
  EXPECT_EQ(webhook.metrics.value(Metric::kRejectedBusy), 1U);
  webhook.hold = false;
  EXPECT_EQ(print(first.read_answer()), "200 []");
  EXPECT_EQ(print(second.exchange(post("/k8s_audit", "{}"))), "200 []");
  EXPECT_EQ(webhook.source().bytes_in_flight(), 0U);
}

TEST(WebhookSource, RefusesRequestsBeyondTheirNumber) {
  WebhookOptions options;
  options.max_requests = 1;
  Webhook webhook(options);
  webhook.hold = true;
  auto first = webhook.client();
  first.send(post("/k8s_audit", "{}"));
  ASSERT_TRUE(eventually([&] { return webhook.held.load() == 1; }));
  EXPECT_EQ(webhook.source().requests_in_flight(), 1U);
  auto second = webhook.client();
  EXPECT_EQ(print(second.exchange(post("/k8s_audit", "{}"))), "429 [1]");
  EXPECT_EQ(webhook.metrics.value(Metric::kRejectedBusy), 1U);
  webhook.hold = false;
  EXPECT_EQ(print(first.read_answer()), "200 []");
  EXPECT_EQ(print(second.exchange(post("/k8s_audit", "{}"))), "200 []");
  EXPECT_EQ(webhook.source().requests_in_flight(), 0U);
}

TEST(WebhookSource, GivesBackWhatAChunkedBodyDidNotNeed) {
  WebhookOptions options;
  options.max_in_flight = std::uint64_t{10} << 20U;
  Webhook webhook(options);
  webhook.hold = true;
  std::vector<HttpClient> clients;
  for (int i = 0; i < 5; ++i) {
    clients.push_back(webhook.client());
    clients.back().send(
        "POST /k8s_audit HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
        "2\r\n{}\r\n0\r\n\r\n");
    ASSERT_TRUE(eventually([&] { return webhook.held.load() == i + 1; }));
  }
  EXPECT_EQ(webhook.source().bytes_in_flight(), 10U);
  webhook.hold = false;
  for (auto& client : clients) {
    EXPECT_EQ(client.read_answer().status, 200);
  }
}

// Clients that announce much and send little must not have the room of those that send.
TEST(WebhookSource, CountsWhatHasComeNotWhatIsAnnounced) {
  WebhookOptions options;
  options.max_in_flight = std::uint64_t{16} << 20U;
  options.max_requests = 2;
  Webhook webhook(options);
  std::vector<HttpClient> silent;
  for (int i = 0; i < 8; ++i) {
    silent.push_back(webhook.client());
    silent.back().send(
        i % 2 == 0 ? "POST /k8s_audit HTTP/1.1\r\nContent-Length: 8388608\r\n\r\nx"
                   : "POST /k8s_audit HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx");
    ASSERT_TRUE(eventually(
        [&] { return webhook.source().bytes_in_flight() == static_cast<std::uint64_t>(i) + 1; }));
  }
  auto client = webhook.client();
  EXPECT_EQ(print(client.exchange(post("/k8s_audit", std::string(4U << 20U, ' ')))), "200 []");
}

TEST(WebhookSource, RefusesABodyThatGrowsBeyondTheRoom) {
  WebhookOptions options;
  options.max_in_flight = 1000;
  options.whole_body = 100;
  Webhook webhook(options);
  webhook.hold = true;
  auto first = webhook.client();
  first.send(post("/k8s_audit", std::string(100, 'a')));
  ASSERT_TRUE(eventually([&] { return webhook.held.load() == 1; }));
  auto second = webhook.client();
  EXPECT_EQ(print(second.exchange(
                "POST /k8s_audit HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3e8\r\n" +
                std::string(1000, 'b') + "\r\n0\r\n\r\n")),
            "429 [1]");
  EXPECT_EQ(webhook.source().bytes_in_flight(), 100U);
  webhook.hold = false;
  EXPECT_EQ(print(first.read_answer()), "200 []");
}

// The path "/" and one that is called as a cluster is.
TEST(WebhookSource, TakesBatchesOnAnyPathOfTheConfiguration) {
  WebhookOptions options;
  options.extra_paths = {"/", "/prod"};
  Webhook webhook(options);
  auto client = webhook.client();
  EXPECT_EQ(client.exchange(post("/", "{}")).status, 200);
  EXPECT_EQ(client.exchange(post("/?timeout=30s", "{}")).status, 200);
  EXPECT_EQ(webhook.last.cluster, "");
  EXPECT_EQ(client.exchange(post("/prod", "{}")).status, 200);
  EXPECT_EQ(client.exchange(post("/k8s_audit", "{}")).status, 200);
  EXPECT_EQ(webhook.last.cluster, "");
  EXPECT_EQ(client.exchange(post("/k8s_audit/prod", "{}")).status, 200);
  EXPECT_EQ(webhook.last.cluster, "prod");
  EXPECT_EQ(client.exchange(post("/k8s_audit/k8s-audit", "{}")).status, 404);
}

TEST(WebhookSource, GivesBackTheShareOfABrokenRequest) {
  Webhook webhook;
  {
    auto client = webhook.client();
    client.send("POST /k8s_audit HTTP/1.1\r\nContent-Length: 100\r\n\r\nhalf");
    ASSERT_TRUE(eventually([&] { return webhook.source().bytes_in_flight() == 4; }));
  }
  EXPECT_TRUE(eventually([&] { return webhook.source().bytes_in_flight() == 0; }));
  EXPECT_EQ(webhook.joined(), "");
}

}  // namespace
}  // namespace tiercel::source
