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
  EXPECT_EQ(names(sockets.take_admin(all[2])), "admin:1 ");
  EXPECT_EQ(names(sockets.take_audit(all[0], all)), "") << "each once";
}

// What is written to the log while the admin port takes this socket.
std::string warning_of(const config::Listener& asked, const InheritedSockets::Socket& socket) {
  testing::internal::CaptureStderr();
  InheritedSockets sockets({socket});
  EXPECT_EQ(sockets.take_admin(asked).size(), 1U);
  return testing::internal::GetCapturedStderr();
}

TEST(InheritedSockets, OfTheAdminPortAreToldOfWhereCommandsLookElsewhere) {
  config::Settings settings;
  settings.admin.addresses.clear();
  settings.admin.socket = "/run/tiercel/admin.sock";
  config::Listener asked = *config::admin_listener(settings);
  EXPECT_EQ(warning_of(asked, {-1, "admin", "/run/tiercel/admin.sock", 0}), "");
  const std::string other = warning_of(asked, {-1, "admin", "/run/other.sock", 0});
  EXPECT_NE(other.find("are /run/other.sock, the configuration says /run/tiercel/admin.sock"),
            std::string::npos)
      << other;
  EXPECT_NE(warning_of(asked, {-1, "admin", "127.0.0.1", 8766}), "");
  asked = *config::admin_listener({});
  EXPECT_EQ(warning_of(asked, {-1, "admin", "127.0.0.1", 8766}), "");
  EXPECT_NE(warning_of(asked, {-1, "admin", "127.0.0.1", 9}).find("port 9, the configuration says"),
            std::string::npos);
}

// What becomes of one socket: empty, or why the daemon does not start.
std::string refusal(const config::Settings& settings, const config::Listener& asked,
                    const std::string& host, std::uint16_t port = 8765) {
  const auto checked = check_sockets(settings, asked, {{-1, "one", host, port}});
  return checked ? "" : checked.error().text();
}

TEST(InheritedSockets, OpenNoAuditPortToEverybody) {
  config::Settings settings;
  config::Listener asked = listener(8765, true);
  EXPECT_EQ(refusal(settings, asked, "127.0.0.1"), "");
  EXPECT_EQ(refusal(settings, asked, "::1"), "");
  for (const char* const host : {"0.0.0.0", "::", "10.0.0.1", "fd00::1"}) {
    const std::string told = refusal(settings, asked, host);
    EXPECT_NE(told.find("socket 'one' listens on"), std::string::npos) << told;
    EXPECT_NE(told.find("allow_unauthenticated: true"), std::string::npos) << told;
  }
  settings.webserver.allow_unauthenticated = true;
  EXPECT_EQ(refusal(settings, asked, "0.0.0.0"), "");
  settings.webserver.allow_unauthenticated = false;
  settings.webserver.tokens = {{"a", "/a"}};
  EXPECT_EQ(refusal(settings, asked, "0.0.0.0"), "");
  settings.webserver.tokens.clear();
  asked.hosts = {"10.0.0.1"};
  EXPECT_EQ(refusal(settings, asked, "0.0.0.0"), "") << "the configuration has told of it";
}

TEST(InheritedSockets, OpenNoAdminPortToEverybody) {
  config::Settings settings;
  const config::Listener asked = *config::admin_listener(settings);
  EXPECT_EQ(refusal(settings, asked, "127.0.0.1"), "");
  EXPECT_EQ(refusal(settings, asked, "/run/a.sock", 0), "");
  EXPECT_NE(refusal(settings, asked, "0.0.0.0").find("admin.allow_remote"), std::string::npos);
  settings.admin.allow_remote = true;
  EXPECT_EQ(refusal(settings, asked, "0.0.0.0"), "");
}

TEST(InheritedSockets, OfUnixTakeNoAuditBatches) {
  const std::string told = refusal({}, listener(8765, true), "/run/audit.sock", 0);
  EXPECT_NE(told.find("'one' is none of TCP"), std::string::npos) << told;
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
