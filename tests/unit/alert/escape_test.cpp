#include "escape.h"

#include <gtest/gtest.h>

#include "tiercel/base/json_text.h"

namespace tiercel::alert {
namespace {

// Every byte at every place of texts around the eight bytes looked at together.
TEST(Escape, EqualsTheEscapingOfBase) {
  base::Arena arena;
  for (std::size_t length = 1; length <= 17; ++length) {
    for (std::size_t place = 0; place < length; ++place) {
      for (int byte = 0; byte < 256; ++byte) {
        std::string text(length, 'a');
        text[place] = static_cast<char>(byte);
        std::string want = "\"\n";
        base::append_json_escaped(want, text);
        std::string got = "\"\n" + text;
        escape_from(got, 2, arena);
        ASSERT_EQ(got, want) << length << ' ' << place << ' ' << byte;
        arena.reset();
      }
    }
  }
}

TEST(Escape, NothingToEscape) {
  base::Arena arena;
  std::string out = "\n";
  escape_from(out, 1, arena);
  EXPECT_EQ(out, "\n");
}

TEST(AppendClean, ReplacesWhatCannotBePrinted) {
  const std::pair<std::string_view, std::string_view> rows[] = {
      {"", ""},
      {"plain é €  text", "plain é €  text"},
      {"a\tb\x7F", "a\uFFFDb\uFFFD"},
      {"\xC2\x80\xC2\x9F\xC2\xA0", "\uFFFD\uFFFD\xC2\xA0"},  // C1
      {"\xEF\xB7\x8F\xEF\xB7\x90\xEF\xB7\xAF\xEF\xB7\xB0",   // around U+FDD0..FDEF
       "\xEF\xB7\x8F\uFFFD\uFFFD\xEF\xB7\xB0"},
      {"\xEF\xBF\xBE\xEF\xBF\xBF\xEF\xBF\xBD", "\uFFFD\uFFFD\uFFFD"},  // U+FFFE, U+FFFF
      {"\xF4\x8F\xBF\xBF\xF0\x9F\x98\x80", "\uFFFD\xF0\x9F\x98\x80"},  // U+10FFFF, a face
      {"\xE2\x82|\xC3\xC3", "\uFFFD|\uFFFD\uFFFD"},
  };
  for (const auto& [text, want] : rows) {
    std::string out = "x";
    append_clean(out, text);
    EXPECT_EQ(out, "x" + std::string(want));
  }
}

}  // namespace
}  // namespace tiercel::alert
