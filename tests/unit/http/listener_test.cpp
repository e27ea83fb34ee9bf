#include "test_server.h"

namespace tiercel::http {
namespace {

struct Listening {
  explicit Listening(std::vector<Address> addresses)
      : server(
            [&] {
              ServerOptions options;
              options.addresses = std::move(addresses);
              return options;
            }(),
            [] {
              Router router;
              router.add_get("/peer", [](const Request& request) {
                return Response{.body = request.peer, .headers = {}};
              });
              return router;
            }(),
            metrics) {}
  base::Metrics metrics;
  Server server;
};

TEST(Listener, ReportsEachBoundPort) {
  Listening listening({{"127.0.0.1", 0}, {"localhost", 0}, {"127.0.0.2", 0}});
  ASSERT_TRUE(listening.server.start());
  const auto& ports = listening.server.ports();
  ASSERT_GE(ports.size(), 3U);
  EXPECT_EQ(HttpClient(ports.front()).exchange(get("/peer")).body, "127.0.0.1");
  EXPECT_TRUE(HttpClient(ports.back(), nullptr, "127.0.0.2").connected());
  EXPECT_FALSE(HttpClient(ports.back(), nullptr, "127.0.0.3").connected());
}

TEST(Listener, SaysWhoHoldsAPort) {
  Listening first({{"127.0.0.1", 0}});
  ASSERT_TRUE(first.server.start());
  const std::uint16_t port = first.server.ports().at(0);
  Listening second({{"127.0.0.1", port}});
  const auto started = second.server.start();
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().code, "port_in_use");
  EXPECT_EQ(started.error().text(),
            "port " + std::to_string(port) + " is in use already by unit_http (pid " +
                std::to_string(::getpid()) +
                "); stop that process or set webserver.listen_port to a free port (127.0.0.1:" +
                std::to_string(port) + ")");
}

TEST(Listener, ExplainsAddressesThatCannotBeUsed) {
  struct Case {
    std::vector<Address> addresses;
    const char* want;
  };
  for (const Case& c : {
           Case{{{"192.0.2.1", 0}},
                "no interface of this host has the address to listen on (192.0.2.1:0)"},
           Case{{}, "no address to listen on is configured"},
       }) {
    Listening listening(c.addresses);
    const auto started = listening.server.start();
    ASSERT_FALSE(started);
    EXPECT_EQ(started.error().text(), c.want);
  }
}

TEST(Listener, ListensOnIpv6) {
  Listening listening({{"[::1]", 0}});
  if (!listening.server.start()) {
    GTEST_SKIP() << "no IPv6 on this host";
  }
  HttpClient client(listening.server.ports().at(0), nullptr, "::1");
  EXPECT_EQ(client.exchange(get("/peer")).body, "::1");
}

}  // namespace
}  // namespace tiercel::http
