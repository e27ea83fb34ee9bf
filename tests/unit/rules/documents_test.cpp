#include <gtest/gtest.h>

#include "read_documents.h"
#include "rules_support.h"

namespace tiercel::rules {
namespace {

// NOLINTNEXTLINE(misc-no-recursion): a few levels.
std::string print(const Node& node) {
  std::string out;
  switch (node.kind) {
    case Node::Kind::kNull:
      return "null";
    case Node::Kind::kScalar:
      return "'" + node.text + "'";
    case Node::Kind::kSequence:
      for (const NodePtr& item : node.items) {
        out += (out.empty() ? "" : " ") + print(*item);
      }
      return "[" + out + "]";
    case Node::Kind::kMap:
      for (const Member& member : node.members) {
        out += (out.empty() ? "" : " ") + member.key + ":" + print(*member.value);
      }
      return "{" + out + "}";
  }
  return out;
}

struct Case {
  const char* name;
  std::string yaml;
  const char* items;
  const char* report;
};

class ReadDocuments : public ::testing::TestWithParam<Case> {};

TEST_P(ReadDocuments, GivesItemsAndMistakes) {
  SourceFiles files;
  Reporter reporter(files);
  base::Diagnostics diagnostics;
  reporter.send_to(&diagnostics);
  const std::uint32_t file = files.add("f", GetParam().yaml);
  const Documents documents = read_documents(files, file, reporter);
  std::string items;
  for (const NodePtr& item : documents.items) {
    items += (items.empty() ? "" : " ") + print(*item);
  }
  EXPECT_EQ(items, GetParam().items);
  std::string report;
  for (const base::Diagnostic& diagnostic : diagnostics.list()) {
    report += diagnostic.code + "@" + std::to_string(diagnostic.location.line) + ":" +
              std::to_string(diagnostic.location.column);
  }
  EXPECT_EQ(report, GetParam().report);
  EXPECT_EQ(documents.complete, report.empty());
}

std::string nested(int levels) {
  return "- " + std::string(static_cast<std::size_t>(levels), '[') +
         std::string(static_cast<std::size_t>(levels), ']') + "\n";
}

// Each line repeats the one before ten times.
std::string bomb() {
  std::string yaml = "- &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int level = 1; level < 8; ++level) {
    const std::string before = "*a" + std::to_string(level - 1);
    yaml += "- &a" + std::to_string(level) + " [" + before;
    for (int n = 1; n < 10; ++n) {
      yaml += ", " + before;
    }
    yaml += "]\n";
  }
  return yaml;
}

INSTANTIATE_TEST_SUITE_P(
    Shapes, ReadDocuments,
    ::testing::Values(Case{"nothing", "", "", ""}, Case{"comment", "# a\n", "", ""},
                      Case{"empty_document", "---\n---\n- a\n", "'a'", ""},
                      Case{"two_documents", "- a\n---\n- b\n", "'a' 'b'", ""},
                      Case{"null_items", "-\n- ~\n- a\n", "'a'", ""},
                      Case{"source_text", "- [5, 1.50, true, 0x10, '7', \"x\"]\n",
                           "['5' '1.50' 'true' '0x10' '7' 'x']", ""},
                      Case{"nulls", "- {a: , b: ~, c: null, d: 'null', e: ''}\n",
                           "{a:null b:null c:null d:'null' e:''}", ""},
                      Case{"byte_order_mark", "\xEF\xBB\xBF- a\n", "'a'", ""},
                      Case{"crlf", "- a: b\r\n  c: d\r\n", "{a:'b' c:'d'}", ""},
                      Case{"aliases", "- &x [a]\n- *x\n- {k: *x}\n", "['a'] ['a'] {k:['a']}", ""},
                      Case{"merge_key_is_a_key", "- &x {a: b}\n- {<<: *x}\n",
                           "{a:'b'} {<<:{a:'b'}}", ""},
                      Case{"first_key_wins", "- {a: 1, a: 2, b: 3}\n", "{a:'1' b:'3'}", ""},
                      Case{"map", "rule: r\n", "", "bad_document@1:1"},
                      Case{"scalar", "rule\n", "", "bad_document@1:1"},
                      Case{"tab", "- a: b\n\tc: d\n", "", "bad_rules_yaml@2:1"},
                      Case{"keeps_what_is_before", "- a\n- [b\n- c\n", "'a'", "bad_rules_yaml@4:1"},
                      Case{"comma_outside_brackets", "- a\n, b: c\n", "'a'", "bad_rules_yaml@2:1"},
                      Case{"comma_first", ", a\n", "", "bad_rules_yaml@1:1"},
                      Case{"unknown_anchor", "- *x\n", "", "bad_rules_yaml@1:3"},
                      Case{"recursive_anchor", "- &x [*x]\n", "", "bad_rules_yaml@1:7"},
                      Case{"key_is_a_list", "- {[a]: b}\n", "", "bad_item@1:4"},
                      Case{"end_byte", "- a\n- b\x04\n- c\n", "", "bad_rules_yaml@2:4"},
                      Case{"deep_enough", nested(62),
                           "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["
                           "]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]",
                           ""},
                      Case{"too_deep", nested(65), "", "yaml_too_large@1:66"}),
    [](const auto& given) { return std::string(given.param.name); });

TEST(ReadDocumentsLimits, StopsAtAMillionValuesThroughAliases) {
  const tests::Loaded loaded({bomb()});
  EXPECT_NE(loaded.codes().find("yaml_too_large"), std::string::npos) << loaded.codes();
}

}  // namespace
}  // namespace tiercel::rules
