#include "tiercel/audit/event.h"

#include <string>

#include <gtest/gtest.h>

#include "tiercel/audit/decode.h"
#include "tiercel/audit/event_key.h"

namespace tiercel::audit {
namespace {

std::int64_t time_of(const std::string& text) {
  std::int64_t nanoseconds = -1;
  return parse_time(text, nanoseconds) ? nanoseconds : -1;
}

TEST(ParseTime, ReadsRfc3339) {
  EXPECT_EQ(time_of("2020-01-02T03:04:06.123456Z"), 1577934246123456000);
  EXPECT_EQ(time_of("2020-01-02T03:04:06Z"), 1577934246000000000);
  EXPECT_EQ(time_of("2020-01-02T05:04:06.1+02:00"), 1577934246100000000);
  EXPECT_EQ(time_of("2020-01-01T22:04:06-05:00"), 1577934246000000000);
  EXPECT_EQ(time_of("2020-01-02T03:04:06.1234567899999Z"), 1577934246123456789);
  EXPECT_EQ(time_of("2024-02-29T00:00:00Z"), 1709164800000000000);
}

TEST(ParseTime, RefusesEverythingElse) {
  for (const char* text :
       {"", "2020-01-02", "2020-01-02T03:04:06", "2020-01-02t03:04:06Z", "2020-01-02T03:04:06z",
        "2020-13-02T03:04:06Z", "2020-02-30T03:04:06Z", "2023-02-29T00:00:00Z",
        "2020-01-02T24:04:06Z", "2020-01-02T03:60:06Z", "2020-01-02T03:04:60Z",
        "2020-01-02T03:04:06.Z", "2020-01-02T03:04:06.1", "2020-01-02T03:04:06+2:00",
        "2020-01-02T03:04:06Zx", "0001-01-01T00:00:00Z", "2o20-01-02T03:04:06Z"}) {
    EXPECT_EQ(time_of(text), -1) << text;
  }
}

struct Read {
  AuditEvent event;
  std::string bytes;
  Document document;
};

void read(Read& out, const std::string& text) {
  out.bytes = text + std::string(kPadding, ' ');
  ASSERT_EQ(out.document.parse(std::string_view(out.bytes).substr(0, text.size()), 64),
            ParseStatus::kOk);
  out.event.bind(Json(out.document, 0), 42);
}

TEST(AuditEvent, FindsItsMembersWhateverTheOrder) {
  Read read_event;
  read(read_event, R"({"x":{"verb":"no"},"verb":"get","\u0073tage":"S","verb":"second",)"
                   R"("stageTimestamp":"2020-01-02T03:04:06Z","annotations":{"a":"b"}})");
  base::Arena arena;
  EXPECT_EQ(read_event.event.member(Member::kVerb).text(arena), "get");
  EXPECT_EQ(read_event.event.member(Member::kStage).text(arena), "S");
  EXPECT_EQ(read_event.event.member(Member::kAnnotations).member("a").text(arena), "b");
  EXPECT_FALSE(read_event.event.member(Member::kUser).exists());
  EXPECT_FALSE(read_event.event.has_audit_id());
  EXPECT_EQ(read_event.event.time(), 1577934246000000000);
  EXPECT_FALSE(read_event.event.time_is_arrival());
}

TEST(AuditEvent, TakesTheTimeOfArrivalWhereItHasNone) {
  for (const char* text : {"{}", R"({"stageTimestamp":5})", R"({"stageTimestamp":"soon"})",
                           R"({"stageTimestamp":"0001-01-01T00:00:00Z"})"}) {
    Read read_event;
    read(read_event, text);
    EXPECT_TRUE(read_event.event.time_is_arrival()) << text;
    EXPECT_EQ(read_event.event.time(), 42) << text;
  }
}

EventKey key_of(const std::string& text) {
  Read read_event;
  read(read_event, text);
  base::Arena arena;
  return event_key(read_event.event, arena);
}

TEST(EventKey, NamesAnEventByWhatAClientCannotChooseToo) {
  const std::string base =
      R"({"auditID":"a","stage":"S","verb":"get","user":{"username":"u"},"sourceIPs":["1","2"],)"
      R"("responseStatus":{"code":200},"stageTimestamp":"2020-01-02T03:04:06Z"})";
  const auto changed = [&base](const std::string& from, const std::string& to) {
    std::string text = base;
    text.replace(text.find(from), from.size(), to);
    return key_of(text);
  };
  EXPECT_EQ(key_of(base), key_of(base));
  EXPECT_EQ(key_of(base), changed(R"(["1","2"])", R"(["9","2"])")) << "only the last address";
  EXPECT_EQ(key_of(base), changed("{\"auditID", "{\"x\":1,\"auditID"));
  for (const auto& [from, to] : {std::pair{"\"a\"", "\"b\""},
                                 {"\"S\"", "\"T\""},
                                 {"get", "put"},
                                 {"\"u\"", "\"v\""},
                                 {"\"2\"]", "\"3\"]"},
                                 {"200", "201"},
                                 {"06Z", "07Z"}}) {
    EXPECT_NE(key_of(base), changed(from, to)) << from;
  }
  EXPECT_NE(key_of("{}"), key_of(R"({"auditID":""})")) << "absent is not empty";
  EXPECT_NE(key_of(R"({"auditID":"ab","stage":"c"})"), key_of(R"({"auditID":"a","stage":"bc"})"));
}

}  // namespace
}  // namespace tiercel::audit
