// The transport that all outputs over HTTP share, as configured.
#include "http_peer.h"

#include <gtest/gtest.h>

#include "certificates.h"
#include "http_support.h"
#include "temp_dir.h"

namespace tiercel::output {
namespace {

using support::PeerRequest;
using support::PeerServer;
using Options = HttpKind::Options;

const HttpKind& kind() { return http_kind("http"); }

TEST(HttpPeer, SendsConfiguredHeadersAndCredentials) {
  const support::TempDir dir;
  PeerServer peer;
  const std::string token_file = dir.write("token", "first\n");
  HttpOutputUnderTest bearer(kind(), peer.url(""),
                             {{"bearer_token_file", token_file},
                              {"headers", "X-Scope-OrgID: audit\nX-Empty: \n"},
                              {"user_agent", "somebody/1"}});
  EXPECT_TRUE(is_taken(bearer.deliver("one")));
  EXPECT_EQ(peer.requests().back().header("authorization"), "Bearer first");
  EXPECT_EQ(peer.requests().back().header("x-scope-orgid"), "audit");
  EXPECT_EQ(peer.requests().back().header("user-agent"), "somebody/1");
  // The token is exchanged while the output lives.
  dir.write("token", "second");
  EXPECT_TRUE(is_taken(bearer.deliver("two")));
  EXPECT_EQ(peer.requests().back().header("authorization"), "Bearer second");
  // Without its file nothing is sent, and nothing lost.
  std::filesystem::remove(token_file);
  const Delivery delivery = bearer.deliver("three");
  EXPECT_EQ(delivery.again.size(), 1U);
  EXPECT_NE(delivery.error->text().find("bearer_token_file"), std::string::npos);
  EXPECT_EQ(peer.requests().size(), 2U);

  HttpOutputUnderTest plain(kind(), peer.url(""), {{"bearer_token", "secret"}});
  EXPECT_TRUE(is_taken(plain.deliver("four")));
  EXPECT_EQ(peer.requests().back().header("authorization"), "Bearer secret");
  HttpOutputUnderTest basic(kind(), peer.url(""),
                            {{"auth_username", "alice"}, {"auth_password", "open sesame"}});
  EXPECT_TRUE(is_taken(basic.deliver("five")));
  EXPECT_EQ(peer.requests().back().header("authorization"), "Basic YWxpY2U6b3BlbiBzZXNhbWU=");
}

TEST(HttpPeer, ChecksThePeersCertificateAndShowsItsOwn) {
  const support::TempDir dir;
  const auto server = support::make_certificate("server");
  const auto client = support::make_certificate("client");
  const auto other = support::make_certificate("other");
  const std::string ca = dir.write("ca.pem", server.certificate);
  const std::string bundle = dir.write("bundle.pem", other.certificate + server.certificate);
  const std::string wrong = dir.write("other.pem", other.certificate);
  const Options ours{{"mtls", "true"},
                     {"client_cert", dir.write("client.pem", client.certificate)},
                     {"client_key", dir.write("client.key", client.key)}};
  PeerServer peer(
      {.certificate = server.certificate, .key = server.key, .client_ca = client.certificate});
  const auto deliver = [&](Options more, bool shows_ours) {
    if (shows_ours) {
      more.insert(more.end(), ours.begin(), ours.end());
    }
    HttpOutputUnderTest output(kind(), peer.url(""), more);
    return output.deliver("one");
  };
  for (const Options& good :
       {Options{{"ca_cert", ca}}, Options{{"ca_bundle", bundle}}, Options{{"insecure", "true"}}}) {
    const Delivery delivery = deliver(good, true);
    EXPECT_TRUE(is_taken(delivery)) << to_text(delivery);
  }
  EXPECT_EQ(peer.requests().size(), 3U);
  for (const Options& bad : {Options{{"ca_cert", wrong}}, Options{}}) {
    const Delivery delivery = deliver(bad, true);
    EXPECT_EQ(delivery.again.size(), 1U);
    ASSERT_TRUE(delivery.error);
    EXPECT_EQ(delivery.error->code, "tls_failed");
    EXPECT_NE(delivery.error->text().find("set ca_cert"), std::string::npos)
        << delivery.error->text();
  }
  const Delivery nameless = deliver({{"ca_cert", ca}}, false);
  EXPECT_EQ(nameless.again.size(), 1U);
  EXPECT_EQ(peer.requests().size(), 3U);
}

TEST(HttpPeer, GoesThroughAProxy) {
  const support::TempDir dir;
  PeerServer proxy;
  HttpOutputUnderTest plain(kind(), "http://alerts.example", {{"proxy", proxy.url("")}});
  EXPECT_TRUE(is_taken(plain.deliver("one")));
  ASSERT_EQ(proxy.requests().size(), 1U);
  EXPECT_EQ(proxy.requests()[0].target, "http://alerts.example/");

  // HTTPS goes through a tunnel, and the proxy sees nothing of it.
  const auto made = support::make_certificate();
  PeerServer peer({.certificate = made.certificate, .key = made.key});
  HttpOutputUnderTest secret(kind(), peer.url(""),
                             {{"proxy", proxy.url("")},
                              {"ca_cert", dir.write("ca.pem", made.certificate)},
                              {"bearer_token", "secret"}});
  const Delivery delivery = secret.deliver("two");
  EXPECT_TRUE(is_taken(delivery)) << to_text(delivery);
  ASSERT_EQ(proxy.requests().size(), 2U);
  EXPECT_EQ(proxy.requests()[1].method, "CONNECT");
  EXPECT_EQ(proxy.requests()[1].header("authorization"), "");
  EXPECT_EQ(peer.requests().back().header("authorization"), "Bearer secret");

  // A proxy that is down is a failure like any other.
  std::string closed;
  {
    const PeerServer gone({.listens = false});
    closed = gone.url("");
  }
  HttpOutputUnderTest nowhere(kind(), peer.url(""), {{"proxy", closed}});
  EXPECT_EQ(nowhere.deliver("three").again.size(), 1U);
}

TEST(HttpPeer, FollowsNoRedirectAndSaysWhereItLeads) {
  PeerServer peer;
  HttpOutputUnderTest output(kind(), peer.url(""));
  struct Case {
    const char* location;
    const char* want;
  };
  for (const Case& one : {Case{"https://other.example/secret?x", "to https://other.example;"},
                          Case{"/elsewhere/secret", "to another path;"}}) {
    peer.answer_with([&one](const PeerRequest&) {
      return support::PeerAnswer{
          .status = 308, .body = "", .headers = {{"Location", one.location}}};
    });
    const Delivery delivery = output.deliver("one");
    EXPECT_EQ(delivery.again.size(), 1U);
    ASSERT_TRUE(delivery.error);
    EXPECT_NE(delivery.error->text().find(one.want), std::string::npos) << delivery.error->text();
    EXPECT_EQ(delivery.error->text().find("secret"), std::string::npos) << delivery.error->text();
  }
  EXPECT_EQ(peer.requests().size(), 2U);
}

// The path of a webhook is its password, and many a peer says which path it does not know or which
// key it does not like.
class HttpPeerSecrets : public testing::TestWithParam<HttpKind> {
 protected:
  // A value for each option that listings mask, but for the peer's address.
  HttpKind::Options planted() {
    Options all{{"bearer_token_file", dir_.write("token", "planted-in-a-file\n")},
                {"auth_username", "alice"}};
    echoes_ = {"planted-in-a-file", "YWxpY2U6cGxhbnRlZC9hdXRoX3Bhc3N3b3Jk"};
    const auto values = find_output_type(GetParam().name)->new_options();
    config::Schema schema;
    find_output_type(GetParam().name)->describe(schema, "it", *values);
    for (const config::Option& option : schema.options()) {
      const std::string name(option.name());
      const std::string secret = "planted/" + name;
      // A token makes Slack's webhook its API.
      const bool is_other_way = GetParam().variant == "_webhook" && name == "token";
      if (!option.is_secret() || name == GetParam().url_option || is_other_way) {
        continue;
      }
      std::string value = secret;
      if (name == "headers") {
        value = "X-Key: " + secret + "\n";
      } else if (name == "proxy") {
        value = "http://" + std::string("bob:planted%2Fproxy@") + peer_.url("").substr(7);
        echoes_.emplace_back("planted%2Fproxy");
      }
      all.emplace_back(name, value);
      echoes_.push_back(secret);
      echoes_.push_back("planted\\/" + name);
    }
    return all;
  }

