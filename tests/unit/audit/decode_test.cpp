#include "tiercel/audit/decode.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace tiercel::audit {
namespace {

class Recorder final : public EventSink {
 public:
  void on_event(AuditEvent& event) override {
    base::Arena arena;
    const Json id = event.member(Member::kAuditId);
    events.push_back(id.exists() ? std::string(id.text(arena)) : "-");
  }
  void on_bad(const BadInput& bad) override {
    bads.push_back(std::string(bad.code) + (bad.whole ? " whole" : " " + std::to_string(bad.item)));
    bytes.emplace_back(bad.bytes);
  }
  std::vector<std::string> events;
  std::vector<std::string> bads;
  std::vector<std::string> bytes;
};

std::string decode(const std::string& body, BatchForm form = BatchForm::kBody,
                   DecodeLimits limits = {}) {
  BatchDecoder decoder(limits);
  Recorder recorder;
  std::string padded = body + std::string(kPadding, 'x');
  decoder.decode(std::string_view(padded).substr(0, body.size()), form, 7, recorder);
  std::string text;
  for (const std::string& id : recorder.events) {
    text += id + " ";
  }
  for (const std::string& bad : recorder.bads) {
    text += "| " + bad + " ";
  }
  if (!text.empty()) {
    text.pop_back();
  }
  return text;
}

std::string list(const std::string& items) {
  return R"({"kind":"EventList","apiVersion":"audit.k8s.io/v1","metadata":{},"items":[)" + items +
         "]}\n";
}

TEST(Decode, TakesTheThreeFormsOfABody) {
  EXPECT_EQ(decode(list(R"({"auditID":"a"},{"auditID":"b"})")), "a b");
  EXPECT_EQ(decode(R"({"kind":"Event","auditID":"a"})"), "a");
  EXPECT_EQ(decode(R"([{"kind":"Event","auditID":"a"},{"kind":"Event","auditID":"b"}])"), "a b");
  EXPECT_EQ(decode(R"( { "items" : [ { "auditID" : "a" } ] , "kind" : "EventList" } )"), "a");
  EXPECT_EQ(decode(R"([{"auditID":"a"}])", BatchForm::kItems), "a");
  EXPECT_EQ(decode(list("")), "");
}

// Whatever stands in a line, its neighbours are what they are without it.
TEST(Decode, TakesLinesEachAsABodyOfItsOwn) {
  const std::string a = R"({"kind":"Event","auditID":"a"})";
  const std::string b = R"({"kind":"Event","auditID":"b"})";
  const auto between = [&](const std::string& line) {
    return decode(a + "\n" + line + "\n" + b, BatchForm::kLines);
  };
  EXPECT_EQ(between(""), "a b");
  EXPECT_EQ(between(" \t\r"), "a b");
  EXPECT_EQ(between(std::string(100, '\0')), "a b");
  EXPECT_EQ(between(std::string(3, '\0') + R"({"kind":"Event","auditID":"c"})" + "\r"), "a c b");
  EXPECT_EQ(between(R"([{"kind":"Event","auditID":"c"},{"kind":"Event","auditID":"d"}])"),
            "a c d b");
  EXPECT_EQ(between(R"({"kind":"EventList","items":[{"auditID":"c"},1,{"auditID":"d"}]})"),
            "a c d b | wrong_kind 1");
  for (const char* const bad :
       {"no JSON", "{\"auditID\":\"", "{", "}", "[", "]", "\"", "\\", R"({"kind":"Event","x":[)"}) {
    const std::string text = between(bad);
    EXPECT_EQ(text.substr(0, 4), "a b ") << bad << ": " << text;
    EXPECT_EQ(text.substr(text.size() - 6), " whole") << bad << ": " << text;
  }
  EXPECT_EQ(between("{}}"), "a b | wrong_kind 0");
  EXPECT_EQ(between(R"({"kind":"Event","auditID":"c"},{"x":[)"), "a c b | trailing_garbage 1");
  // What two lines would be together is no event.
  EXPECT_EQ(decode("{\"kind\":\"Event\",\"auditID\":\"\n\"}\n" + b, BatchForm::kLines),
            "b | truncated whole | not_json whole");
  EXPECT_EQ(decode("", BatchForm::kLines), "");
}

// The counts of all lines, and of each what a body of its own would give.
TEST(Decode, CountsOverAllLines) {
  BatchDecoder decoder;
  Recorder recorder;
  const std::string body = list(R"({"auditID":"a","stageTimestamp":"2026-01-02T03:04:05Z"},1)") +
                           "nonsense\n" + R"({"kind":"Event","auditID":"b\u0000"})" + "\n[1,2]\n";
  const std::string padded = body + std::string(kPadding, 'x');
  const DecodeCounts counts = decoder.decode(std::string_view(padded).substr(0, body.size()),
                                             BatchForm::kLines, 7, recorder);
  EXPECT_EQ(counts.events, 2U);
  EXPECT_EQ(counts.without_time, 1U);
  EXPECT_EQ(counts.bad_items, 3U);
  EXPECT_TRUE(counts.whole_bad);
}

TEST(Decode, RefusesWhatIsNoAuditBody) {
  for (const char* body : {R"({"kind":"EventList"})", R"({"kind":"EventList","items":null})",
                           R"({"kind":"EventList","items":{}})", R"({"kind":"Pod"})", "{}", "5",
                           R"("Event")", R"({"kind":5})"}) {
    EXPECT_EQ(decode(body), "| not_audit_list whole") << body;
  }
  for (const char* body : {"", "  \n", "nonsense", "\xEF\xBB\xBF{}", "\x1f\x8b\x08"}) {
    EXPECT_EQ(decode(body), "| not_json whole") << body;
  }
  EXPECT_EQ(decode("{} {}"), "| wrong_kind 0 | trailing_garbage 1");
  EXPECT_EQ(decode(list(R"({"auditID":"a"})") + "x"), "a | trailing_garbage 1")
      << "what was whole is evaluated, what follows it is set aside";
}

TEST(Decode, OneWrongElementOfAnArrayCostsOnlyItself) {
  EXPECT_EQ(
      decode(R"([{"kind":"Event","auditID":"a"},{"kind":"Pod"},{"kind":"Event","auditID":"b"}])"),
      "a b | wrong_kind 1");
  EXPECT_EQ(decode(list(R"({"auditID":"a"},5,null,"x",[],{"kind":"Event","auditID":"b"})")),
            "a b | wrong_kind 1 | wrong_kind 2 | wrong_kind 3 | wrong_kind 4");
}

struct Poison {
  const char* name;
  const char* item;
  /// What the poisoned item itself gives: its id, or the code of its report.
  const char* outcome;
};

const Poison kPoisons[] = {
    {"lone surrogate", R"({"auditID":"P","x":"\ud800"})", "P"},
    {"huge exponent", R"({"auditID":"P","x":1e999})", "P"},
    {"30 digits", R"({"auditID":"P","x":123456789012345678901234567890})", "P"},
    {"NaN", R"({"auditID":"P","x":NaN})", "P"},
    {"unknown escape", R"({"auditID":"P","x":"\q"})", "P"},
    {"control character", "{\"auditID\":\"P\",\"x\":\"a\x01 b\"}", "P"},
    {"newline in a string", "{\"auditID\":\"P\",\"x\":\"a\nb\"}", "P"},
    {"NUL byte in a string", R"({"auditID":"P","x":"NUL"})", "P"},
    {"invalid UTF-8", "{\"auditID\":\"P\",\"x\":\"\xff\xfe\"}", "P"},
    {"duplicate keys", R"({"auditID":"P","auditID":"Q"})", "P"},
    {"cut word", R"({"auditID":"P","a":tru})", "not_json"},
    {"missing colon", R"({"auditID":"P","a" 1})", "not_json"},
    {"trailing comma", R"({"auditID":"P","a":1,})", "not_json"},
    {"missing comma", R"({"auditID":"P" "a":1})", "not_json"},
    {"crossed brackets", R"({"auditID":"P","a":[1,{"b":2]}})", "not_json"},
    {"number for an item", "17", "wrong_kind"},
    {"null for an item", "null", "wrong_kind"},
    {"wrong kind", R"({"kind":"Pod","auditID":"P"})", "wrong_kind"},
    {"unclosed string", R"({"level":"x","auditID":"P})", "not_json|truncated"},
    {"unclosed object", R"({"level":"x","auditID":"P","a":{)", "not_json"},
};

