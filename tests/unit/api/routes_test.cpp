#include "tiercel/api/routes.h"

#include <array>

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

TEST(HostRule, AsksNothingOverAUnixSocket) {
  HostRule rule;
  rule.any = true;
  expect_all(rule, {{"", ""}, {"evil.example", ""}});
}

TEST(Routes, ErrorsAreJson) {
  const http::Response answer = error_response(403, "a \"b\"\n");
  EXPECT_EQ(answer.status, 403U);
  EXPECT_EQ(answer.content_type, "application/json");
  EXPECT_EQ(answer.body, "{\"error\": \"a \\\"b\\\"\\n\"}\n");
}

}  // namespace
}  // namespace tiercel::api
