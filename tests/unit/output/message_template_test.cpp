#include <gtest/gtest.h>

#include "tiercel/output/routing.h"

#include "routing_support.h"

namespace tiercel::output {
namespace {

const Sample& sample() {
  static const Sample kSample = [] {
    Sample made;
    made.rule = "Attach/Exec \"Pod\"";
    made.tags = "k8s,mitre";
    made.cluster = "prod";
    made.fields = {{"ka.user.name", "alice"},      {"ka.uri.param[command]", "sh\n-c"},
                   {"ka.user.groups", {"a", "b"}}, {"ka.code", 201},
                   {"ka.null", nullptr},           {"ka.empty", ""}};
    return made;
  }();
  return kSample;
}

TEST(MessageTemplate, NamesStandForMembersAndFields) {
  const std::vector<std::pair<std::string_view, std::string_view>> cases{
      {"", ""},
      {"no name", "no name"},
      {"%rule", "Attach/Exec \"Pod\""},
      {"by %ka.user.name.", "by alice."},
      {"%ka.user.name%ka.user.name", "alicealice"},
      {"%ka.uri.param[command]!", "sh\n-c!"},
      {"%ka.uri.param[other]!", "<NA>!"},
      {"%ka.user.name[x]", "alice[x]"},
      {"%ka.user.name[x", "alice[x"},
      {"%ka.user.groups", "a,b"},
      {"%ka.code", "201"},
      {"%ka.absent %ka.null", "<NA> <NA>"},
      {"<%ka.empty>", "<>"},
      {"100%% %", "100% %"},
      {"%%rule", "%rule"},
      {"%%%rule", "%Attach/Exec \"Pod\""},
      {"% rule %-", "% rule %-"},
      {"%priority %source %namespace %user %cluster", "Warning k8s_audit web alice prod"},
      {"%apiserver %rules_hash", "10.0.0.1 0123abcd"},
      {"%tags %tag", "k8s,mitre k8s,mitre"},
      {"%hostname %time", "h1 2026-01-02T03:04:05.000000000Z"},
      {"%alert_id", "019b7c00000107070000000000000000"},
      {"> %output", "> alice did it"},
      {"%message", "alice did it"},
      {"%output[x]", "alice did it[x]"},
  };
  const Stored stored(sample());
  for (const auto& [text, want] : cases) {
    const std::string body = with_template(stored.alert, text);
    EXPECT_TRUE(body.ends_with("}\n"));
    nlohmann::json got = json_of(body);
    ASSERT_TRUE(got.is_object()) << text << ": " << body;
    EXPECT_EQ(got["output"], "03:04:05.000000000: Warning " + std::string(want)) << text;
    // Nothing else has changed.
    nlohmann::json before = json_of(stored.alert.body);
    before.erase("output");
    got.erase("output");
    EXPECT_EQ(got, before);
  }
}

TEST(MessageTemplate, NoAlertStaysAsItIs) {
  store::StoredAlert alert;
  for (const std::string_view body : {"", "{", "{}\n", "text\n"}) {
    alert.body = body;
    EXPECT_EQ(with_template(alert, "%rule"), body);
  }
}

}  // namespace
}  // namespace tiercel::output
