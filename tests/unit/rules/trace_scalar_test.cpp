#include "trace_scalar.h"

#include <gtest/gtest.h>

#include "read_documents.h"

namespace tiercel::rules {
namespace {

struct Case {
  const char* name;
  const char* yaml;  ///< a sequence whose first item is the scalar
  const char* value;
  /// The file's byte for each byte of the value: the same where YAML changed nothing.
  const char* shadow;
};

class TraceScalar : public ::testing::TestWithParam<Case> {};

TEST_P(TraceScalar, FindsTheFilesByteForEachOfTheValue) {
  SourceFiles files;
  Reporter reporter(files);
  const std::uint32_t file = files.add("f", GetParam().yaml);
  const Documents documents = read_documents(files, file, reporter);
  ASSERT_EQ(documents.items.size(), 1U);
  ASSERT_EQ(documents.items[0]->text, GetParam().value);
  const TracedText traced = trace_scalar(files, *documents.items[0]);
  EXPECT_EQ(traced.text(), GetParam().value);
  std::string shadow;
  for (std::size_t at = 0; at < traced.size(); ++at) {
    const char c = files.content(file)[traced.spot(at).origin.offset];
    shadow += c == '\n' ? '$' : c;
  }
  EXPECT_EQ(shadow, GetParam().shadow);
}

INSTANTIATE_TEST_SUITE_P(
    Styles, TraceScalar,
    ::testing::Values(
        Case{"plain", "- a = b c\n", "a = b c", "a = b c"},
        Case{"plain_folded", "- a = b\n    and c\n", "a = b and c", "a = b$and c"},
        Case{"plain_blank_line", "- a\n\n  b\n", "a\nb", "a$b"},
        Case{"plain_crlf", "- a\r\n  b\r\n", "a b", "a\rb"},
        Case{"single", "- 'a b'\n", "a b", "a b"},
        Case{"single_doubled", "- 'a ''b'' c'\n", "a 'b' c", "a 'b' c"},
        Case{"single_folded", "- 'a\n   b'\n", "a b", "a$b"},
        Case{"double", "- \"a b\"\n", "a b", "a b"},
        Case{"double_escapes", "- \"a \\\"b\\\" \\t c\"\n", "a \"b\" \t c", "a \\b\\ \\ c"},
        Case{"double_unicode", "- \"\\u00e4 \\x41b\"\n", "\xC3\xA4 Ab", "\\\\ \\b"},
        Case{"double_folded", "- \"a\n   b\"\n", "a b", "a$b"},
        Case{"double_escaped_break", "- \"a \\\n   b\"\n", "a b", "a b"},
        Case{"literal", "- |\n  a\n  b c\n", "a\nb c\n", "a$b c$"},
        Case{"literal_indented", "- |\n  a\n    b\n", "a\n  b\n", "a$$$b$"},
        Case{"literal_strip", "- |-\n  a\n  b\n", "a\nb", "a$b"},
        Case{"literal_comment", "- | # note\n  a\n", "a\n", "a$"},
        Case{"folded", "- >\n  a and\n  b or\n  c\n", "a and b or c\n", "a and$b or$c$"},
        Case{"folded_blank_line", "- >\n  a\n\n  b\n", "a\nb\n", "a$b$"},
        Case{"folded_crlf", "- >\r\n  a\r\n  b\r\n", "a b\n", "a\rb\r"},
        Case{"anchor", "- &x 'a b'\n", "a b", "a b"}, Case{"tag", "- !!str a b\n", "a b", "a b"},
        Case{"empty", "- ''\n", "", ""}),
    [](const auto& given) { return std::string(given.param.name); });

}  // namespace
}  // namespace tiercel::rules
