#include "tiercel/audit/item_splitter.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace tiercel::audit {
namespace {

class Recorder final : public ItemSplitter::Sink {
 public:
  void on_item(std::string_view item, bool from_list) override {
    text += (from_list ? "<" : "(") + std::string(item) + (from_list ? ">" : ")");
  }
  void on_oversize(std::string_view head, std::uint64_t size) override {
    text += "!" + std::to_string(size) + ":" + std::string(head.substr(0, 8));
  }
  std::string text;
};

// What a body is cut into when it is fed in pieces of this size.
std::string split(std::string_view body, std::size_t piece, std::uint64_t max_item = 1U << 20U) {
  Recorder recorder;
  ItemSplitter splitter(recorder, max_item);
  for (std::size_t at = 0; at < body.size(); at += piece) {
    splitter.feed(body.substr(at, piece));
  }
  if (splitter.finish() == ItemSplitter::Status::kBroken) {
    recorder.text += "#" + std::string(splitter.problem());
  }
  return recorder.text;
}

struct Case {
  const char* body;
  const char* want;
};

TEST(ItemSplitter, CutsEveryFormOfABodyHoweverItArrives) {
  const Case cases[] = {
      {R"({"kind":"EventList","items":[{"a":1},{"b":"]}"}],"x":[{}]})", R"(<{"a":1}><{"b":"]}"}>)"},
      {R"( { "items" : [ {"a":[1,2]} , {"b":{}} ] } )", R"(<{"a":[1,2]}><{"b":{}}>)"},
      {R"({"metadata":{"items":[{"no":1}]},"items":[{"a":1}]})", R"(<{"a":1}>)"},
      {R"({"x":"items","items":[]})", ""},
      {R"([{"a":1},{"b":2}])", R"(({"a":1})({"b":2}))"},
      {R"({"kind":"Event","items":5})", R"(({"kind":"Event","items":5}))"},
      {R"({"a":"\\","b":"\"","items":[{"c":"\\\"}"}]})", R"(<{"c":"\\\"}"}>)"},
      {R"([1,"two",null,[3]])", R"((1)("two")(null)([3]))"},
      {"", "#not_json"},
      {"nope", "#not_json"},
      {R"({"items":[{"a":1},{"b")", R"(<{"a":1}>#truncated)"},
      {R"([{"a":1}] x)", R"(({"a":1})#trailing_garbage)"},
  };
  for (const Case& one : cases) {
    const std::string_view body = one.body;
    for (std::size_t piece = 1; piece <= body.size() + 1; ++piece) {
      ASSERT_EQ(split(body, piece), one.want) << body << " in pieces of " << piece;
    }
  }
}

// Strings are searched several bytes at a time: ends and escapes at every place of such a step,
// behind bytes that differ from a quote or a backslash in one bit.
TEST(ItemSplitter, FindsTheEndOfAStringOfAnyLength) {
  const std::string near{'!', '#', ']', '[', '}', '{', '\xa2', '\xdc', '\x02'};
  for (std::size_t length = 0; length < 40; ++length) {
    std::string text;
    for (std::size_t at = 0; at < length; ++at) {
      text += near[(at * 7 + length) % near.size()];
    }
    for (const char* const end : {"", "\\\"", "\\\\", "\\\\\\\"", "\\\"]}", "\\u0022\\"}) {
      const std::string closed =
          std::string(end) + (std::string_view(end).ends_with("2\\") ? "n" : "");
      const std::string item =
          "{\"" + text + "\":[\"" + text + closed + "\",\"" + closed + text + "\"]}";
      const std::string body = "[" + item + "," + item + "]";
      const std::string want = "(" + item + ")(" + item + ")";
      for (const std::size_t piece : {1U, 3U, 8U, 13U, 1000U}) {
        ASSERT_EQ(split(body, piece), want) << body << " in pieces of " << piece;
      }
    }
  }
}

TEST(ItemSplitter, SkipsAndReportsWhatIsTooLong) {
  const std::string large = R"({"x":")" + std::string(500, 'y') + "\"}";
  const std::string body = R"({"items":[{"a":1},)" + large + R"(,{"b":2}]})";
  const std::string want = R"(<{"a":1}>!)" + std::to_string(large.size()) + R"(:{"x":"yy<{"b":2}>)";
  for (const std::size_t piece : {1U, 7U, 100U, 10'000U}) {
    EXPECT_EQ(split(body, piece, 100), want) << piece;
  }
}

TEST(ItemSplitter, LetsRubbishInsideAnItemAlone) {
  const std::string body = "{\"items\":[{\"a\":tru},{\"b\" 1},{\"c\":\"\x01\"},{\"d\":\"\\q\"}]}";
  EXPECT_EQ(split(body, 3), "<{\"a\":tru}><{\"b\" 1}><{\"c\":\"\x01\"}><{\"d\":\"\\q\"}>");
}

}  // namespace
}  // namespace tiercel::audit
