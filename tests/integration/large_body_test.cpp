// Bodies beyond what is parsed as a whole.
#include "large_body.h"

#include <array>
#include <cstdio>

namespace tiercel::tests {
namespace {

TEST(LargeBody, FortyMegabytes) { post_large_body(40); }

TEST(LargeBody, OneEventBeyondMaxEventCostsNoOther) {
  const support::TempDir rules;
  const std::string every = rules.write("every.yaml", every_event_rule());
  AuditDaemon daemon({every}, {"-o", "limits.max_event=1MiB", "-o", "limits.whole_body=1MiB"});
  const std::string padding = R"(,"padding":")" + std::string(3'000'000, 'x') + "\"";
  const Lines items{small_event("before"), small_event("too-large", padding),
                    small_event("behind")};
  EXPECT_EQ(daemon.post(event_list(items)), 200);
  expect_same_lines(daemon.new_alerts(), replayed({every}, Lines{items[0], items[2]}));
  EXPECT_EQ(daemon.quarantined(), (std::map<std::string, int>{{"too_large", 1}}));
}

TEST(LargeBody, EndsInTheMiddleOfAnEvent) {
  const support::TempDir rules;
  const std::string every = rules.write("every.yaml", every_event_rule());
  AuditDaemon daemon({every}, {"-o", "limits.whole_body=64KiB"});
  Lines items;
  for (int at = 0; at < 1000; ++at) {
    items.push_back(small_event("whole-" + std::to_string(at)));
  }
  std::string body = event_list(items);
  body.resize(body.rfind("\"stage\""));
  items.pop_back();
  EXPECT_EQ(daemon.post(body), 200);
  expect_same_lines(daemon.new_alerts(), replayed({every}, items));
  EXPECT_EQ(daemon.quarantined(), (std::map<std::string, int>{{"truncated", 1}}));
}

TEST(LargeBody, ChunkedAndGzipped) {
  const auto events = std::span(bulk()).first(6000);
  const std::string body = event_list(events);
  ASSERT_GT(body.size(), 8U << 20U);
  const Lines expected = replayed({shipped_rules()}, events);
  {
    AuditDaemon unpacking;
    support::HttpClient client(unpacking.port());
    client.set_timeout(support::kDeadline);
    const std::string request =
        support::post("/k8s_audit", support::gzipped(body), "Content-Encoding: gzip\r\n");
    EXPECT_EQ(client.exchange(request).status, 200);
    expect_same_lines(unpacking.new_alerts(), expected);
  }
  AuditDaemon daemon;
  ASSERT_NE(daemon.port(), 0) << daemon.process().log();
  support::HttpClient client(daemon.port());
  client.set_timeout(support::kDeadline);
  EXPECT_TRUE(
      client.send("POST /k8s_audit HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\n"
                  "Transfer-Encoding: chunked\r\n\r\n"));
  constexpr std::size_t kChunk = 77'777;
  for (std::size_t at = 0; at < body.size(); at += kChunk) {
    const std::string chunk = body.substr(at, kChunk);
    std::array<char, 32> size{};
    std::snprintf(size.data(), size.size(), "%zx\r\n", chunk.size());
    EXPECT_TRUE(client.send(size.data() + chunk + "\r\n"));
  }
  EXPECT_EQ(client.exchange("0\r\n\r\n").status, 200);
  expect_same_lines(daemon.new_alerts(), expected);
}

}  // namespace
}  // namespace tiercel::tests
