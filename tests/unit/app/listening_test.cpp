#include "listening.h"

#include <gtest/gtest.h>

namespace tiercel::app {
namespace {

TEST(UrlsOf, NamesWhatTheKubeconfigNeeds) {
  config::Listener listener;
  listener.hosts = {"127.0.0.1"};
  EXPECT_EQ(urls_of(listener, {8765}, "/k8s_audit"), "http://127.0.0.1:8765/k8s_audit");
  listener.hosts = {"::1", "10.0.0.1"};
  listener.tls = true;
  EXPECT_EQ(urls_of(listener, {1, 2}, "/x"), "https://[::1]:1/x, https://10.0.0.1:2/x");
  listener.hosts = {""};
  EXPECT_EQ(urls_of(listener, {9, 9}, "/x"), "https://*:9/x");
}

TEST(ServerOptions, GiveThreadsToAuditPortsOnly) {
  config::Settings settings;
  config::Listener listener;
  listener.hosts = {"127.0.0.1", "::1"};
  listener.port = 7;
  const http::ServerOptions admin = server_options(settings, listener, 16);
  EXPECT_EQ(admin.threads, 1U);
  listener.audit_paths = {"/k8s_audit"};
  const http::ServerOptions audit = server_options(settings, listener, 16);
  EXPECT_EQ(audit.threads, 4U);
  ASSERT_EQ(audit.addresses.size(), 2U);
  EXPECT_EQ(audit.addresses[1].host, "::1");
  EXPECT_EQ(audit.addresses[1].port, 7);
}

TEST(ServerOptions, TakeEveryLimitFromTheConfiguration) {
  config::Settings settings;
  settings.limits.max_connections = 1;
  settings.limits.max_connections_per_peer = 2;
  settings.limits.max_header.bytes = 3;
  settings.limits.max_body.bytes = 4;
  settings.limits.header_timeout = std::chrono::milliseconds{5};
  settings.limits.body_timeout = std::chrono::milliseconds{6};
  settings.limits.idle_timeout = std::chrono::milliseconds{7};
  settings.limits.write_timeout = std::chrono::milliseconds{8};
  settings.limits.min_body_rate.bytes = 9;
  settings.limits.rate_grace = std::chrono::milliseconds{10};
  settings.limits.drain_size.bytes = 11;
  settings.limits.drain_timeout = std::chrono::milliseconds{12};
  config::Listener listener;
  listener.hosts = {""};
  const http::Limits limits = server_options(settings, listener, 1).limits;
  EXPECT_EQ(limits.connections, 1U);
  EXPECT_EQ(limits.connections_per_peer, 2U);
  EXPECT_EQ(limits.header_bytes, 3U);
  EXPECT_EQ(limits.body_bytes, 4U);
  EXPECT_EQ(limits.header_timeout.count(), 5);
  EXPECT_EQ(limits.body_timeout.count(), 6);
  EXPECT_EQ(limits.idle_timeout.count(), 7);
  EXPECT_EQ(limits.write_timeout.count(), 8);
  EXPECT_EQ(limits.minimum_rate, 9U);
  EXPECT_EQ(limits.rate_grace.count(), 10);
  EXPECT_EQ(limits.drain_bytes, 11U);
  EXPECT_EQ(limits.drain_timeout.count(), 12);
}

TEST(AdminServer, HasOneThreadAndNamesItsSetting) {
  config::Settings settings;
  settings.limits.max_connections = 4096;
  config::Listener listener;
  listener.hosts = {"127.0.0.1"};
  listener.port = 8766;
  http::ServerOptions options = admin_server_options(settings, listener);
  EXPECT_EQ(options.threads, 1U);
  EXPECT_EQ(options.port_setting, "admin.listen_port");
  EXPECT_LE(options.limits.connections, 64U);
  EXPECT_LE(options.limits.body_bytes, api::Routes::kMostBody);
  listener.socket = "/run/a.sock";
  options = admin_server_options(settings, listener);
  EXPECT_EQ(options.unix_path, "/run/a.sock");
  EXPECT_EQ(options.unix_setting, "admin.socket");
  EXPECT_EQ(options.addresses.size(), 1U) << "beside the port";
}

TEST(AdminServer, AnswersTheHostsThatItListensOn) {
  config::Settings settings;
  const auto refusal = [&](std::string_view host) {
    return host_rule(settings.admin, *config::admin_listener(settings)).refusal(host);
  };
  EXPECT_EQ(refusal("127.0.0.1:8766"), "");
  EXPECT_NE(refusal("10.0.0.1:8766"), "");
  settings.admin.addresses = {"10.0.0.1"};
  settings.admin.allowed_hosts = {"node-1"};
  EXPECT_EQ(refusal("10.0.0.1:8766"), "");
  EXPECT_EQ(refusal("node-1:8766"), "");
  settings.admin.addresses = {"0.0.0.0"};
  EXPECT_EQ(refusal("10.0.0.9"), "");
  EXPECT_NE(refusal("evil.example"), "");
  settings.admin.socket = "/run/a.sock";
  EXPECT_NE(refusal("evil.example"), "") << "the port beside it is in reach of a browser";
}

// A page in a browser can reach a TCP port, whatever the configuration asked for.
TEST(AdminServer, AnswersTheHostsOfTheSocketThatItWasHanded) {
  config::AdminSettings settings;
  settings.socket = "/run/a.sock";
  config::Listener listener;
  listener.hosts = {"10.0.0.1"};
  EXPECT_EQ(host_rule(settings, listener).refusal("10.0.0.1:8766"), "");
  EXPECT_NE(host_rule(settings, listener).refusal("evil.example"), "");
  EXPECT_NE(host_rule(settings, listener).refusal("10.0.0.9"), "");
}

TEST(WebhookOptions, KnowEveryFurtherPath) {
  config::Settings settings;
  settings.limits.whole_body.bytes = 1;
  settings.limits.max_event.bytes = 2;
  settings.limits.max_in_flight.bytes = 3;
  config::Listener listener;
  listener.audit_paths = {"/k8s_audit", "/mine"};
  const source::WebhookOptions options = webhook_options(settings, {listener});
  EXPECT_EQ(options.extra_paths, std::vector<std::string>{"/mine"});
  EXPECT_EQ(options.whole_body, 1U);
  EXPECT_EQ(options.max_event, 2U);
  EXPECT_EQ(options.max_in_flight, 3U);
}

}  // namespace
}  // namespace tiercel::app
