// What many connections from the apiserver's own address do to the apiserver: nothing. Each test
// prints its figures.
#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <thread>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "exposition.h"
#include "harness.h"
#include "sanitizers.h"

namespace tiercel::tests {
namespace {

using std::chrono::steady_clock;
using support::HttpClient;
using support::wait_until;

/// `wanted` sockets, or as many as this process may have, for which its limit is raised.
std::size_t allowed_sockets(std::size_t wanted) {
  constexpr std::size_t kOthers = 200;
  rlimit limit{};
  EXPECT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
  if (limit.rlim_max < wanted + kOthers) {
    const rlimit more{wanted + kOthers, wanted + kOthers};  // root may
    if (::setrlimit(RLIMIT_NOFILE, &more) == 0) {
      limit = more;
    }
  }
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  const std::size_t most = limit.rlim_cur > kOthers ? limit.rlim_cur - kOthers : 1;
  if (most < wanted) {
    std::printf("RLIMIT_NOFILE allows %zu sockets instead of %zu\n", most, wanted);
  }
  return std::min(wanted, most);
}

/// Sockets that are kept open to one port of this host, whatever the other side does.
class Crowd {
 public:
  Crowd(std::uint16_t port, std::size_t size) : port_(port), sockets_(size, -1) {}
  ~Crowd() {
    for (const int socket : sockets_) {
      drop(socket);
    }
  }
  Crowd(const Crowd&) = delete;
  Crowd& operator=(const Crowd&) = delete;

  /// Sends to each; connects anew those that were closed, which are sent `first`.
  void drip(std::string_view first, std::string_view more) {
    for (int& socket : sockets_) {
      if (socket >= 0 && is_gone(socket)) {
        drop(socket);
        socket = -1;
        ++closed_;
      }
      const bool is_new = socket < 0;
      if (is_new) {
        socket = connect();
      }
      const std::string_view text = is_new ? first : more;
      (void)::send(socket, text.data(), text.size(), MSG_NOSIGNAL);
    }
  }
  [[nodiscard]] std::size_t gone() const {
    return static_cast<std::size_t>(std::count_if(sockets_.begin(), sockets_.end(), &is_gone));
  }
  [[nodiscard]] std::size_t opened() const { return opened_; }
  [[nodiscard]] std::size_t closed() const { return closed_; }

  /// Waits for the connection, so that the kernel's queue is never what is tested.
  int connect() {
    const int made = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in target{};
    target.sin_family = AF_INET;
    target.sin_port = htons(port_);
    target.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_GE(made, 0);
    EXPECT_EQ(::connect(made, reinterpret_cast<sockaddr*>(&target), sizeof(target)), 0);
    ++opened_;
    return made;
  }
  /// With a reset, or thousands of tests' sockets would wait for their time to pass.
  static void drop(int socket) {
    const linger reset{1, 0};
    ::setsockopt(socket, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
    ::close(socket);
  }

 private:
  // The other side has closed it, answered or not.
  static bool is_gone(int socket) {
    char room[4096];
    ssize_t got = 0;
    do {
      got = ::recv(socket, room, sizeof(room), MSG_DONTWAIT);
    } while (got > 0);
    return got == 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
  }

  std::uint16_t port_;
  std::vector<int> sockets_;
  std::size_t opened_ = 0;
  std::size_t closed_ = 0;
};

/// An apiserver beside them: it posts over one connection that it keeps and over new ones.
class Apiserver {
 public:
  explicit Apiserver(std::uint16_t port) : port_(port), kept_(port) {}

  void post_twice() {
    post(kept_);
    HttpClient fresh(port_);
    post(fresh);
  }
  [[nodiscard]] std::size_t posted() const { return times_.size(); }
  void print(const char* what) {
    std::sort(times_.begin(), times_.end());
    std::printf("%s: %zu batches answered 200, %zu not; half within %.1f ms, the slowest %.1f ms\n",
                what, times_.size() - failures_, failures_, times_[times_.size() / 2],
                times_.back());
  }
  [[nodiscard]] std::size_t failures() const { return failures_; }

