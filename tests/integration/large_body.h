#pragma once

#include <cstdio>

#include <gtest/gtest.h>

#include "harness.h"
#include "sanitizers.h"

namespace tiercel::tests {

/// Posts one batch of about `megabytes`, made of recorded events padded to 100 kB and repeated,
/// and holds the alerts against replay's. The body never exists as a whole here.
inline void post_large_body(std::size_t megabytes) {
  constexpr std::size_t kEvents = 100;
  constexpr std::size_t kEventBytes = 100'000;
  constexpr std::uint64_t kMostMemory = 200'000'000;
  const std::size_t rounds = megabytes * 1'000'000 / (kEvents * kEventBytes);

  Lines events;
  for (std::size_t at = 0; events.size() < kEvents; at += 7) {
    const std::string& event = bulk().at(at);
    if (event.size() < kEventBytes) {
      events.push_back(R"({"padding":")" + std::string(kEventBytes - event.size(), 'x') + "\"," +
                       event.substr(1));
    }
  }
  std::string list = event_list(events);
  const std::size_t open = list.find('[') + 1;
  const std::string head = list.substr(0, open);
  const std::string items = list.substr(open, list.rfind(']') - open);
  const std::string tail = list.substr(list.rfind(']'));
  const std::size_t size = head.size() + rounds * items.size() + (rounds - 1) + tail.size();

  AuditDaemon daemon;
  ASSERT_NE(daemon.port(), 0) << daemon.process().log();
  support::HttpClient client(daemon.port());
  client.set_timeout(support::kDeadline);
  bool is_sent = client.send(
      "POST /k8s_audit HTTP/1.1\r\nHost: test\r\nContent-Type: "
      "application/json\r\nContent-Length: " +
      std::to_string(size) + "\r\n\r\n" + head);
  for (std::size_t round = 0; round < rounds; ++round) {
    is_sent = is_sent && (round == 0 || client.send(",")) && client.send(items);
  }
  EXPECT_TRUE(is_sent && client.send(tail));
  EXPECT_EQ(client.read_answer().status, 200) << daemon.process().log();

  // The rounds hold the same events, of which the store keeps one alert each.
  const Lines expected = distinct(replayed({shipped_rules()}, events));
  EXPECT_GT(expected.size(), 10U);
  expect_same_lines(daemon.new_alerts(), expected);
  EXPECT_TRUE(daemon.own_alerts().empty());

  const std::uint64_t peak = daemon.process().peak_memory();
  std::printf("a body of %.1f MB: the daemon held %.1f MB at most\n",
              static_cast<double>(size) / 1e6, static_cast<double>(peak) / 1e6);
  if (!support::kIsSanitized) {
    EXPECT_LT(peak, kMostMemory);
  }
  EXPECT_GT(peak, 0U);
}

}  // namespace tiercel::tests
