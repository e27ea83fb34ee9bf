#include "inherited_sockets.h"

#include <gtest/gtest.h>

namespace tiercel::app {
namespace {

config::Listener listener(std::uint16_t port, bool is_audit) {
  config::Listener one;
  one.hosts = {"127.0.0.1"};
  one.port = port;
  if (is_audit) {
    one.audit_paths = {"/k8s_audit"};
  } else {
    one.health_path = "/healthz";
  }
  return one;
}

std::string names(const std::vector<InheritedSockets::Socket>& sockets) {
  std::string text;
  for (const auto& socket : sockets) {
    text += socket.name + ":" + std::to_string(socket.port) + " ";
  }
  return text;
}

TEST(InheritedSockets, AreChosenByNameThenByPort) {
  const std::vector<config::Listener> all{listener(1, true), listener(2, true), listener(3, false)};
  InheritedSockets sockets({{-1, "tiercel.socket", "127.0.0.1", 2},
                            {-1, "audit", "127.0.0.1", 77},
                            {-1, "admin", "127.0.0.1", 1}});
  EXPECT_EQ(names(sockets.take_audit(all[0], all)), "audit:77 ");
  EXPECT_EQ(names(sockets.take_audit(all[1], all)), "tiercel.socket:2 ");
  EXPECT_EQ(names(sockets.take_audit(all[2], all)), "") << "no batches there";
  EXPECT_EQ(names(sockets.take_admin()), "admin:1 ");
  EXPECT_EQ(names(sockets.take_audit(all[0], all)), "") << "each once";
}

TEST(InheritedSockets, OfOtherProcessesAreNotTaken) {
  ::setenv("LISTEN_PID", "1", 1);
  ::setenv("LISTEN_FDS", "1", 1);
  InheritedSockets sockets = InheritedSockets::take();
  const std::vector<config::Listener> all{listener(1, true)};
  EXPECT_TRUE(sockets.take_audit(all[0], all).empty());
}

}  // namespace
}  // namespace tiercel::app
