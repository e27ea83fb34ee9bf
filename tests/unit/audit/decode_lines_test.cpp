// Lines are indexed many at once: whatever stands in them, each must give what it gives alone.
#include <algorithm>
#include <array>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tiercel/audit/decode.h"

namespace tiercel::audit {
namespace {

// Everything a sink is told, as text.
class Transcript final : public EventSink {
 public:
  void on_event(AuditEvent& event) override {
    text += "event " + std::string(event.root().raw()) + " " +
            std::to_string(event.root().document().depth()) + "\n";
  }
  void on_bad(const BadInput& bad) override {
    text += "bad " + std::to_string(line == 0 ? bad.line : line) + " " + std::string(bad.code) +
            (bad.whole ? " whole " : " ") + std::to_string(bad.item) + " " + bad.message + " " +
            std::string(bad.bytes) + "\n";
  }
  std::string text;
  std::uint64_t line = 0;  // where the decoder knows none
};

std::string counts_of(const DecodeCounts& counts) {
  return std::to_string(counts.events) + " " + std::to_string(counts.bad_items) + " " +
         std::to_string(counts.repaired_items) + " " + std::to_string(counts.without_time) + " " +
         std::to_string(counts.lines) + (counts.whole_bad ? " bad" : "");
}

void decode(BatchDecoder& decoder, std::string_view bytes, BatchForm form, Transcript& transcript,
            DecodeCounts& counts) {
  // What stands behind the bytes must not matter.
  const std::string padded = std::string(bytes) + std::string(kPadding, '"');
  counts += decoder.decode(std::string_view(padded).substr(0, bytes.size()), form, 7, transcript);
}

std::string decode_lines(BatchDecoder& decoder, std::string_view bytes) {
  Transcript transcript;
  DecodeCounts counts;
  decode(decoder, bytes, BatchForm::kLines, transcript, counts);
  return transcript.text + counts_of(counts);
}

// The twin: each line a body of its own, without the blanks and zeros around it.
std::string decode_each(BatchDecoder& decoder, std::string_view bytes) {
  constexpr std::string_view kBlank{" \t\r\0", 4};
  Transcript transcript;
  DecodeCounts counts;
  while (!bytes.empty()) {
    const std::size_t end = std::min(bytes.find('\n'), bytes.size());
    std::string_view line = bytes.substr(0, end);
    bytes.remove_prefix(std::min(end + 1, bytes.size()));
    counts.lines = ++transcript.line;
    line.remove_prefix(std::min(line.find_first_not_of(kBlank), line.size()));
    line = line.substr(0, line.find_last_not_of(kBlank) + 1);
    if (!line.empty()) {
      decode(decoder, line, BatchForm::kBody, transcript, counts);
    }
  }
  return transcript.text + counts_of(counts);
}

class Writer {
 public:
  explicit Writer(unsigned seed) : random_(seed) {}

  /// `damage`: of a hundred lines so many are not sound.
  std::string lines(std::size_t count, std::size_t damage) {
    std::string text;
    for (std::size_t at = 0; at < count; ++at) {
      text += below(100) < damage ? damaged(line()) : line();
      text += below(5) == 0 ? "\r\n" : "\n";
    }
    if (below(3) == 0) {
      text.pop_back();
    }
    return text;
  }
  std::size_t below(std::size_t bound) {
    return std::uniform_int_distribution<std::size_t>(0, bound - 1)(random_);
  }

 private:
  template <std::size_t N>
  std::string pick(const std::array<std::string, N>& of) {
    return of[below(N)];
  }

