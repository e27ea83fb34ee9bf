#include <array>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

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

// A socket of the test's own, as the service manager would hand it over.
class Given {
 public:
  Given(int domain, int type, bool listens) : descriptor_(::socket(domain, type, 0)) {
    sockaddr_storage address{};
    address.ss_family = static_cast<sa_family_t>(domain);
    socklen_t size = sizeof(sockaddr_in);
    if (domain == AF_INET) {
      reinterpret_cast<sockaddr_in&>(address).sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    } else {
      size = sizeof(sa_family_t);  // the system chooses a name
    }
    EXPECT_EQ(::bind(descriptor_, reinterpret_cast<const sockaddr*>(&address), size), 0);
    if (listens) {
      EXPECT_EQ(::listen(descriptor_, 8), 0);
    }
  }
  ~Given() { ::close(descriptor_); }
  Given(const Given&) = delete;
  Given& operator=(const Given&) = delete;
  /// A descriptor that somebody else may close.
  [[nodiscard]] int hand_over() const { return ::dup(descriptor_); }
  [[nodiscard]] int descriptor() const { return descriptor_; }

 private:
  int descriptor_;
};

std::string start_error(std::vector<int> inherited) {
  ServerOptions options;
  options.inherited = std::move(inherited);
  base::Metrics metrics;
  Server server(options, Router{}, metrics);
  const auto started = server.start();
  return started ? "" : started.error().text();
}

TEST(Listener, RefusesDescriptorsThatAreNotListenedOn) {
  const Given good(AF_INET, SOCK_STREAM, true);
  const Given local(AF_UNIX, SOCK_STREAM, true);
  const std::string none = "is no stream socket that is listened on";
  const Given unheard(AF_INET, SOCK_STREAM, false);
  const Given datagrams(AF_INET, SOCK_DGRAM, false);
  const Given packets(AF_UNIX, SOCK_SEQPACKET, true);
  std::array<int, 2> pipe{};
  ASSERT_EQ(::pipe(pipe.data()), 0);
  for (const int bad : {unheard.hand_over(), datagrams.hand_over(), packets.hand_over(), pipe[0]}) {
    // Behind those that were taken already.
    const std::string told = start_error({good.hand_over(), local.hand_over(), bad});
    EXPECT_NE(told.find("descriptor " + std::to_string(bad)), std::string::npos) << told;
    EXPECT_NE(told.find(none), std::string::npos) << told;
  }
  ::close(pipe[1]);
  EXPECT_NE(start_error({local.hand_over(), local.hand_over()}).find("a second Unix socket"),
            std::string::npos);
  EXPECT_EQ(start_error({good.hand_over(), local.hand_over()}), "");
}

// What keeps it from accepting is not always want of descriptors; nobody is cut for it then.
TEST(Listener, TellsWhyItCannotAccept) {
  const Given given(AF_INET, SOCK_STREAM, true);
  ServerOptions options;
  options.name = "audit";
  options.inherited = {given.hand_over()};
  base::Metrics metrics;
  Router router;
  router.add_get("/peer", [](const Request&) { return text_response(200, "here"); });
  Server server(options, std::move(router), metrics);
  ASSERT_TRUE(server.start());
  HttpClient client(server.ports().at(0));
  ASSERT_EQ(client.exchange(get("/peer")).status, 200);
  testing::internal::CaptureStderr();
  ::shutdown(given.descriptor(), SHUT_RDWR);
  for (int at = 0; at < 3; ++at) {
    EXPECT_EQ(client.exchange(get("/peer")).status, 200) << "it was not cut";
  }
  EXPECT_TRUE(server.stop(std::chrono::seconds{10}));
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_NE(log.find("audit: cannot accept a connection: Invalid argument; it is tried again"),
            std::string::npos)
      << log;
  EXPECT_EQ(metrics.value(Metric::kRejectedDescriptors), 0U);
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
