#include "test_server.h"

namespace tiercel::http {
namespace {

TEST(Stalled, TellsOfAnIoThreadThatDoesNotComeRound) {
  std::promise<void> release;
  const std::shared_future<void> released = release.get_future().share();
  std::atomic<bool> is_held{false};
  Router router;
  router.add_get("/hold", [&](const Request&) {
    is_held = true;
    released.wait();
    return Response{};
  });
  base::Metrics metrics;
  ServerOptions options;
  options.addresses = {{"127.0.0.1", 0}};
  options.threads = 2;
  Server server(options, std::move(router), metrics);
  ASSERT_TRUE(server.start());
  // Each call asks the threads anew, which answer at once.
  EXPECT_EQ(server.stalled_for(), milliseconds{0});
  ASSERT_TRUE(eventually([&] { return server.stalled_for() == milliseconds{0}; }));
  HttpClient client(server.ports().at(0));
  client.send(get("/hold"));
  ASSERT_TRUE(eventually([&] { return is_held.load(); }));
  EXPECT_TRUE(eventually([&] { return server.stalled_for() > milliseconds{50}; }));
  release.set_value();
  EXPECT_TRUE(eventually([&] { return server.stalled_for() < milliseconds{50}; }));
}

TEST(Stop, ClosesIdleConnectionsAtOnce) {
  TestServer server;
  auto fresh = server.client();
  auto used = server.client();
  EXPECT_EQ(used.exchange(get("/healthz")).status, 200);
  ASSERT_TRUE(eventually([&] { return server.server().connections() == 2; }));
  const auto began = std::chrono::steady_clock::now();
  EXPECT_TRUE(server.server().stop(std::chrono::seconds{10}));
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds{5});
  EXPECT_TRUE(fresh.closed_by_peer());
  EXPECT_TRUE(used.closed_by_peer());
  EXPECT_FALSE(server.client().connected());
}

TEST(Stop, LetsRequestsInHandFinishAndRefusesNewOnes) {
  TestServer server;
  auto gate = server.client();
  gate.send(post("/gate", ""));
  auto body = server.client();
  body.send("POST /echo HTTP/1.1\r\nContent-Length: 10\r\n\r\nhalf");
  auto header = server.client();
  header.send("POST /echo HTTP/1.1\r\nContent-Le");
  ASSERT_TRUE(
      eventually([&] { return server.at_gate.load() == 1 && server.server().connections() == 3; }));
  // The heads above have been sent; give the server the moment it needs to read them.
  std::this_thread::sleep_for(milliseconds{50});

  auto stopped = std::async(std::launch::async,
                            [&] { return server.server().stop(std::chrono::seconds{10}); });
  ASSERT_TRUE(eventually([&] { return !server.client().connected(); }));
  const HttpAnswer refused = header.exchange("ngth: 1\r\n\r\nx");
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.header("Retry-After"), "1");
  EXPECT_EQ(refused.header("Connection"), "close");
  const HttpAnswer finished = body.exchange(" a lin");
  EXPECT_EQ(finished.status, 200);
  EXPECT_EQ(finished.body, "half a lin");
  EXPECT_EQ(finished.header("Connection"), "close");
  server.gate_open = true;
  EXPECT_EQ(gate.read_answer().status, 200);
  EXPECT_TRUE(stopped.get());
  EXPECT_EQ(server.server().connections(), 0U);
}

TEST(Stop, CutsWhatDoesNotEndInTime) {
  TestServer server;
  auto client = server.client();
  client.send("POST /echo HTTP/1.1\r\nContent-Length: 10\r\n\r\nhalf");
  ASSERT_TRUE(eventually([&] { return server.server().connections() == 1; }));
  std::this_thread::sleep_for(milliseconds{50});
  EXPECT_FALSE(server.server().stop(milliseconds{50}));
  EXPECT_EQ(server.server().connections(), 0U);
  EXPECT_TRUE(client.closed_by_peer());
}

TEST(Stop, DestroysHandlersThatStillWait) {
  HttpClient client = [] {
    TestServer server;
    HttpClient waiting = server.client();
    waiting.send(post("/gate", ""));
    EXPECT_TRUE(eventually([&] { return server.at_gate.load() == 1; }));
    EXPECT_FALSE(server.server().stop(milliseconds{1}));
    return waiting;
  }();
  EXPECT_TRUE(client.closed_by_peer());
}

}  // namespace
}  // namespace tiercel::http