TEST(Decode, APoisonedItemCostsNoOther) {
  for (const Poison& poison : kPoisons) {
    std::string item = poison.item;
    if (const auto nul = item.find("NUL"); nul != std::string::npos) {
      item.replace(nul, 3, std::string(1, '\0'));
    }
    for (const std::size_t place : {0U, 200U, 399U}) {
      std::string items;
      std::size_t expected = 0;
      for (std::size_t at = 0; at < 400; ++at) {
        items += at == 0 ? "" : ",";
        items +=
            at == place ? item : R"({"level":"Metadata","auditID":"e)" + std::to_string(at) + "\"}";
        expected += at == place ? 0U : 1U;
      }
      BatchDecoder decoder;
      Recorder recorder;
      const std::string body = list(items);
      const std::string padded = body + std::string(kPadding, '"');
      decoder.decode(std::string_view(padded).substr(0, body.size()), BatchForm::kBody, 0,
                     recorder);
      const bool taken = std::string(poison.outcome) == "P";
      std::vector<std::string> want;
      for (std::size_t at = 0; at < 400; ++at) {
        if (at != place || taken) {
          want.push_back(at == place ? "P" : "e" + std::to_string(at));
        }
      }
      EXPECT_EQ(recorder.events, want) << poison.name << " at " << place;
      EXPECT_EQ(recorder.bads.size(), taken ? 0U : 1U) << poison.name << " at " << place;
      if (!taken && !recorder.bads.empty()) {
        const std::string code = recorder.bads[0].substr(0, recorder.bads[0].find(' '));
        EXPECT_NE(std::string(poison.outcome).find(code), std::string::npos)
            << poison.name << " at " << place << ": " << recorder.bads[0];
      }
    }
  }
}

