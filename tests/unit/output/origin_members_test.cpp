// Every form of our own that an output gives an alert says where it comes from.
#include "origin_members.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "body_template.h"
#include "http_support.h"
#include "journal_entry.h"
#include "syslog_format.h"

namespace tiercel::output {
namespace {

using support::PeerRequest;

constexpr std::string_view kApiserver = "10.11.12.13";
constexpr std::string_view kRulesHash = "00112233445566778899aabbccddeeff";

support::AlertText text_with_all() {
  support::AlertText text;
  text.apiserver = kApiserver;
  text.rules_hash = kRulesHash;
  return text;
}
// The same in the order of the table: a further row needs a value here.
const std::array<std::string_view, kOriginMembers.size()> kValues{kApiserver, kRulesHash};

class HttpOrigin : public testing::TestWithParam<HttpKind> {
 protected:
  std::string said(const support::AlertText& text, const HttpKind::Options& more = {}) {
    support::PeerServer peer;
    peer.answer_with([](const PeerRequest& request) { return GetParam().takes(request); });
    HttpOutputUnderTest output(GetParam(), peer.url(""), more);
    support::AlertList list;
    add(list, text);
    const Delivery delivery = output.deliver(list);
    EXPECT_TRUE(is_taken(delivery)) << to_text(delivery);
    const PeerRequest request = peer.requests().back();
    EXPECT_EQ(support::joined(GetParam().check(request)), "");
    return request.body;
  }
};

TEST_P(HttpOrigin, IsInTheBody) {
  const std::string body = said(text_with_all());
  for (const std::string_view value : kValues) {
    EXPECT_NE(body.find(value), std::string::npos) << value << " is not in " << body;
  }
}

TEST_P(HttpOrigin, MayBeAbsent) {
  const std::string body = said({});
  for (const std::string_view value : kValues) {
    EXPECT_EQ(body.find(value), std::string::npos) << body;
  }
}

INSTANTIATE_TEST_SUITE_P(All, HttpOrigin,
                         testing::ValuesIn(http_kinds().begin(), http_kinds().end()),
                         [](const auto& one) { return one.param.label(); });

// Vendors' bodies name it as our JSON does, so that one search finds it everywhere.
TEST(OriginMembers, StandUnderTheirNameInReadyMadeBodies) {
  for (const ReadyBody& ready : ready_bodies()) {
    for (const OriginMember& member : kOriginMembers) {
      EXPECT_NE(ready.body.find("${" + std::string(member.name)), std::string::npos)
          << ready.kind << " " << member.name;
    }
  }
}

// What decides there what is one alert stays as it is.
TEST(OriginMembers, AreAnnotationsAndNoLabelsOfAlertmanager) {
  support::PeerServer peer;
  peer.answer_with(http_kind("alertmanager").takes);
  HttpOutputUnderTest output(http_kind("alertmanager"), peer.url(""));
  support::AlertList list;
  add(list, text_with_all());
  ASSERT_TRUE(is_taken(output.deliver(list)));
  const auto alert = nlohmann::json::parse(peer.requests().back().body).at(0);
  for (std::size_t at = 0; at < kValues.size(); ++at) {
    const std::string name(kOriginMembers[at].name);
    EXPECT_EQ(alert["annotations"][name], kValues[at]);
    EXPECT_FALSE(alert["labels"].contains(name));
  }
}

TEST(OriginMembers, CanBeLabelsOfLoki) {
  support::PeerServer peer;
  peer.answer_with(http_kind("loki").takes);
  HttpOutputUnderTest output(http_kind("loki"), peer.url(""), {{"extra_labels", "- apiserver\n"}});
  support::AlertList list;
  add(list, text_with_all());
  ASSERT_TRUE(is_taken(output.deliver(list)));
  const auto streams = nlohmann::json::parse(peer.requests().back().body)["streams"];
  EXPECT_EQ(streams[0]["stream"]["apiserver"], kApiserver);
}

TEST(OriginMembers, AreFieldsOfTheJournal) {
  const support::AlertText text = text_with_all();
  const std::string body = support::alert_body(text);
  const store::StoredAlert alert = stored(text, body);
  std::vector<std::string> entry;
  make_journal_entry({&alert, "the line\n"}, "watch", entry);
  for (const char* const want :
       {"MESSAGE=the line", "PRIORITY=4", "SYSLOG_IDENTIFIER=watch", "TIERCEL_RULE=A rule",
        "TIERCEL_APISERVER=10.11.12.13", "TIERCEL_RULES_HASH=00112233445566778899aabbccddeeff"}) {
    EXPECT_NE(std::find(entry.begin(), entry.end(), want), entry.end()) << want;
  }
  const support::AlertText bare;
  const std::string bare_body = support::alert_body(bare);
  const store::StoredAlert without = stored(bare, bare_body);
  make_journal_entry({&without, "x\n"}, "watch", entry);
  for (const std::string& field : entry) {
    EXPECT_FALSE(field.starts_with("TIERCEL_APISERVER") || field.starts_with("TIERCEL_RULES_"))
        << field;
  }
}

TEST(OriginMembers, AreInSyslogsStructureAndNotInItsLines) {
  const support::AlertText text = text_with_all();
  const std::string body = support::alert_body(text);
  const store::StoredAlert alert = stored(text, body);
  const auto formatted = [&](const SyslogFormat& format) {
    std::string out;
    append_syslog(out, {&alert, "the line\n"}, format);
    return out;
  };
  SyslogFormat format;
  std::string out = formatted(format);
  EXPECT_NE(out.find(" apiserver=\"10.11.12.13\" rules_hash=\"00112233445566778899aabbccddeeff\"]"),
            std::string::npos)
      << out;
  EXPECT_TRUE(out.ends_with("] the line")) << out;
  format.protocol = SyslogFormat::Protocol::kRfc3164;
  out = formatted(format);
  EXPECT_EQ(out.find(kApiserver), std::string::npos) << out;
  EXPECT_EQ(out.find(kRulesHash), std::string::npos) << out;
  format.cef = true;
  out = formatted(format);
  EXPECT_NE(out.find(" cs4Label=apiserver cs4=10.11.12.13 cs5Label=rules_hash "
                     "cs5=00112233445566778899aabbccddeeff "),
            std::string::npos)
      << out;
}

}  // namespace
}  // namespace tiercel::output
