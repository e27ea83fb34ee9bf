// What a service manager sees and holds: its messages in order, its sockets over a restart. Prints
// its figures.
#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <thread>

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness.h"
#include "notify_socket.h"

namespace tiercel::tests {
namespace {

using std::chrono::steady_clock;

double milliseconds_since(steady_clock::time_point then) {
  return std::chrono::duration<double, std::milli>(steady_clock::now() - then).count();
}

Lines with_environment(const Lines& variables) {
  Lines words{"/usr/bin/env"};
  words.insert(words.end(), variables.begin(), variables.end());
  words.emplace_back(TIERCEL_BINARY);
  return words;
}

TEST(ServiceManager, IsToldWhatHappensInOrder) {
  const support::NotifySocket notify;
  const support::TempDir folder;
  const std::string rules = folder.write("rules.yaml", every_event_rule());
  AuditDaemon daemon({rules}, {}, with_environment({notify.variable()}));
  EXPECT_EQ(notify.next(), "READY=1\nSTATUS=1 rule in force");
  EXPECT_TRUE(daemon.is_healthy());

  timespec before{};
  ::clock_gettime(CLOCK_MONOTONIC, &before);
  daemon.process().signal(SIGHUP);
  const std::string reloading = notify.next();
  constexpr std::string_view kReloading = "RELOADING=1\nMONOTONIC_USEC=";
  ASSERT_TRUE(reloading.starts_with(kReloading)) << reloading;
  EXPECT_GE(std::stoll(reloading.substr(kReloading.size())),
            before.tv_sec * 1'000'000LL + before.tv_nsec / 1'000);
  EXPECT_EQ(notify.next(), "READY=1\nSTATUS=1 rule in force");

  folder.write("rules.yaml", "- rule: [");
  daemon.process().signal(SIGHUP);
  EXPECT_TRUE(notify.next().starts_with(kReloading));
  const std::string failed = notify.next();
  EXPECT_TRUE(
      failed.starts_with("READY=1\nSTATUS=1 rule in force; the last reload failed: " + rules))
      << failed;

  daemon.process().signal(SIGTERM);
  EXPECT_TRUE(notify.next().starts_with("STOPPING=1\n"));
  EXPECT_EQ(daemon.process().wait(), 0);
  EXPECT_EQ(notify.next(std::chrono::milliseconds(0)), "");
}

TEST(ServiceManager, FeedsTheWatchdogOnlyWhileItRuns) {
  const support::NotifySocket notify;
  // Half of it is how often the watchdog is fed.
  AuditDaemon daemon({shipped_rules()}, {},
                     with_environment({notify.variable(), "WATCHDOG_USEC=200000"}));
  EXPECT_TRUE(notify.next().starts_with("READY=1\n"));
  double longest = 0;
  auto last = steady_clock::now();
  for (int at = 0; at < 3; ++at) {
    EXPECT_EQ(notify.next(), "WATCHDOG=1");
    longest = std::max(longest, milliseconds_since(last));
    last = steady_clock::now();
  }
  std::printf("a watchdog of 200 ms: fed after %.0f ms at the most\n", longest);
  daemon.process().signal(SIGSTOP);
  while (!notify.next(std::chrono::milliseconds(1000)).empty()) {
  }
  daemon.process().signal(SIGCONT);
  EXPECT_EQ(notify.next(), "WATCHDOG=1");
}

/// A listening socket on loopback that outlives the daemons that are handed it.
class HeldSocket {
 public:
  HeldSocket() : descriptor_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(::bind(descriptor_, any, length), 0);
    EXPECT_EQ(::listen(descriptor_, SOMAXCONN), 0);
    EXPECT_EQ(::getsockname(descriptor_, any, &length), 0);
    port_ = ntohs(address.sin_port);
  }
  ~HeldSocket() { ::close(descriptor_); }
  HeldSocket(const HeldSocket&) = delete;
  HeldSocket& operator=(const HeldSocket&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }
  /// What runs the daemon with this socket as systemd hands it over.
  [[nodiscard]] Lines program(const std::string& name) const {
    return {"/bin/bash",
            "-c",
            R"(export LISTEN_PID=$$ LISTEN_FDS=1 LISTEN_FDNAMES="$1"; eval "exec 3<&$2";)"
            R"( [ "$2" = 3 ] || eval "exec $2<&-"; shift 2; exec "$@")",
            "bash",
            name,
            std::to_string(descriptor_),
            TIERCEL_BINARY};
  }

 private:
  int descriptor_;
  std::uint16_t port_ = 0;
};

TEST(SocketActivation, TakesTheSocketAndLeavesItOpen) {
  const HeldSocket held;
  AuditDaemon daemon({shipped_rules()}, {}, held.program("audit"));
  EXPECT_EQ(daemon.port(), held.port()) << daemon.process().log();
  EXPECT_TRUE(daemon.process().wait_for_log("the service manager holds the socket of audit, port " +
                                            std::to_string(held.port())));
  EXPECT_TRUE(daemon.is_healthy());
  daemon.process().signal(SIGTERM);
  EXPECT_EQ(daemon.process().wait(), 0);
  EXPECT_TRUE(support::HttpClient(held.port()).connected()) << "it waits for the next one";
}

TEST(SocketActivation, TheAdminPortTakesTheSocketOfThatName) {
  const HeldSocket held;
  AuditDaemon daemon({shipped_rules()}, {}, held.program("admin"));
  EXPECT_NE(daemon.port(), held.port());
  EXPECT_EQ(daemon.admin_port(), held.port()) << daemon.process().log();
  EXPECT_FALSE(daemon.get("/versions").empty());
}

TEST(SocketActivation, ASocketForNothingIsToldOf) {
  const HeldSocket held;
  AuditDaemon daemon({shipped_rules()}, {"-o", "admin.enabled=false"}, held.program("admin"));
  EXPECT_NE(daemon.port(), held.port());
  EXPECT_TRUE(daemon.process().wait_for_log("socket 'admin' is for no port"))
      << daemon.process().log();
  EXPECT_TRUE(daemon.is_healthy());
}

// An API server's clients: each batch is sent until it is answered 200, as it would be. None is
// ever refused a connection.
TEST(SocketActivation, NobodyIsRefusedDuringRestarts) {
  const HeldSocket held;
  const support::TempDir folder;
  const std::string rules = folder.write("rules.yaml", every_event_rule());
  const std::string alerts = folder.path("alerts.log");
  const Lines more{"-o", "store.path=" + folder.path("store"), "-o",
                   "file_output.filename=" + alerts};
  std::atomic<bool> is_over{false};
  std::atomic<int> taken{0};
  std::atomic<int> refused{0};
  constexpr int kSenders = 4;
  constexpr int kRestarts = 3;
  std::array<double, kSenders> waits{};  // the longest of each, milliseconds
  const auto send = [&](int sender) {
    auto client = std::make_unique<support::HttpClient>(held.port());
    for (int at = 0; !is_over; ++at) {
      const std::string id = std::to_string(sender) + "-" + std::to_string(at);
      const std::string request = support::post("/k8s_audit", event_list(Lines{small_event(id)}));
      int status = 0;
      const auto began = steady_clock::now();
      for (int attempt = 0; status != 200 && attempt < 100; ++attempt) {
        if (!client->connected() || attempt != 0) {
          client = std::make_unique<support::HttpClient>(held.port());
          client->set_timeout(support::kDeadline);
          refused += client->connected() ? 0 : 1;
        }
        status = client->exchange(request).status;
      }
      EXPECT_EQ(status, 200) << id;
      double& longest = waits.at(static_cast<std::size_t>(sender));
      longest = std::max(longest, milliseconds_since(began));
      ++taken;
    }
  };
  std::vector<std::thread> senders;
  auto daemon = std::make_unique<AuditDaemon>(Lines{rules}, more, held.program("audit"));
  ASSERT_EQ(daemon->port(), held.port()) << daemon->process().log();
  for (int sender = 0; sender < kSenders; ++sender) {
    senders.emplace_back(send, sender);
  }
  for (int restart = 0; restart < kRestarts; ++restart) {
    const int before = taken;
    EXPECT_TRUE(support::wait_until([&] { return taken > before + 20; }));
    daemon->process().signal(SIGTERM);
    EXPECT_EQ(daemon->process().wait(), 0);
    daemon = std::make_unique<AuditDaemon>(Lines{rules}, more, held.program("audit"));
    EXPECT_EQ(daemon->port(), held.port()) << daemon->process().log();
  }
  const int before = taken;
  EXPECT_TRUE(support::wait_until([&] { return taken > before + 20; }));
  is_over = true;
  for (std::thread& sender : senders) {
    sender.join();
  }
  std::printf("%d restarts: %d batches taken, the longest wait %.0f ms, %d connections refused\n",
              kRestarts, taken.load(), *std::max_element(waits.begin(), waits.end()),
              refused.load());
  EXPECT_EQ(refused, 0);
  ASSERT_TRUE(daemon->has_delivered());
  const auto ids = alerts_by_event(lines_of_file(alerts));
  EXPECT_EQ(ids.size(), static_cast<std::size_t>(taken));
}

}  // namespace
}  // namespace tiercel::tests