// What a client nests into its object must not come out as an event of its own, whatever is
// wrong with the event around it.
TEST(Decode, ANestedObjectIsNeverAnEvent) {
  const std::string forged =
      R"({"level":"Metadata","auditID":"forged","stage":"ResponseComplete"})";
  const std::string of_kind = R"({"kind":"Event","auditID":"forged"})";
  const std::string deep = std::string(600, '[') + std::string(600, ']');
  for (const std::string& nested : {forged, of_kind}) {
    const std::vector<std::string> bad{
        R"({"auditID":"x","requestObject":{"a":[1,)" + nested + R"(],"deep":)" + deep + "}}",
        R"({"auditID":"x","requestObject":{"deep":)" + deep + R"(,"a":[1,)" + nested + "]}}",
        R"({"auditID":"x","requestObject":{"a":[1,)" + nested + R"(],"b" 1}})",
        R"({"auditID":"x","requestObject":{"b" 1,"a":[1,)" + nested + "]}}",
        R"({"auditID":"x","a":tru,"b":[1,)" + nested + "]}",
        R"({"auditID":"x","a":"text \",{\"level\":\"M\"}","b" 1,"c":[1,)" + nested + "]}",
    };
    for (const std::string& item : bad) {
      const std::string said = decode(list(R"({"auditID":"a"},)" + item + R"(,{"auditID":"b"})"));
      EXPECT_TRUE(said.starts_with("a b | ")) << said << " " << item.substr(0, 80);
      EXPECT_EQ(said.find("forged"), std::string::npos) << said << " " << item.substr(0, 80);
      // The same at the end, and cut off there.
      const std::string cut = R"({"kind":"EventList","items":[{"auditID":"a"},)" + item;
      EXPECT_EQ(decode(cut).find("forged"), std::string::npos) << item.substr(0, 80);
      EXPECT_EQ(decode(cut.substr(0, cut.size() - 1)).find("forged"), std::string::npos);
    }
  }
}

