#include <gtest/gtest.h>

#include "support.h"

namespace tiercel::config {
namespace {

TEST(Admin, IsOnLoopbackUnlessToldOtherwise) {
  const auto listener = admin_listener(load("").loaded.settings);
  ASSERT_TRUE(listener.has_value());
  EXPECT_EQ(listener->hosts, std::vector<std::string>{"127.0.0.1"});
  EXPECT_EQ(listener->port, 8766);
  EXPECT_EQ(listener->health_path, "/healthz");
  EXPECT_FALSE(admin_listener(load("admin: {enabled: false}").loaded.settings).has_value());
}

TEST(Admin, ASocketStandsBesideThePort) {
  const Outcome both = load("admin: {socket: /run/a.sock}");
  EXPECT_EQ(both.codes(), "");
  const auto listener = admin_listener(both.loaded.settings);
  ASSERT_TRUE(listener.has_value());
  EXPECT_EQ(listener->socket, "/run/a.sock");
  EXPECT_EQ(listener->hosts, std::vector<std::string>{"127.0.0.1"});
  EXPECT_EQ(load("admin: {socket: /run/a.sock, listen_address: 0.0.0.0}").codes(),
            "error conflict c.yaml:1:46");
}

TEST(Admin, ASocketMayStandAlone) {
  const Outcome outcome = load(
      "admin: {socket: /run/a.sock, listen_address: []}\n"
      "webserver: {listen_address: 0.0.0.0, listen_port: 8766, allow_unauthenticated: true}");
  EXPECT_EQ(outcome.codes().find("error"), std::string::npos) << outcome.codes();
  const auto listener = admin_listener(outcome.loaded.settings);
  ASSERT_TRUE(listener.has_value());
  EXPECT_EQ(listener->socket, "/run/a.sock");
  EXPECT_TRUE(listener->hosts.empty());
}

TEST(Admin, ChangesOverThePortNeedASettingThatTheWarningTellsOf) {
  EXPECT_FALSE(load("").loaded.settings.admin.allow_changes);
  const Outcome outcome =
      load("admin: {listen_address: 0.0.0.0, allow_remote: true, allow_changes: true}");
  EXPECT_NE(base::to_text(outcome.diagnostics).find("may disable rules"), std::string::npos);
}

TEST(Admin, BeyondLoopbackNeedsASettingAndWarns) {
  for (const char* const address : {"0.0.0.0", "'::'", "10.0.0.1", "'[fd00::1]'"}) {
    const std::string text = std::string("admin: {listen_address: ") + address;
    EXPECT_EQ(load(text + "}").codes(), "error conflict c.yaml:1:25") << address;
    EXPECT_EQ(load(text + ", allow_remote: true}").codes().substr(0, 20), "warning admin_remote")
        << address;
  }
  for (const char* const address : {"127.0.0.2", "'::1'", "'[::1]'", "'::ffff:127.0.0.1'"}) {
    EXPECT_EQ(load(std::string("admin: {listen_address: ") + address + "}").codes(), "") << address;
  }
  EXPECT_EQ(load("admin: {listen_address: []}").codes(), "error bad_value c.yaml:1:25");
}

TEST(Admin, SharesNoPortWithTheAuditPort) {
  EXPECT_EQ(load("admin: {listen_port: 8765}").codes(), "error conflict c.yaml:1:22");
  EXPECT_EQ(load("webserver: {listen_address: 10.0.0.1}\nadmin: {listen_port: 8765}").codes(), "");
  EXPECT_EQ(load("webserver: {listen_address: 0.0.0.0}\nadmin: {listen_port: 8765}").codes(),
            "error conflict c.yaml:2:22");
  EXPECT_EQ(load("webserver: {listen_port: 0}\nadmin: {listen_port: 0}").codes().find("error"),
            std::string::npos);
}

TEST(Admin, AllowedHostsAreNames) {
  EXPECT_EQ(load("admin: {allowed_hosts: [node-1.example.com]}").codes(), "");
  EXPECT_EQ(load("admin: {allowed_hosts: ['node-1:8766']}").codes(), "error bad_value c.yaml:1:25");
}

}  // namespace
}  // namespace tiercel::config
