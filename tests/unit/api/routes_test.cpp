#include "tiercel/api/routes.h"

#include <array>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <gtest/gtest.h>

namespace tiercel::api {
namespace {

struct Case {
  std::string_view host;
  std::string_view want;  // how the refusal begins; empty: answered
};

void expect_all(const HostRule& rule, std::initializer_list<Case> cases) {
  for (const Case& one : cases) {
    const std::string refusal = rule.refusal(one.host);
    EXPECT_EQ(refusal.substr(0, one.want.size()), one.want) << one.host;
    EXPECT_EQ(refusal.empty(), one.want.empty()) << one.host << ": " << refusal;
  }
}

TEST(HostRule, AnswersThisHostAndWhatIsListenedOn) {
  HostRule rule;
  rule.names = {"10.0.0.7", "Node-1.example.com", "[fd00::7]"};
  expect_all(rule, {{"localhost", ""},
                    {"LOCALHOST:8766", ""},
                    {"localhost.:8766", ""},
                    {"127.0.0.1:8766", ""},
                    {"127.9.9.9", ""},
                    {"[::1]:8766", ""},
                    {"10.0.0.7:8766", ""},
                    {"node-1.example.com:8766", ""},
                    {"[fd00::7]:1", ""},
                    {"", "no Host"},
                    {":8766", "no Host"},
                    {"[::1", "no Host"},
                    {"evil.example:8766", "the host 'evil.example' is none"},
                    {"localhost.evil.example", "the host"},
                    {"127.0.0.1.evil.example", "the host"},
                    {"10.0.0.8", "the host"},
                    {"2130706433", "the host"}});
}

// A page cannot have a numeric address for a name, so an interface's own is no danger.
TEST(HostRule, AnswersAnyAddressWhereEveryInterfaceIsListenedOn) {
  HostRule rule;
  rule.any_address = true;
  expect_all(rule, {{"10.0.0.8:8766", ""}, {"[fd00::1]:8766", ""}, {"evil.example", "the host"}});
}

class EmptyBody final : public http::BodyReader {
  boost::asio::awaitable<base::Result<std::size_t>> read_some(std::span<char>) override {
    co_return std::size_t{0};
  }

 protected:
  [[nodiscard]] std::uint64_t expected() const override { return 0; }
};

// What routes with one endpoint of each kind answer to whom.
class RoutesTest : public testing::Test {
 protected:
  void make(Changes changes) {
    Routes routes(router_, {}, changes,
                  [this](const http::Request&, std::string_view) { ++refused_; });
    routes.get("/get", [](const http::Request&) { return json_response("{}"); });
    routes.post("/post",
                [](const http::Request&, std::string_view) { return json_response("{}"); });
  }
  http::Response ask(const std::string& method, std::string_view peer,
                     const std::string& host = "localhost") {
    http::Request request;
    request.method = method;
    request.path = method == "GET" ? "/get" : "/post";
    request.peer = peer;
    request.headers = {{"Host", host}, {"Content-Type", "application/json"}};
    boost::asio::io_context context;
    EmptyBody body;
    auto answer = boost::asio::co_spawn(
        context, (*router_.dispatch(request).handler)(request, body), boost::asio::use_future);
    context.run();
    return answer.get();
  }

  http::Router router_;
  int refused_ = 0;
};

TEST_F(RoutesTest, ChangesComeOverAUnixSocketAlone) {
  make(Changes::kOverUnixSocket);
  EXPECT_EQ(ask("POST", http::kUnixPeer).status, 200U);
  EXPECT_EQ(ask("GET", "127.0.0.1").status, 200U);
  EXPECT_EQ(refused_, 0);
  const http::Response answer = ask("POST", "127.0.0.1");
  EXPECT_EQ(answer.status, 403U);
  EXPECT_NE(answer.body.find("'admin.allow_changes: true'"), std::string::npos) << answer.body;
  EXPECT_EQ(refused_, 1);
}

TEST_F(RoutesTest, ChangesComeOverThePortWhereThatIsAllowed) {
  make(Changes::kOverAll);
  EXPECT_EQ(ask("POST", "127.0.0.1").status, 200U);
  EXPECT_EQ(ask("POST", "127.0.0.1", "evil.example").status, 403U);
}

// No browser reaches it.
TEST_F(RoutesTest, NoHostIsAskedForOverAUnixSocket) {
  make(Changes::kOverUnixSocket);
  EXPECT_EQ(ask("GET", http::kUnixPeer, "evil.example").status, 200U);
  EXPECT_EQ(ask("GET", "127.0.0.1", "evil.example").status, 403U);
  EXPECT_EQ(ask("GET", "127.0.0.1", "").status, 400U);
  EXPECT_EQ(refused_, 2);
}

TEST(Routes, ErrorsAreJson) {
  const http::Response answer = error_response(403, "a \"b\"\n");
  EXPECT_EQ(answer.status, 403U);
  EXPECT_EQ(answer.content_type, "application/json");
  EXPECT_EQ(answer.body, "{\"error\": \"a \\\"b\\\"\\n\"}\n");
}

}  // namespace
}  // namespace tiercel::api
