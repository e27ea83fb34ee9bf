#include "webhook_fixture.h"

namespace tiercel::source {
namespace {

constexpr std::size_t kKiB = 1024;

WebhookOptions small() {
  WebhookOptions options;
  options.whole_body = 64 * kKiB;
  options.window = 32 * kKiB;
  options.max_event = 100 * kKiB;
  return options;
}

std::string item(int number, std::size_t size) {
  std::string text = "{\"n\":" + std::to_string(number) + ",\"pad\":\"";
  return text + std::string(size, 'x') + "\"}";
}

std::string list_of(int count, std::size_t size) {
  std::string body = "{\"kind\":\"EventList\",\"items\":[";
  for (int i = 0; i < count; ++i) {
    body += (i == 0 ? "" : ",\n ") + item(i, size);
  }
  return body + "]}\n";
}

/// The windows put together again: what each form held, in order.
std::string rejoin(const std::vector<std::string>& log, const std::string& form) {
  std::string out;
  for (const std::string& line : log) {
    if (line.rfind(form + " [", 0) != 0 || line.back() != ']') {
      return "not a window: " + line.substr(0, 100);
    }
    out += (out.empty() ? "" : ",") + line.substr(form.size() + 2, line.size() - form.size() - 3);
  }
  return out;
}

std::string items_joined(int count, std::size_t size) {
  std::string out;
  for (int i = 0; i < count; ++i) {
    out += (i == 0 ? "" : ",") + item(i, size);
  }
  return out;
}

TEST(WebhookLarge, CutsALongListIntoWindows) {
  Webhook webhook(small());
  auto client = webhook.client();
  EXPECT_EQ(client.exchange(post("/k8s_audit", list_of(3000, 1000))).status, 200);
  const auto log = webhook.log();
  EXPECT_GE(log.size(), 5U);
  for (const std::string& line : log) {
    EXPECT_LT(line.size(), 32 * kKiB + 256 * kKiB + 2000);
  }
  EXPECT_EQ(rejoin(log, "items"), items_joined(3000, 1000));
  EXPECT_EQ(client.exchange(post("/k8s_audit", "{}")).status, 200);
  EXPECT_EQ(webhook.extents, std::string(log.size() - 1, 'w') + "lb");
}

TEST(WebhookLarge, CutsAChunkedOrPackedBodyOnceItIsSeenToBeLong) {
  const std::string body = list_of(200, 1000);
  Webhook webhook(small());
  auto client = webhook.client();
  EXPECT_EQ(
      client.exchange(post("/k8s_audit", support::gzipped(body), "Content-Encoding: gzip\r\n"))
          .status,
      200);
  EXPECT_EQ(rejoin(webhook.log(), "items"), items_joined(200, 1000));

  Webhook chunked(small());
  auto other = chunked.client();
  std::string text = "POST /k8s_audit HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (std::size_t at = 0; at < body.size(); at += 0x1000) {
    const std::string piece = body.substr(at, 0x1000);
    char size[20];
    std::snprintf(size, sizeof(size), "%zx\r\n", piece.size());
    text += size + piece + "\r\n";
  }
  EXPECT_EQ(other.exchange(text + "0\r\n\r\n").status, 200);
  EXPECT_EQ(rejoin(chunked.log(), "items"), items_joined(200, 1000));
}

TEST(WebhookLarge, TakesWhatItUnpackedOfAPackedBodyThatBreaks) {
  Webhook webhook(small());
  std::string packed = support::gzipped(list_of(200, 1000));
  packed.resize(packed.size() - 8);  // without its check sum
  EXPECT_EQ(
      webhook.client().exchange(post("/k8s_audit", packed, "Content-Encoding: gzip\r\n")).status,
      200);
  const auto log = webhook.log();
  ASSERT_GT(log.size(), 1U);
  EXPECT_EQ(log.back().substr(0, 20), "bad bad_gzip whole 2");
}

TEST(WebhookLarge, CutsAnArrayAndTakesALoneEvent) {
  Webhook array(small());
  EXPECT_EQ(array.client().exchange(post("/k8s_audit", "[" + items_joined(100, 1000) + "]")).status,
            200);
  EXPECT_EQ(rejoin(array.log(), "body"), items_joined(100, 1000));

  Webhook lone(small());
  EXPECT_EQ(lone.client().exchange(post("/k8s_audit", item(7, 90 * kKiB))).status, 200);
  EXPECT_EQ(rejoin(lone.log(), "body"), item(7, 90 * kKiB));
}

TEST(WebhookLarge, ReportsAnItemTooLongAndTakesTheOthers) {
  Webhook webhook(small());
  const std::string body = "{\"kind\":\"EventList\",\"items\":[" + item(1, 10) + "," +
                           item(2, 300 * kKiB) + "," + item(3, 10) + "]}";
  EXPECT_EQ(webhook.client().exchange(post("/k8s_audit", body)).status, 200);
  const auto log = webhook.log();
  ASSERT_EQ(log.size(), 2U);
  EXPECT_EQ(log[0], "bad too_large " + std::to_string(item(2, 300 * kKiB).size()) + " {\"n\":2,\"");
  EXPECT_EQ(log[1], "items [" + item(1, 10) + "," + item(3, 10) + "]");
}

TEST(WebhookLarge, ReportsALongBodyThatIsNone) {
  struct Case {
    std::string body;
    std::string want;
  };
  const std::string whole = list_of(100, 1000);
  for (const Case& c : {
           Case{std::string(100 * kKiB, 'x'), "bad not_json whole 102400 xxxxxxxx"},
           Case{whole.substr(0, 80 * kKiB), "bad truncated whole 81920 {\"kind\":"},
       }) {
    Webhook webhook(small());
    auto client = webhook.client();
    EXPECT_EQ(client.exchange(post("/k8s_audit", c.body)).status, 200);
    const auto log = webhook.log();
    ASSERT_FALSE(log.empty());
    EXPECT_EQ(log.back(), c.want);
    EXPECT_EQ(client.exchange(post("/k8s_audit", "{}")).status, 200);
  }
}

TEST(WebhookLarge, StopsAtTheFirstWindowThatIsNotTaken) {
  Webhook webhook(small());
  webhook.outcome = BatchOutcome::kBusy;
  auto client = webhook.client();
  const HttpAnswer answer = client.exchange(post("/k8s_audit", list_of(3000, 1000)));
  EXPECT_EQ(answer.status, 429);
  EXPECT_EQ(webhook.log().size(), 1U);
  webhook.outcome = BatchOutcome::kFailed;
  EXPECT_EQ(webhook.client().exchange(post("/k8s_audit", list_of(3000, 1000))).status, 503);
}

TEST(WebhookLarge, ChargesABoundedShareForABodyOfAnyLength) {
  WebhookOptions options = small();
  options.max_in_flight = 1000 * kKiB;
  http::Limits limits;
  Webhook webhook(options, limits);
  webhook.hold = true;
  auto client = webhook.client();
  std::thread sender([&] { client.send(post("/k8s_audit", list_of(20'000, 1000))); });
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{10};
  while (webhook.held.load() == 0 && std::chrono::steady_clock::now() < until) {
    std::this_thread::sleep_for(std::chrono::milliseconds{2});
  }
  EXPECT_GE(webhook.source().bytes_in_flight(), 32 * kKiB);
  EXPECT_LE(webhook.source().bytes_in_flight(), (32 + 100 + 256) * kKiB);
  webhook.hold = false;
  sender.join();
  EXPECT_EQ(client.read_answer().status, 200);
  EXPECT_EQ(rejoin(webhook.log(), "items"), items_joined(20'000, 1000));
}

}  // namespace
}  // namespace tiercel::source