  const support::TempDir dir_;
  PeerServer peer_;
  std::vector<std::string> echoes_;
};

TEST_P(HttpPeerSecrets, RepeatsNothingOfTheUrlThatThePeerRepeats) {
  HttpOutputUnderTest output(GetParam(), peer_.url("/hooks/0123456789planted"), planted());
  (void)output.deliver("one");
  ASSERT_EQ(peer_.requests().size(), 1U);
  const PeerRequest request = peer_.requests()[0];
  for (const char* const name : {"authorization", "proxy-authorization", "dd-api-key", "x-key"}) {
    if (!request.header(name).empty()) {
      echoes_.push_back(request.header(name));
    }
  }
  ASSERT_FALSE(request.header("proxy-authorization").empty());
  const std::size_t host = request.target.find("/hooks");  // behind a proxy it is the whole URL
  ASSERT_NE(host, std::string::npos) << request.target;
  echoes_.push_back(request.target.substr(host));
  echoes_.emplace_back("0123456789planted");
  for (const std::string& echo : echoes_) {
    for (const int status : {200, 400, 503}) {
      peer_.answer_with([&](const PeerRequest&) {
        return support::PeerAnswer{.status = status, .body = "no " + echo + " at home"};
      });
      const Delivery delivery = output.deliver("one");
      const std::string text = delivery.said + to_text(delivery);
      EXPECT_NE(text.find("at home"), std::string::npos) << echo << ": " << text;
      EXPECT_EQ(text.find(echo), std::string::npos) << text;
      EXPECT_EQ(text.find("planted"), std::string::npos) << text;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, HttpPeerSecrets,
                         testing::ValuesIn(http_kinds().begin(), http_kinds().end()),
                         [](const auto& one) { return one.param.label(); });

// A short one as well, and a query that the peer takes apart.
TEST(HttpPeer, RepeatsNoShortSecret) {
  PeerServer peer;
  HttpOutputUnderTest output(kind(), peer.url("/hooks/0123456789abcdef/x?key=sesame"),
                             {{"bearer_token", "open-sesame"}});
  for (const int status : {200, 400, 503}) {
    peer.answer_with([status](const PeerRequest& request) {
      return support::PeerAnswer{
          .status = status,
          .body = "no " + request.target + R"( at {"id":"0123456789abcdef"} for open-sesame)"};
    });
    const Delivery delivery = output.deliver("one");
    const std::string text = delivery.said + to_text(delivery);
    EXPECT_NE(text.find("no \u2026 at"), std::string::npos) << text;
    EXPECT_EQ(text.find("0123"), std::string::npos) << text;
    EXPECT_EQ(text.find("sesame"), std::string::npos) << text;
  }
}

TEST(HttpPeer, MistakesAreToldAtTheStart) {
  const auto error = [](const Options& more) {
    HttpOutputUnderTest output("http", more);
    const auto opened = output->open();
    return opened ? std::string("opened") : opened.error().text();
  };
  const std::pair<std::string, std::string> url{"url", "https://a/"};
  EXPECT_EQ(error({url}), "opened");
  EXPECT_NE(error({}).find("`url`"), std::string::npos);
  EXPECT_NE(error({{"url", "a/"}}).find("http://"), std::string::npos);
  EXPECT_NE(error({url, {"ca_cert", "/no/such"}}).find("ca_cert"), std::string::npos);
  EXPECT_NE(error({url, {"mtls", "true"}, {"client_cert", "/no"}}).find("client_cert"),
            std::string::npos);
  EXPECT_NE(error({url, {"bearer_token_file", "/no"}}).find("bearer_token_file"),
            std::string::npos);
  EXPECT_NE(error({url, {"headers", "A b: c\n"}}).find("header"), std::string::npos);
  EXPECT_NE(error({url, {"proxy", "x"}}).find("proxy"), std::string::npos);
  EXPECT_EQ(error({url, {"proxy", "socks5://u:sekret@h:1080"}}).find("sekret"), std::string::npos);
}

TEST(HttpPeer, PartsOfABatchAreJudgedOneByOne) {
  std::vector<store::StoredAlert> alerts(8);
  std::vector<Message> messages;
  for (std::size_t at = 0; at < alerts.size(); ++at) {
    alerts[at].position = at;
    messages.push_back({&alerts[at], {}});
  }
  std::size_t calls = 0;
  // 2 is bad; 5 comes at a bad time.
  const auto send = [&calls](std::span<const Message> some) {
    ++calls;
    Delivery delivery;
    bool has_bad = false;
    for (const Message& message : some) {
      has_bad = has_bad || message.alert->position == 2;
    }
    for (std::size_t at = 0; at < some.size(); ++at) {
      if (has_bad) {
        delivery.rejected.push_back({at, "bad"});
      } else if (some[at].alert->position == 5) {
        return Delivery::again_from(at, some.size(), {"busy", "busy", ""}, std::chrono::seconds(3));
      }
    }
    return delivery;
  };
  const Delivery delivery = deliver_halved(messages, Deadline::max(), send);
  ASSERT_EQ(delivery.rejected.size(), 1U);
  EXPECT_EQ(delivery.rejected[0].message, 2U);
  EXPECT_EQ(delivery.again, (std::vector<std::size_t>{5, 6, 7}));
  EXPECT_EQ(delivery.retry_after, std::chrono::seconds(3));
  EXPECT_LE(calls, 7U);
}

// A peer that refuses slowly must not keep the runner for a thousand requests; yet each delivery
// judges one message at least, or none would ever get ahead.
TEST(HttpPeer, ADeliveryEndsAtItsDeadlineAndGetsAhead) {
  const std::vector<store::StoredAlert> alerts(8);
  std::vector<Message> messages;
  for (const store::StoredAlert& alert : alerts) {
    messages.push_back({&alert, {}});
  }
  std::size_t calls = 0;
  const auto refuse = [&calls](std::span<const Message> some) {
    ++calls;
    Delivery delivery;
    for (std::size_t at = 0; at < some.size(); ++at) {
      delivery.rejected.push_back({at, "bad"});
    }
    return delivery;
  };
  const std::vector<std::size_t> rest{1, 2, 3, 4, 5, 6, 7};
  const Delivery halved = deliver_halved(messages, Deadline::min(), refuse);
  EXPECT_EQ(calls, 4U);  // of eight, four, two and one
  EXPECT_EQ(halved.rejected.size(), 1U);
  EXPECT_EQ(halved.again, rest);
  ASSERT_TRUE(halved.error);
  EXPECT_EQ(halved.error->code, "timeout");
  const Delivery each = deliver_each(messages, Deadline::min(), [&refuse](const Message& message) {
    return refuse({&message, 1});
  });
  EXPECT_EQ(calls, 5U);
  EXPECT_EQ(each.rejected.size(), 1U);
  EXPECT_EQ(each.again, rest);
  EXPECT_TRUE(each.error);
}

TEST(HttpPeer, LabelsHaveNames) {
  EXPECT_EQ(label_name("ka.user.name"), "ka_user_name");
  EXPECT_EQ(label_name("1 x"), "__x");
  EXPECT_EQ(label_name(""), "_");
}

TEST(HttpPeer, TextsAreCutAtTheBorderOfACharacter) {
  EXPECT_EQ(cut_text("abc", 3), "abc");
  EXPECT_EQ(cut_text("\u00e9\u00e9\u00e9", 5), "\u00e9\u2026");
  EXPECT_EQ(cut_characters("\U0001F600\U0001F600", 4), "\U0001F600\U0001F600");
  EXPECT_EQ(cut_characters("\U0001F600\U0001F600", 3), "\U0001F600\u2026");
  EXPECT_EQ(cut_characters("\U0001F600\U0001F600", 2), "\u2026");
}

}  // namespace
}  // namespace tiercel::output