 private:
  void post(HttpClient& client) {
    const Lines items{small_event("event-" + std::to_string(times_.size()))};
    const auto began = steady_clock::now();
    const int status = client.exchange(support::post("/k8s_audit", event_list(items))).status;
    times_.push_back(
        std::chrono::duration<double, std::milli>(steady_clock::now() - began).count());
    failures_ += status == 200 ? 0 : 1;
  }

  std::uint16_t port_;
  HttpClient kept_;
  std::vector<double> times_;  // milliseconds
  std::size_t failures_ = 0;
};

/// The counters in the daemon's last line.
std::uint64_t counted(const std::string& log, const std::string& name) {
  const std::size_t at = log.rfind(" " + name + "=");
  return at == std::string::npos ? 0 : std::stoull(log.substr(at + name.size() + 2));
}
std::string end(AuditDaemon& daemon) {
  daemon.process().signal(SIGTERM);
  EXPECT_EQ(daemon.process().wait(), 0);
  return daemon.process().log();
}

TEST(Floods, SlowlorisFromTheApiserversAddressLeavesItServed) {
  constexpr std::size_t kSockets = 5000;
  const std::size_t size = allowed_sockets(kSockets);
  // Where a sanitizer runs, what is looked for shows with fewer too.
  if (size < kSockets && !support::kIsSanitized) {
    GTEST_SKIP() << "RLIMIT_NOFILE allows " << size << " sockets; the claim is about " << kSockets
                 << ": raise it (ulimit -Hn 5200) and run again";
  }
  AuditDaemon daemon;
  Apiserver apiserver(daemon.port());
  apiserver.post_twice();
  Crowd crowd(daemon.port(), size);
  std::atomic<bool> has_ended{false};
  std::thread attacker([&] {
    for (int round = 0; round < 5; ++round) {
      crowd.drip("POST /k8s_audit HTTP/1.1\r\nHost: x\r\n", "X-Drip: 1\r\n");
    }
    has_ended = true;
  });
  while (!has_ended) {
    apiserver.post_twice();
  }
  attacker.join();
  apiserver.print("slowloris");
  const double most = size > 1024 ? static_cast<double>(size - 1024) : 0;
  EXPECT_TRUE(wait_until([&] {  // Some may be in the kernel's queue yet.
    return support::read_exposition(daemon.get("/metrics"))
               .value("tiercel_rejected_total", {{"reason", "connections_per_peer"}}) >= most;
  }));
  const double memory = static_cast<double>(daemon.process().peak_memory()) / (1U << 20U);
  const std::string log = end(daemon);
  std::printf("%zu sockets, %zu connections made, %zu closed; the daemon's memory %.0f MiB\n", size,
              crowd.opened(), crowd.closed(), memory);
  EXPECT_EQ(apiserver.failures(), 0U);
  constexpr std::size_t kKernelsQueue = 4096;  // of those that nobody has accepted yet
  EXPECT_GE(counted(log, "connections_total") + kKernelsQueue, crowd.opened());
}

TEST(Floods, ConnectionsWithoutEndLeaveTheApiserverServed) {
  AuditDaemon daemon;
  Apiserver apiserver(daemon.port());
  constexpr std::size_t kConnections = 20'000;
  std::atomic<bool> has_ended{false};
  const auto began = steady_clock::now();
  std::thread attacker([&] {
    Crowd crowd(daemon.port(), 0);
    for (std::size_t at = 0; at < kConnections; ++at) {
      const int socket = crowd.connect();
      if (at % 2 == 0) {
        (void)::send(socket, "GET", 3, MSG_NOSIGNAL);
      }
      Crowd::drop(socket);
    }
    has_ended = true;
  });
  while (!has_ended) {
    apiserver.post_twice();
  }
  attacker.join();
  const double seconds = std::chrono::duration<double>(steady_clock::now() - began).count();
  apiserver.print("flood");
  std::printf("%zu connections in %.1f s, %.0f a second\n", kConnections, seconds,
              static_cast<double>(kConnections) / seconds);
  EXPECT_EQ(apiserver.failures(), 0U);
  EXPECT_GE(counted(end(daemon), "connections_total"), kConnections / 2)
      << "a reset may overtake the accept";
}

// What they announce, each as much as a body that is read whole, is more than max_in_flight.
TEST(Floods, BodiesThatAreAnnouncedAndDoNotComeLeaveTheApiserverServed) {
  const std::size_t size = allowed_sockets(500);
  AuditDaemon daemon;
  Apiserver apiserver(daemon.port());
  Crowd crowd(daemon.port(), size);
  const std::string head = "POST /k8s_audit HTTP/1.1\r\nHost: x\r\nContent-Length: 8388608\r\n\r\n";
  for (int round = 0; round < 5; ++round) {
    crowd.drip(head, "[");
    apiserver.post_twice();
  }
  apiserver.print("bodies");
  std::printf("%zu bodies of 8 MiB announced, %zu connections closed\n", size, crowd.closed());
  EXPECT_EQ(apiserver.failures(), 0U);
  EXPECT_EQ(counted(end(daemon), "rejected_busy_total"), 0U);
}

// Peers that vanished, or never say a word.
TEST(Floods, SilentPeersMakeRoomAndAreClosedInTime) {
  const std::size_t size = allowed_sockets(1500);
  AuditDaemon daemon({shipped_rules()}, {"-o", "limits.idle_timeout=5s"});
  Apiserver apiserver(daemon.port());
  apiserver.post_twice();
  Crowd crowd(daemon.port(), size);
  const auto began = steady_clock::now();
  crowd.drip("", "");
  apiserver.post_twice();
  EXPECT_TRUE(wait_until([&] { return crowd.gone() == size; }));
  const double seconds = std::chrono::duration<double>(steady_clock::now() - began).count();
  apiserver.print("silent peers");
  const std::string log = end(daemon);
  const std::uint64_t idle = counted(log, "connections_idle_closed_total");
  const std::uint64_t replaced = counted(log, "rejected_connections_per_peer_total");
  std::printf("%zu sockets: %ju closed for others, %ju after idle_timeout; all in %.1f s\n", size,
              static_cast<std::uintmax_t>(replaced), static_cast<std::uintmax_t>(idle), seconds);
  EXPECT_EQ(apiserver.failures(), 0U);
  EXPECT_GE(idle + replaced, size);
  EXPECT_GE(idle, 100U);
}

TEST(Floods, HeadersWithoutEndCostBoundedMemoryAndTime) {
  const std::size_t size = allowed_sockets(500);
  AuditDaemon daemon({shipped_rules()}, {"-o", "limits.header_timeout=3s"});
  {
    HttpClient client(daemon.port());
    const std::string large = "X-Large: " + std::string(70U << 10U, 'x') + "\r\n";
    EXPECT_EQ(client.exchange(support::post("/k8s_audit", "{}", large)).status, 431);
  }
  Apiserver apiserver(daemon.port());
  apiserver.post_twice();
  const std::uint64_t before = daemon.process().peak_memory();
  Crowd crowd(daemon.port(), size);
  crowd.drip("POST /k8s_audit HTTP/1.1\r\nX: " + std::string(60U << 10U, 'x'), "");
  apiserver.post_twice();
  EXPECT_TRUE(wait_until([&] { return crowd.gone() == size; }));
  const std::uint64_t grown = daemon.process().peak_memory() - before;
  apiserver.print("headers");
  const std::string log = end(daemon);
  std::printf("%zu headers of 60 KiB without an end: %.1f MiB more memory, %ju ended by time\n",
              size, static_cast<double>(grown) / (1U << 20U),
              static_cast<std::uintmax_t>(counted(log, "rejected_timeout_total")));
  EXPECT_EQ(apiserver.failures(), 0U);
  EXPECT_GE(counted(log, "rejected_timeout_total"), size);
  EXPECT_EQ(counted(log, "rejected_header_total"), 1U);
  if (!support::kIsSanitized) {
    EXPECT_LT(grown, size * (128U << 10U)) << "twice the header's limit for each";
  }
}

}  // namespace
}  // namespace tiercel::tests
