#include <array>
#include <csignal>
#include <cstdlib>
#include <cstring>

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "samples.h"
#include "test_daemon.h"

namespace tiercel::integration {
namespace {

// Stands in for the service manager: receives what the daemon tells.
class ServiceManager {
 public:
  ServiceManager() : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
    const std::string path = dir_.path("notify");
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    (void)::bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address);
    ::setenv("NOTIFY_SOCKET", path.c_str(), 1);
    ::setenv("WATCHDOG_USEC", "200000", 1);
  }
  ~ServiceManager() {
    ::unsetenv("NOTIFY_SOCKET");
    ::unsetenv("WATCHDOG_USEC");
    ::close(socket_);
  }
  ServiceManager(const ServiceManager&) = delete;
  ServiceManager& operator=(const ServiceManager&) = delete;

  bool waits_for(const std::string& text) {
    return wait_until([&] {
      std::array<char, 4096> room{};
      for (ssize_t got = 0; (got = ::recv(socket_, room.data(), room.size(), 0)) > 0;) {
        told_.append(room.data(), static_cast<std::size_t>(got));
        told_ += '\n';
      }
      const std::size_t at = told_.find(text);
      if (at == std::string::npos) {
        return false;
      }
      told_.erase(0, at + text.size());
      return true;
    });
  }

 private:
  const support::TempDir dir_;
  int socket_;
  std::string told_;
};

TEST(Notify, TellsTheServiceManagerWhatItDoes) {
  ServiceManager manager;
  TestDaemon daemon({.rules = kDeletionRule});
  ASSERT_TRUE(daemon.is_up()) << daemon.log();
  EXPECT_TRUE(manager.waits_for("READY=1\nSTATUS=1 rule in force"));
  EXPECT_TRUE(manager.waits_for("WATCHDOG=1"));
  daemon.process().signal(SIGHUP);
  EXPECT_TRUE(manager.waits_for("RELOADING=1\nMONOTONIC_USEC="));
  EXPECT_TRUE(manager.waits_for("READY=1"));
  daemon.process().signal(SIGTERM);
  EXPECT_TRUE(manager.waits_for("STOPPING=1"));
  // The default of shutdown_timeout, 20 s, and ten.
  EXPECT_TRUE(manager.waits_for("EXTEND_TIMEOUT_USEC=30000000"));
  EXPECT_EQ(daemon.process().wait(), 0);
}

}  // namespace
}  // namespace tiercel::integration
