#include "output_template.h"

#include <gtest/gtest.h>

#include "alert_probe.h"

namespace tiercel::alert::tests {
namespace {

struct Row {
  std::string_view output;
  std::string_view want;  // the message, or "refused: …"
};

void expect(std::span<const Row> rows) {
  for (const Row& row : rows) {
    EXPECT_EQ(Probe().message(row.output), row.want) << row.output;
  }
}

TEST(OutputTemplate, TokenEndsAtTheLongestValidText) {
  const std::string uri = "/api/v1/namespaces/default/pods?foo=bar&command=sh&command=ls";
  const Row rows[] = {
      {"%ka.verb)", "create)"},
      {"%ka.verb%ka.stage", "createResponseComplete"},
      {"%ka.verb..", "create.."},
      {"%ka.verb_x", "create_x"},
      {"%evt.times", "03:04:06.123456000s"},
      {"%evt.time.sx", "03:04:06x"},
      {"%evt.time.iso8601x", "2020-01-02T03:04:06.123456000+0000x"},
      {"%evt.num[0]", "1[0]"},
      {"%ka.user.groups[0]", "(g1,system:authenticated)[0]"},
      {"%ka.req.pod.containers.image[01]", "(nginx:1,redis:2)[01]"},
      {"%ka.req.pod.containers.image[x]", "(nginx:1,redis:2)[x]"},
      {"%ka.req.pod.containers.image[", "(nginx:1,redis:2)["},
      {"%ka.req.pod.containers.image[5]", "<NA>"},
      {"%toupper(ka.verb)[0]", "CREATE[0]"},
      {"%toupper( ka.verb )", "CREATE"},
      {R"(%ka.uri.param["foo"]x)", "barx"},
      {"%ka.uri.param['foo']", "bar"},
  };
  expect(rows);
  for (const std::string_view rest :
       {".param", ".param[]", ".param[x", R"(.param["a b"])", R"(.param["a]b"])"}) {
    EXPECT_EQ(Probe().message("%ka.uri" + std::string(rest)), uri + std::string(rest));
  }
}

TEST(OutputTemplate, BadTokensAreRefusedAndLocated) {
  const Row rows[] = {
      {"%ka", "refused: unknown unknown_field at 0"},
      {"%ka.vreb", "refused: unknown unknown_field at 0, near ka.verb"},
      {"a %KA.verb", "refused: unknown unknown_field at 2, near ka.verb"},
      {"%evt.type", "refused: unknown unknown_field at 0"},
      {"%ka.verbs %ka.nopes",
       "refused: advice token_became_text at 0, near ka.verb; unknown unknown_field at 10"},
      {"%toupper(ka.nope)", "refused: unknown unknown_field at 9"},
      {"%toupper(evt.num)", "refused: unknown transformer_arguments at 1"},
      {"%toupper(tolower(evt.num))", "refused: unknown transformer_arguments at 9"},
      {"%toupper(ka.verb", "refused: unknown bad_token at 0"},
      {"%toupper (ka.verb)", "refused: unknown bad_token at 0"},
      {"%val(ka.verb)", "refused: unknown bad_token at 0"},
      {"%toupper(ka.uri.param)", "refused: unknown bad_field_argument at 9"},
      {"%5", "refused: error bare_percent at 0"},
      {"x%", "refused: error bare_percent at 1"},
      {"%-10ka.verb", "refused: unknown bare_percent at 0"},
      {"% ka.verb", "refused: unknown bare_percent at 0"},
      {"%5 x", "refused: unknown bare_percent at 0"},
      {"%\"x\"", "refused: unknown bare_percent at 0"},
      {"%static.team", "refused: unknown unknown_field at 0"},
      {"%static.", "refused: unknown unknown_field at 0"},
      {"", "refused: error empty_template at 0"},
      {"%ka.nope %ka.nope", "refused: unknown unknown_field at 0; unknown unknown_field at 9"},
      // The one fault of a call that skip-if-unknown-filter does not forgive.
      {"%toupper(ka.verb, ka.stage)", "refused: error transformer_arguments at 1"},
      {"%tolower(toupper(ka.verb, ka.nope))", "refused: error transformer_arguments at 9"},
      {"%concat(ka.verb)", "refused: unknown transformer_arguments at 1"},
      {R"(%join("-", (ka.verb, ka.user.groups)))", "refused: unknown transformer_arguments at 21"},
  };
  expect(rows);
}

TEST(OutputTemplate, MessagesNameTheToken) {
  const auto message = [](std::string_view output) {
    const auto problems = Probe().problems(output);
    return problems.empty() ? std::string{} : problems.front().message;
  };
  EXPECT_EQ(message("%ka.nope"), "no field 'ka.nope'");
  EXPECT_EQ(message("%toupper(ka.nope)"), "in '%toupper(ka.nope)': no field 'ka.nope'");
  EXPECT_EQ(message("%ka.target.names"),
            "'%ka.target.names' prints %ka.target.name and the text 's': no field "
            "'ka.target.names'");
  EXPECT_EQ(message("%ka.user.name[0]"),
            "'%ka.user.name[0]' prints %ka.user.name and the text '[0]': 'ka.user.name' takes no "
            "argument");
  EXPECT_EQ(message("100% ok"),
            "a field must follow the percent sign; to print one, write %toupper(\"%\")");
}

TEST(OutputTemplate, WarnsOfTokensThatBecameText) {
  EXPECT_EQ(print(Probe().problems("a %ka.verb and %ka.target.names, %ka.verb.")),
            "advice token_became_text at 15, near ka.target.name");
  EXPECT_EQ(print(Probe().problems("%ka.uri.param")), "advice token_became_text at 0");
  EXPECT_EQ(print(Probe().problems("%ka.verb%evt.time, %ka.user.groups.")), "");
}

TEST(OutputTemplate, PercentSignByConstant) {
  EXPECT_EQ(Probe().message(R"(100%toupper("%"))"), "100%");
}

TEST(OutputTemplate, LeadingStar) {
  const Row rows[] = {
      {"*", ""}, {"**x", "*x"}, {"*x", "x"}, {"x*", "x*"}, {" *x", " *x"}, {"*%ka.verb", "create"},
  };
  expect(rows);
}

TEST(OutputTemplate, WidthsCountBytesOfWhatIsPrinted) {
  const Row rows[] = {
      {"%2ka.impuser.name|", "<N|"},
      {"%6ka.impuser.name|", "<NA>  |"},
      {"%0ka.verb|", "create|"},
      {"%003ka.verb|", "cre|"},
      {"%3evt.num|", "1  |"},
      {"%4ka.user.groups|", "(g1,|"},
      {"%8toupper(ka.verb)|", "CREATE  |"},
      {"%4097ka.verb", "refused: error width_too_large at 0"},
      {"%99999999999999999999999999ka.verb", "refused: error width_too_large at 0"},
  };
  expect(rows);
  EXPECT_EQ(Probe().message("%4096ka.verb").size(), 4096U);
  // A cut can split a character.
  EXPECT_EQ(Probe().message("%1ka.user.name", e0_with("user.username", "\"é\"")), "\xC3");
}

TEST(OutputTemplate, WhiteSpaceIsKept) {
  EXPECT_EQ(Probe().message("a\n\t%ka.verb \n"), "a\n\tcreate \n");
}

TEST(OutputTemplate, StaticFields) {
  Probe probe;
  probe.options.static_fields = {{"team", "blue"}, {"te", ""}, {"a.b", "nested"}};
  EXPECT_EQ(probe.message("%static.team %static.teams [%static.te] %static.a.b"),
            "blue blues [] nested");
  EXPECT_EQ(probe.message("%static.none"), "refused: unknown unknown_field at 0, near static.te");
  EXPECT_EQ(probe.message("%static.texas"), "xas");
}

TEST(OutputTemplate, LongNonsenseIsCheap) {
  std::string name = "ka";
  for (int part = 0; part < 100'000; ++part) {
    name += ".verb";
  }
  EXPECT_EQ(Probe().message("%" + name), "create" + name.substr(7));
  EXPECT_EQ(Probe().message("%x" + name), "refused: unknown unknown_field at 0");
}

}  // namespace
}  // namespace tiercel::alert::tests