TEST(Decode, ReportsAndMeasuresAnItemAsItWasReceived) {
  const std::string item = "{\"kind\":\"Pod\x01\",\"x\":\"" + std::string(20, '\x02') + "\"}";
  const std::string body = list(item + R"(,{"auditID":"b)" + std::string(20, '\x03') + "\"}");
  const std::string padded = body + std::string(kPadding, ' ');
  BatchDecoder decoder({.max_depth = 8, .max_event = 60});
  Recorder recorder;
  decoder.decode(std::string_view(padded).substr(0, body.size()), BatchForm::kBody, 7, recorder);
  EXPECT_EQ(recorder.bads, std::vector<std::string>{"wrong_kind 0"});
  EXPECT_EQ(recorder.bytes, std::vector<std::string>{item}) << "not the repaired text";
  EXPECT_EQ(recorder.events.size(), 1U) << "repairing lengthens it, which counts for nothing";
}

TEST(Decode, DepthIsLimitedPerItem) {
  const auto nested = [](std::size_t depth) {
    return R"({"auditID":"P","x":)" + std::string(depth - 1, '[') + std::string(depth - 1, ']') +
           "}";
  };
  EXPECT_EQ(decode(list(R"({"auditID":"a"},)" + nested(512) + R"(,{"auditID":"b"})")), "a P b");
  EXPECT_EQ(decode(list(R"({"auditID":"a"},)" + nested(513) + R"(,{"auditID":"b"})")),
            "a b | too_deep 1");
  const std::string event = nested(513);
  EXPECT_NE(decode("{\"kind\":\"Event\"," + event.substr(1)).find("too_deep"), std::string::npos);
  EXPECT_EQ(decode("{\"kind\":\"Event\"," + nested(512).substr(1)), "P");
  EXPECT_EQ(decode(list(nested(100'000) + R"(,{"auditID":"b"})")), "b | too_deep 0");
}

TEST(Decode, AnItemOverTheLimitIsSetAside) {
  DecodeLimits limits;
  limits.max_event = 1000;
  const std::string large = R"({"auditID":"L","x":")" + std::string(2000, 'x') + "\"}";
  EXPECT_EQ(
      decode(list(R"({"auditID":"a"},)" + large + R"(,{"auditID":"b"})"), BatchForm::kBody, limits),
      "a b | too_large 1");
}

TEST(Decode, ATruncatedBodyGivesWhatWasWhole) {
  const std::string body = list(R"({"auditID":"a"},{"auditID":"b"},{"auditID":"c"})");
  EXPECT_EQ(decode(body.substr(0, body.find(R"("c")"))), "a b | truncated 2");
  EXPECT_NE(decode(body.substr(0, 30)).find("whole"), std::string::npos);
}

TEST(Decode, KeepsNoMoreMemoryThanItWasTold) {
  BatchDecoder decoder;
  Recorder recorder;
  std::string items;
  for (int at = 0; at < 50'000; ++at) {
    items += R"({"auditID":"x"},)";
  }
  const std::string body = list(items + R"({"auditID":"y"})");
  const std::string padded = body + std::string(kPadding, ' ');
  decoder.decode(std::string_view(padded).substr(0, body.size()), BatchForm::kBody, 0, recorder);
  EXPECT_EQ(recorder.events.size(), 50'001U);
  EXPECT_GT(decoder.memory(), std::size_t{100'000});
  decoder.shrink();
  EXPECT_LT(decoder.memory(), std::size_t{100'000});
  decoder.decode(std::string_view(padded).substr(0, body.size()), BatchForm::kBody, 0, recorder);
  EXPECT_EQ(recorder.events.size(), 100'002U);
}

}  // namespace
}  // namespace tiercel::audit
