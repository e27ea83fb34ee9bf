#include <string>

#include <gtest/gtest.h>

#include "tiercel/condition/expr.h"
#include "tiercel/condition/parser.h"

namespace tiercel::condition {
namespace {

std::string printed(std::string_view text) {
  const ParseResult result = parse(text);
  return result.tree == nullptr ? result.error.message : to_text(*result.tree);
}

struct Pair {
  std::string_view one;
  std::string_view other;
};

TEST(Printer, PrintsChecksThatMeanTheSameAlike) {
  const Pair rows[] = {
      {"ka.a = b", "ka.a == \"b\""},
      {"ka.a in (a, b, a)", "ka.a in (b, 'a')"},
      {"ka.a in b", "ka.a in (b)"},
      {"ka.a intersects (c, b)", "ka.a intersects (b, c)"},
      {"ka.a pmatch (/c, /b)", "ka.a pmatch (/b, /c, /c)"},
      {"ka.a = anyof (c, b, c)", "ka.a == anyof (b, c)"},
      {"ka.a startswith allof (c, b)", "ka.a startswith allof (b, c)"},
      {"ka.a = oneof (c, b)", "ka.a = oneof (b, c)"},
      {"ka.a[x] exists", "ka.a['x']   exists"},
      {"ka.a = \"\\\\\"a\"", "ka.a = '\\\\\"a'"},
  };
  for (const Pair& row : rows) {
    EXPECT_EQ(printed(row.one), printed(row.other));
  }
}

TEST(Printer, PrintsChecksThatDifferApart) {
  const Pair rows[] = {
      {"ka.a = b", "ka.a = 'b '"},
      {"ka.a in (a, b)", "ka.a in ('a, b')"},
      {"ka.a = oneof (b, b)", "ka.a = oneof (b)"},
      {"ka.a = anyof (b)", "ka.a = allof (b)"},
      {"ka.a = b", "ka.a in (b)"},
      {"ka.a = val(ka.b)", "ka.a = ka.b"},
      {"ka.a = val(ka.b)", "ka.a = 'val(ka.b)'"},
      {"concat(ka.a, 1) exists", "concat(ka.a, '1') exists"},
      {"ka.a = 'x\"'", "ka.a = 'x'"},
      {"ka.a = '\\\\x0a'", "ka.a = '\\n'"},
      {"ka.a = oneof", "ka.a = oneof ()"},
      {"ka.a[x] exists", "ka.a exists"},
      {"ka.a[''] exists", "ka.a exists"},
  };
  for (const Pair& row : rows) {
    EXPECT_NE(printed(row.one), printed(row.other));
  }
}

TEST(Printer, PrintsWhatParsesToTheSame) {
  for (const std::string_view text :
       {"ka.a = 'a \\\\ \" b'", "ka.a in (a, '', \"x\\x01\\n\", h\xC3\xA9, '(', 'b,c')",
        "join(',', (ka.a, 'b', 3)) startswith anyof ('', x)", "ka.a['a b'] = val(ka.b[c])",
        "getopt(ka.a, 'x:')[x] exists", "ka.a < -5.5e+3"}) {
    EXPECT_EQ(printed(printed(text)), printed(text)) << text;
  }
}

TEST(Printer, PrintsTerms) {
  EXPECT_EQ(to_text(parse_term_prefix("tolower( ka.a[\"b\"] )").term), "tolower(ka.a[b])");
}

}  // namespace
}  // namespace tiercel::condition
