// The output against a real nats-server with JetStream.
#include <algorithm>
#include <set>
#include <thread>

#include <gtest/gtest.h>

#include "tiercel/base/metrics.h"

#include "certificates.h"
#include "configured_output.h"
#include "hand_clock.h"
#include "nats_server.h"
#include "output_table.h"
#include "peer_program.h"
#include "read_file.h"
#include "sample_alerts.h"

namespace tiercel::output {
namespace {

using std::chrono::milliseconds;
using support::all_taken;
using support::NatsServer;
using support::SampleAlerts;
using support::wait_until;
using Options = std::vector<std::pair<std::string, std::string>>;
using Steady = std::chrono::steady_clock;

class Nats : public testing::Test {
 protected:
  void SetUp() override {
    if (!NatsServer::is_installed()) {
      GTEST_SKIP() << "nats-server is not installed";
    }
  }
  std::unique_ptr<Output> made(const NatsServer& server, Options options = {}) {
    const bool names_servers = std::any_of(options.begin(), options.end(), [](const auto& option) {
      return option.first == "servers";
    });
    if (!names_servers) {
      options.emplace_back("servers", server.url());
    }
    auto output = support::configured_output(kNatsOutput, options, {"n", clock_, metrics_});
    const auto opened = output->open();
    EXPECT_TRUE(opened) << (opened ? "" : opened.error().text());
    return output;
  }
  static Delivery deliver(Output& output, const SampleAlerts& alerts) {
    return output.deliver(alerts.messages());
  }
  // What was not taken is sent again, as the runner does; some of it may have been stored.
  static void deliver_all(Output& output, const SampleAlerts& alerts) {
    std::vector<Message> open = alerts.messages();
    std::string why;
    EXPECT_TRUE(wait_until([&] {
      const Delivery delivery = output.deliver(open);
      EXPECT_TRUE(delivery.rejected.empty());
      why = error_of(delivery);
      std::vector<Message> rest;
      for (const std::size_t at : delivery.again) {
        rest.push_back(open[at]);
      }
      open = rest;
      return open.empty();
    })) << why;
  }
  static std::string error_of(const Delivery& delivery) {
    return delivery.error ? delivery.error->text() : "no error";
  }