  std::string event() {
    static const std::array<std::string, 8> kExtra{
        "",
        R"(,"stageTimestamp":"2026-01-02T03:04:05Z")",
        R"(,"requestObject":{"a":[1,{"b":{}},"\\"],"c":"\"},{"})",
        R"(,"x":"a\\\\")",
        R"(,"x": -1.5e3 )",
        R"(,"kind":"Pod")",
        R"(,"deep":[[[[[[[[[[1]]]]]]]]]])",
        ",\"x\":\"\xff\xfe\""};
    const std::string kind = below(8) == 0 ? "" : R"("kind":"Event",)";
    return "{" + kind + R"("auditID":")" + std::to_string(number_++) + '"' + pick(kExtra) +
           (below(40) == 0 ? R"(,"long":")" + std::string(3000, 'x') + '"' : "") + "}";
  }
  std::string line() {
    switch (below(10)) {
      case 0:
        return R"({"kind":"EventList","items":[)" + event() + "," + event() + "]}";
      case 1:
        return "[" + event() + ", " + event() + "]";
      default:
        return event();
    }
  }
  std::string damaged(std::string text) {
    static const std::array<std::string, 24> kWhole{"",
                                                    " \t ",
                                                    std::string(9, '\0'),
                                                    "5",
                                                    "\"text\"",
                                                    "null",
                                                    "[",
                                                    "]",
                                                    "{",
                                                    "}",
                                                    "\"",
                                                    "\\",
                                                    "{}{}",
                                                    "[1,",
                                                    "{\"a\":",
                                                    "{\"a\":1,",
                                                    ",",
                                                    ":",
                                                    "\xEF\xBB\xBF{}",
                                                    "{}",
                                                    "[]",
                                                    "\v",
                                                    "{}\f",
                                                    "tru"};
    static const std::array<std::string, 13> kBytes{
        "\"", "\\", "{", "}", "[", "]", ",", ":", "\x01", std::string(1, '\0'), "\n", "\r", "x"};
    const std::size_t at = below(text.size());
    switch (below(10)) {
      case 0:
        return pick(kWhole);
      case 1:
        return text.substr(0, at);
      case 2:
        return text.substr(at);
      case 3:
        return text.insert(at, pick(kBytes));
      case 4:
        return text.replace(at, 1, pick(kBytes));
      case 5:
        return text.erase(at, 1 + below(4));
      case 6:
        return text + pick(kBytes) + line();
      case 8:  // between two tokens
        return text.insert(std::min(text.find(",\"", at), text.size() - 2) + 1, "\n");
      case 7:
        return std::string(3, '\0') + text + std::string(below(3), '\0');
      default:
        return "\xEF\xBB\xBF" + text;
    }
  }

  std::mt19937 random_;
  std::uint64_t number_ = 0;
};

TEST(DecodeLines, GiveWhatEachGivesAlone) {
  constexpr std::array<DecodeLimits, 2> kLimits{DecodeLimits{}, DecodeLimits{8, 120}};
  for (unsigned seed = 0; seed < 1500; ++seed) {
    Writer writer(seed);
    const std::string text = writer.lines(1 + writer.below(40), seed % 4 * 10);
    for (const DecodeLimits& limits : kLimits) {
      BatchDecoder decoder(limits);
      ASSERT_EQ(decode_lines(decoder, text), decode_each(decoder, text)) << "seed " << seed << ":\n"
                                                                         << text;
    }
  }
}

// Borders of blocks, lines longer than one, and a damaged line in one of many blocks.
TEST(DecodeLines, GiveWhatEachGivesAloneOverManyBlocks) {
  const std::string longest =
      R"({"kind":"Event","auditID":"l","x":")" + std::string(700'000, 'x') + "\"}\n";
  for (unsigned seed = 0; seed < 12; ++seed) {
    Writer writer(seed);
    std::string text = writer.lines(6000, seed % 3);
    text = text.substr(0, text.rfind('\n') + 1) + longest;
    text += (seed % 2 == 0 ? longest : longest.substr(0, longest.size() / 2) + "\n");
    text += writer.lines(2000, seed % 2);
    BatchDecoder decoder;
    const std::string got = decode_lines(decoder, text);
    ASSERT_TRUE(got == decode_each(decoder, text)) << "seed " << seed;
    EXPECT_GT(std::count(got.begin(), got.end(), '\n'), 7000);
  }
}

TEST(DecodeLines, GiveWhatEachGivesAloneWhereNothingThatOpensCloses) {
  std::string text;
  for (int number = 0; number < 40'000; ++number) {
    text += number % 100 == 0 ? "[0,\n" : "0,\n";
  }
  BatchDecoder decoder;
  EXPECT_TRUE(decode_lines(decoder, text) == decode_each(decoder, text));
}

}  // namespace
}  // namespace tiercel::audit
