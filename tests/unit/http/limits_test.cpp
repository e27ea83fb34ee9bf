#include <sys/resource.h>
#include <unistd.h>

#include "test_server.h"

namespace tiercel::http {
namespace {

TEST(Limits, RefusesALongHeader) {
  Limits limits;
  limits.header_bytes = 4096;
  TestServer server(limits);
  auto client = server.client();
  client.send("GET /healthz HTTP/1.1\r\nX: " + std::string(2U << 20U, 'x') + "\r\n\r\n");
  EXPECT_EQ(client.read_answer().status, 431);
  EXPECT_EQ(server.count(Metric::kRejectedHeader), 1U);
  auto within = server.client();
  EXPECT_EQ(
      within.exchange("GET /healthz HTTP/1.1\r\nX: " + std::string(3900, 'x') + "\r\n\r\n").status,
      200);
}

TEST(Limits, RefusesABodyAnnouncedTooLargeAtOnce) {
  Limits limits;
  limits.body_bytes = 1000;
  TestServer server(limits);
  auto client = server.client();
  EXPECT_EQ(client.exchange(post("/echo", std::string(1000, 'x'))).status, 200);
  EXPECT_EQ(client.exchange("POST /echo HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n").status,
            413);
  EXPECT_EQ(server.count(Metric::kRejectedSize), 1U);
}

TEST(Limits, RefusesABodyThatTurnsOutTooLarge) {
  Limits limits;
  limits.body_bytes = 100'000;
  TestServer server(limits);
  auto chunked = server.client();
  std::string chunks = "POST /count HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (int i = 0; i < 11; ++i) {
    chunks += "2710\r\n" + std::string(10'000, 'x') + "\r\n";
  }
  EXPECT_EQ(chunked.exchange(chunks + "0\r\n\r\n").status, 413);

  auto bomb = server.client();
  const std::string packed = support::gzipped(std::string(20U << 20U, '\0'));
  EXPECT_EQ(bomb.exchange(post("/echo", packed, "Content-Encoding: gzip\r\n")).status, 413);
  EXPECT_EQ(server.count(Metric::kRejectedSize), 2U);
}

TEST(Limits, EndsASlowHeader) {
  Limits limits;
  limits.header_timeout = milliseconds{100};
  TestServer server(limits);
  auto client = server.client();
  client.send("GET /healthz HTTP/1.1\r\nX:");
  EXPECT_EQ(client.read_answer().status, 408);
  EXPECT_TRUE(client.closed_by_peer());
  EXPECT_EQ(server.count(Metric::kRejectedTimeout), 1U);
}

TEST(Limits, EndsASilentBody) {
  Limits limits;
  limits.body_timeout = milliseconds{100};
  TestServer server(limits);
  auto client = server.client();
  client.send("POST /echo HTTP/1.1\r\nContent-Length: 10\r\n\r\nhalf");
  EXPECT_EQ(client.read_answer().status, 408);
  EXPECT_TRUE(client.closed_by_peer());
  EXPECT_EQ(server.count(Metric::kRejectedTimeout), 1U);
}

// Of what begins a body and goes on by a byte at a time, the answer's status.
int status_of_trickle(std::uint32_t minimum_rate, const std::string& begin) {
  Limits limits;
  limits.rate_grace = milliseconds{100};
  limits.minimum_rate = minimum_rate;
  TestServer server(limits);
  auto client = server.client();
  client.set_timeout(milliseconds{20});
  client.send(begin);
  int status = 0;
  for (int i = 0; i < 200 && status == 0; ++i) {
    client.send("x");
    status = client.read_answer().status;
  }
  EXPECT_EQ(server.count(Metric::kRejectedTimeout), 1U);
  return status;
}

TEST(Limits, EndsATricklingBody) {
  EXPECT_EQ(status_of_trickle(1'000'000, "POST /echo HTTP/1.1\r\nContent-Length: 1000000\r\n\r\n"),
            408);
}

// Nor does what came fast before it count for it: it would fill the memory for all and rest.
TEST(Limits, EndsABodyThatTricklesAfterAGoodBegin) {
  EXPECT_EQ(status_of_trickle(1'000, "POST /echo HTTP/1.1\r\nContent-Length: 2000000\r\n\r\n" +
                                         std::string(1'000'000, 'x')),
            408);
}

TEST(Limits, EndsAnAnswerThatIsNotRead) {
  Limits limits;
  limits.write_timeout = milliseconds{100};
  TestServer server(limits);
  auto client = server.client();
  client.send(get("/large"));
  EXPECT_TRUE(eventually([&] { return server.count(Metric::kRejectedTimeout) == 1; }));
  EXPECT_TRUE(eventually([&] { return server.server().connections() == 0; }));
  EXPECT_EQ(client.read_answer().status, 0) << "it ends before its length";
}

// The time is for the whole answer: a byte now and then earns none.
TEST(Limits, EndsAnAnswerThatIsReadByTrickles) {
  Limits limits;
  limits.write_timeout = milliseconds{100};
  TestServer server(limits);
  auto client = server.client();
  client.send(get("/large"));
  EXPECT_TRUE(eventually([&] {
    (void)client.closed_by_peer();  // takes a byte
    return server.count(Metric::kRejectedTimeout) == 1;
  }));
  EXPECT_TRUE(eventually([&] { return server.server().connections() == 0; }));
}

TEST(Limits, DoesNotBlameAPeerForOurOwnTime) {
  Limits limits;
  limits.body_timeout = milliseconds{300};
  limits.rate_grace = milliseconds{300};
  limits.header_timeout = milliseconds{300};
  TestServer server(limits);
  auto client = server.client();
  client.send(post("/gate", ""));
  ASSERT_TRUE(eventually([&] { return server.at_gate.load() == 1; }));
  std::this_thread::sleep_for(milliseconds{500});
  server.gate_open = true;
  EXPECT_EQ(client.read_answer().status, 200);
}

// However long the requests of others keep the thread, one after another.
TEST(Limits, HoldWhileTheThreadIsBusy) {
  Limits limits;
  limits.header_timeout = milliseconds{500};
  TestServer server(limits);
  std::atomic<bool> is_over{false};
  std::thread busy([&] {
    auto client = server.client();
    while (!is_over) {
      EXPECT_EQ(client.exchange(get("/busy")).status, 200);
    }
  });
  auto slow = server.client();
  slow.send("GET /healthz HTTP/1.1\r\nX:");
  EXPECT_EQ(slow.read_answer().status, 408);
  // Nor is anybody late whose bytes have come.
  auto quick = server.client();
  for (int at = 0; at < 5; ++at) {
    quick.send("GET /healthz HTTP/1.1\r\nHost:");
    std::this_thread::sleep_for(milliseconds{20});
    EXPECT_EQ(quick.exchange(" x\r\n\r\n").status, 200);
  }
  is_over = true;
  busy.join();
  EXPECT_EQ(server.count(Metric::kRejectedTimeout), 1U);
}

TEST(Limits, ClosesIdleConnections) {
  Limits limits;
  limits.idle_timeout = milliseconds{100};
  TestServer server(limits);
  auto fresh = server.client();
  auto used = server.client();
  EXPECT_EQ(used.exchange(get("/healthz")).status, 200);
  EXPECT_TRUE(fresh.closed_by_peer());
  EXPECT_TRUE(used.closed_by_peer());
  EXPECT_EQ(server.count(Metric::kRejectedTimeout), 0U);
  EXPECT_EQ(server.count(Metric::kConnectionsIdle), 2U);
}

TEST(Limits, MakesRoomForANewConnectionByClosingAnIdleOne) {
  Limits limits;
  limits.connections = 3;
  TestServer server(limits);
  auto gate = server.client();
  gate.send(post("/gate", ""));
  ASSERT_TRUE(eventually([&] { return server.at_gate.load() == 1; }));
  auto idle = server.client();
  ASSERT_EQ(idle.exchange(get("/healthz")).status, 200);
  auto body = server.client();
  body.send("POST /echo HTTP/1.1\r\nContent-Length: 10\r\n\r\nhalf");
  ASSERT_TRUE(eventually([&] { return server.server().connections() == 3; }));

  auto newcomer = server.client();
  EXPECT_EQ(newcomer.exchange(get("/healthz")).status, 200);
  EXPECT_TRUE(idle.closed_by_peer());
  EXPECT_EQ(server.count(Metric::kRejectedConnections), 1U);
  EXPECT_EQ(server.count(Metric::kRejectedConnectionsPerPeer), 0U);
  EXPECT_EQ(server.server().most_of_one_peer(), 3U);
  server.gate_open = true;
  EXPECT_EQ(gate.read_answer().status, 200);
  EXPECT_EQ(body.exchange(" a lin").status, 200);
}

TEST(Limits, MakesRoomPerPeer) {
  Limits limits;
  limits.connections_per_peer = 1;
  TestServer server(limits);
  auto first = server.client();
  EXPECT_EQ(first.exchange(get("/healthz")).status, 200);
  auto second = server.client();
  EXPECT_EQ(second.exchange(get("/healthz")).status, 200);
  EXPECT_TRUE(first.closed_by_peer());
  EXPECT_EQ(server.count(Metric::kRejectedConnectionsPerPeer), 1U);
  EXPECT_EQ(server.count(Metric::kRejectedConnections), 0U);
  EXPECT_EQ(server.server().most_of_one_peer(), 1U);
}

TEST(Limits, MakesRoomWhereDescriptorsEnd) {
  TestServer server;
  auto first = server.client();
  EXPECT_EQ(first.exchange(get("/healthz")).status, 200);
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const int next = ::dup(STDIN_FILENO);
  ASSERT_GE(next, 0);
  ::close(next);
  // One more, which is the client's own end.
  const rlimit one_more{static_cast<rlim_t>(next) + 1, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &one_more), 0);
  auto second = server.client();
  EXPECT_EQ(second.exchange(get("/healthz")).status, 200);
  ::setrlimit(RLIMIT_NOFILE, &before);
  EXPECT_TRUE(first.closed_by_peer());
  EXPECT_EQ(server.count(Metric::kRejectedDescriptors), 1U);
  EXPECT_EQ(server.count(Metric::kRejectedConnections), 0U);
}

TEST(Limits, DrainsAfterAnEarlyAnswerSoThatItIsSeen) {
  TestServer server;
  // A client that, as Go's does, writes its whole body before it looks for the answer.
  const std::string body(8U << 20U, 'x');
  auto client = server.client();
  ASSERT_TRUE(client.send(post("/early", body)));
  const HttpAnswer answer = client.read_answer();
  EXPECT_EQ(answer.status, 429);
  EXPECT_EQ(answer.header("Connection"), "close");
  EXPECT_TRUE(client.closed_by_peer());
  // A short rest costs less than a new connection.
  auto kept = server.client();
  EXPECT_EQ(kept.exchange(post("/early", std::string(100'000, 'x'))).header("Connection"), "");
  EXPECT_EQ(kept.exchange(get("/healthz")).status, 200);
  EXPECT_EQ(server.count(Metric::kRejectedBusy), 2U);
  // A client that goes away by itself was not cut short.
  auto gone = server.client();
  gone.send("POST /early HTTP/1.1\r\nContent-Length: 100000000\r\n\r\nx");
  EXPECT_EQ(gone.read_answer().status, 429);
  gone.close();
  EXPECT_TRUE(eventually([&] { return server.server().connections() == 1; }));
  EXPECT_EQ(server.count(Metric::kDrainsCutSize) + server.count(Metric::kDrainsCutTime), 0U);
}

TEST(Limits, DrainsNoLongerThanAllowed) {
  Limits limits;
  limits.drain_timeout = milliseconds{100};
  TestServer server(limits);
  auto client = server.client();
  client.send("POST /early HTTP/1.1\r\nContent-Length: 100000000\r\n\r\nx");
  EXPECT_EQ(client.read_answer().status, 429);
  EXPECT_TRUE(client.closed_by_peer());
  EXPECT_EQ(server.count(Metric::kDrainsCutTime), 1U);
  EXPECT_EQ(server.count(Metric::kDrainsCutSize), 0U);

  limits.drain_bytes = 1000;
  TestServer small(limits);
  auto flood = small.client();
  flood.send("POST /early HTTP/1.1\r\nContent-Length: 100000000\r\n\r\n");
  EXPECT_EQ(flood.read_answer().status, 429);
  const std::string piece(1U << 20U, 'x');
  for (int i = 0; i < 100'000 && flood.send(piece); ++i) {
  }
  EXPECT_FALSE(flood.send(piece));
  EXPECT_EQ(small.count(Metric::kDrainsCutSize), 1U);
}

}  // namespace
}  // namespace tiercel::http