  support::HandClock clock_;
  base::Metrics metrics_;
};

TEST_F(Nats, TakesAlertsWithTheirIds) {
  NatsServer server;
  ASSERT_TRUE(server.start()) << server.log();
  server.make_stream("ALERTS", "tiercel.>");
  const auto output = made(server);
  const SampleAlerts alerts = SampleAlerts::numbered(300);
  const Delivery delivery = deliver(*output, alerts);
  ASSERT_TRUE(all_taken(delivery)) << error_of(delivery);
  EXPECT_EQ(delivery.said, "stream ALERTS, message 300");
  const auto messages = server.messages("ALERTS");
  ASSERT_EQ(messages.size(), 300U);
  for (std::size_t at = 0; at < messages.size(); ++at) {
    EXPECT_EQ(messages[at].subject, "tiercel.alerts");
    EXPECT_EQ(messages[at].id, alerts.id(at));
    EXPECT_EQ(messages[at].data, R"({"number":)" + std::to_string(at) + "}");
  }
}

TEST_F(Nats, KeepsWhatComesTwiceOnce) {
  NatsServer server;
  ASSERT_TRUE(server.start()) << server.log();
  server.make_stream("ALERTS", "tiercel.>");
  const auto output = made(server);
  ASSERT_TRUE(all_taken(deliver(*output, SampleAlerts::numbered(3))));
  const Delivery again = deliver(*output, SampleAlerts::numbered(3));
  ASSERT_TRUE(all_taken(again)) << error_of(again);
  EXPECT_NE(again.said.find("had already"), std::string::npos) << again.said;
  EXPECT_EQ(server.messages("ALERTS").size(), 3U);
}

TEST_F(Nats, FillsTheSubjectFromTheAlert) {
  NatsServer server;
  ASSERT_TRUE(server.start()) << server.log();
  server.make_stream("ALERTS", "audit.>");
  const auto output = made(server, {{"subject", "audit.%priority.%rule"}, {"stream", "ALERTS"}});
  ASSERT_TRUE(all_taken(deliver(*output, SampleAlerts::numbered(1))));
  EXPECT_EQ(server.messages("ALERTS").at(0).subject, "audit.Warning.Attach_to_pod_or_exec");
}

TEST_F(Nats, GetsEveryAlertThroughKillsOfTheServer) {
  NatsServer server;
  ASSERT_TRUE(server.start()) << server.log();
  server.make_stream("ALERTS", "tiercel.>");
  const auto output = made(server);
  std::set<std::string> sent;
  for (std::size_t round = 0; round < 10; ++round) {
    const SampleAlerts alerts = SampleAlerts::numbered(200, round * 200);
    for (std::size_t at = 0; at < 200; ++at) {
      sent.insert(alerts.id(at));
    }
    // The server is restarted by this thread, since it ends with the one that started it.
    std::thread deliverer([&] { deliver_all(*output, alerts); });
    if (round % 2 == 1) {
      server.kill();
      EXPECT_TRUE(server.start()) << server.log();
    }
    deliverer.join();
  }
  std::multiset<std::string> stored;
  for (const NatsServer::Message& message : server.messages("ALERTS")) {
    stored.insert(message.id);
  }
  EXPECT_EQ(std::set<std::string>(stored.begin(), stored.end()), sent);
  EXPECT_EQ(stored.size(), sent.size()) << "each once";
}

TEST_F(Nats, ReconnectsWithinOneDelivery) {
  NatsServer server;
  ASSERT_TRUE(server.start()) << server.log();
  server.make_stream("ALERTS", "tiercel.>");
  const auto output = made(server);
  ASSERT_TRUE(all_taken(deliver(*output, SampleAlerts::numbered(1))));
  server.kill();
  ASSERT_TRUE(server.start()) << server.log();
  const Delivery delivery = deliver(*output, SampleAlerts::numbered(1, 1));
  EXPECT_TRUE(all_taken(delivery)) << error_of(delivery);
}

// More than the sockets' buffers hold, to a server that has stopped reading.
TEST_F(Nats, HoldsUpNobodyLongerThanTheTimeout) {
  NatsServer server;
  ASSERT_TRUE(server.start()) << server.log();
  server.make_stream("ALERTS", "tiercel.>");
  const auto output = made(server, {{"timeout", "600ms"}});
  SampleAlerts alerts;
  for (int at = 0; at < 100; ++at) {
    alerts.add(std::string(200'000, 'x'));
  }
  ASSERT_TRUE(wait_until([&] { return all_taken(deliver(*output, SampleAlerts::numbered(1))); }));
  server.pause();
  for (const SampleAlerts& batch : {alerts, SampleAlerts::numbered(2)}) {
    const auto before = Steady::now();
    const Delivery failed = deliver(*output, batch);
    EXPECT_LT(Steady::now() - before, std::chrono::seconds(3));
    EXPECT_EQ(failed.again.size(), batch.messages().size()) << error_of(failed);
  }
  server.resume();
  EXPECT_TRUE(wait_until([&] { return all_taken(deliver(*output, SampleAlerts::numbered(2))); }));
}

TEST_F(Nats, TakesTheNextServerWhereOneIsDown) {
  NatsServer server;
  ASSERT_TRUE(server.start()) << server.log();
  server.make_stream("ALERTS", "tiercel.>");
  const std::string down = "nats://127.0.0.1:" + std::to_string(support::free_port(SOCK_STREAM));
  const auto both = made(server, {{"servers", down + "," + server.url()}});
  const Delivery delivery = deliver(*both, SampleAlerts::numbered(2));
  EXPECT_TRUE(all_taken(delivery)) << error_of(delivery);

  const auto output = made(server, {{"servers", down}});
  const Delivery failed = deliver(*output, SampleAlerts::numbered(2));
  EXPECT_EQ(failed.again.size(), 2U);
  EXPECT_NE(error_of(failed).find("is it running"), std::string::npos) << error_of(failed);
}

TEST_F(Nats, SaysWhichStreamToMake) {
  NatsServer server;
  ASSERT_TRUE(server.start()) << server.log();
  const auto expect = [&](const Options& options, const std::string& text) {
    const auto output = made(server, options);
    const Delivery failed = deliver(*output, SampleAlerts::numbered(2));
    EXPECT_EQ(failed.again.size(), 2U);
    EXPECT_TRUE(failed.rejected.empty());
    EXPECT_NE(error_of(failed).find(text), std::string::npos) << error_of(failed);
  };
  expect({}, "make one: nats stream add TIERCEL --subjects 'tiercel.alerts'");
  expect({{"subject", "a.b.%rule"}}, "--subjects 'a.b.>'");
  expect({{"stream", "AUDIT"}}, "there is no stream AUDIT: make one: nats stream add AUDIT");
  server.make_stream("AUDIT", "other.>");
  expect({{"stream", "AUDIT"}}, "nats stream edit AUDIT");
  server.make_stream("ALERTS", "tiercel.>");
  expect({{"stream", "AUDIT"}}, "belongs to another stream");
  const auto output = made(server);
  EXPECT_TRUE(all_taken(deliver(*output, SampleAlerts::numbered(2))));
}

TEST_F(Nats, SaysThatJetStreamIsMissing) {
  NatsServer server("", false);
  ASSERT_TRUE(server.start()) << server.log();
  const auto output = made(server);
  const Delivery failed = deliver(*output, SampleAlerts::numbered(1));
  EXPECT_NE(error_of(failed).find("JetStream is not enabled"), std::string::npos)
      << error_of(failed);
}

TEST_F(Nats, RejectsOnlyWhatIsTooLong) {
  NatsServer server("max_payload: 4096");
  ASSERT_TRUE(server.start()) << server.log();
  server.make_stream("ALERTS", "tiercel.>", 1024);
  const auto output = made(server);
  SampleAlerts alerts;
  alerts.add("short");
  alerts.add(std::string(2000, 'x'));
  alerts.add(std::string(5000, 'x'));
  alerts.add("short too");
  const Delivery delivery = deliver(*output, alerts);
  EXPECT_TRUE(delivery.again.empty()) << error_of(delivery);
  ASSERT_EQ(delivery.rejected.size(), 2U);
  EXPECT_EQ(delivery.rejected[0].message, 1U);
  EXPECT_NE(delivery.rejected[0].why.find("the stream takes no message"), std::string::npos);
  EXPECT_EQ(delivery.rejected[1].message, 2U);
  EXPECT_NE(delivery.rejected[1].why.find("max_payload of 4096"), std::string::npos);
  EXPECT_EQ(server.messages("ALERTS").size(), 2U);
}

TEST_F(Nats, KnowsUsersAndTokens) {
  {
    NatsServer server(
        "authorization { users = [ {user: alerts, password: s3cret}, "
        "{user: reader, password: r, permissions: {publish: \"$JS.>\"}} ] }\n"
        "no_auth_user: alerts");
    ASSERT_TRUE(server.start()) << server.log();
    server.make_stream("ALERTS", "tiercel.>");
    const std::string file = server.folder().write("password", "s3cret\n");
    const auto user = made(server, {{"username", "alerts"}, {"password_file", file}});
    EXPECT_TRUE(all_taken(deliver(*user, SampleAlerts::numbered(1))));
    const auto stranger = made(server, {{"username", "alerts"}, {"password", "wrong"}});
    const Delivery refused = deliver(*stranger, SampleAlerts::numbered(1));
    EXPECT_EQ(refused.again.size(), 1U);
    EXPECT_NE(error_of(refused).find("does not know these credentials"), std::string::npos)
        << error_of(refused);
    EXPECT_EQ(error_of(refused).find("wrong"), std::string::npos) << "keeps the password";
    const auto reader = made(server, {{"username", "reader"}, {"password", "r"}});
    const auto before = Steady::now();
    const Delivery forbidden = deliver(*reader, SampleAlerts::numbered(1));
    EXPECT_LT(Steady::now() - before, std::chrono::seconds(5)) << "told before the timeout";
    EXPECT_NE(error_of(forbidden).find("ermissions"), std::string::npos) << error_of(forbidden);
  }
  NatsServer server("authorization { token: \"t0ken\" }");
  ASSERT_TRUE(server.start()) << server.log();
  const auto known = made(server, {{"token", "t0ken"}});
  EXPECT_NE(error_of(deliver(*known, SampleAlerts::numbered(1))).find("no stream"),
            std::string::npos);
  const auto unknown = made(server);
  EXPECT_NE(error_of(deliver(*unknown, SampleAlerts::numbered(1))).find("credentials"),
            std::string::npos);
}

class NatsTls : public Nats {
 protected:
  void SetUp() override {
    Nats::SetUp();
    const support::Certificate made = support::make_certificate("localhost");
    const support::Certificate other = support::make_certificate("localhost");
    certificate_ = dir_.write("cert.pem", made.certificate);
    key_ = dir_.write("key.pem", made.key);
    other_ = dir_.write("other.pem", other.certificate);
  }
  [[nodiscard]] std::string server_options(const std::string& more = "") const {
    return "tls { cert_file: \"" + certificate_ + "\", key_file: \"" + key_ + "\"" + more + " }";
  }
  [[nodiscard]] std::string why_not(const NatsServer& server, const Options& options) {
    return error_of(deliver(*made(server, options), SampleAlerts::numbered(1)));
  }
  support::TempDir dir_;
  std::string certificate_;
  std::string key_;
  std::string other_;
};

TEST_F(NatsTls, ChecksAuthorityAndName) {
  NatsServer server(server_options());
  ASSERT_TRUE(server.start()) << server.log();
  const std::string url = "tls" + server.url("localhost").substr(4);
  const std::string arrived = "no stream takes the subject";
  const auto expect = [&](const Options& options, const std::string& text) {
    const std::string why = why_not(server, options);
    EXPECT_NE(why.find(text), std::string::npos) << why;
  };
  expect({{"servers", url}, {"ca_file", certificate_}}, arrived);
  expect({{"servers", server.url()}, {"tls", "true"}, {"ca_file", certificate_}}, arrived);
  expect({{"servers", url}, {"insecure", "true"}}, arrived);
  expect({{"servers", url}, {"ca_file", other_}}, "set ca_file");
  expect({{"servers", url}}, "set ca_file");
  expect({{"servers", url}, {"ca_file", certificate_}, {"server_name", "elsewhere"}},
         "server_name");
  expect({{"servers", url}, {"ca_file", certificate_}, {"server_name", "localhost"}}, arrived);
  NatsServer plain;
  ASSERT_TRUE(plain.start()) << plain.log();
  EXPECT_NE(why_not(plain, {{"tls", "true"}}).find("does not speak TLS"), std::string::npos);
  // A server that insists on TLS gets it, whether we asked for it or not.
  expect({{"servers", server.url()}}, "set ca_file");
}

TEST_F(NatsTls, ShowsACertificateWhereTheServerWantsOne) {
  NatsServer server(server_options(", ca_file: \"" + certificate_ + "\", verify: true"));
  ASSERT_TRUE(server.start()) << server.log();
  const std::string url = "tls" + server.url("localhost").substr(4);
  EXPECT_EQ(why_not(server, {{"servers", url}, {"ca_file", certificate_}}).find("no stream"),
            std::string::npos);
  const std::string why = why_not(server, {{"servers", url},
                                           {"ca_file", certificate_},
                                           {"client_cert", certificate_},
                                           {"client_key", key_}});
  EXPECT_NE(why.find("no stream"), std::string::npos) << why;
}

// A peer that accepts connections and says nothing, ever.
}  // namespace
}  // namespace tiercel::output
