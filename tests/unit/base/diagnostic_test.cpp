#include "tiercel/base/diagnostic.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace tiercel::base {
namespace {

Diagnostic sample() {
  Diagnostic diagnostic;
  diagnostic.code = "unknown_field";
  diagnostic.falco_code = "LOAD_ERR_COMPILE_CONDITION";
  diagnostic.location = {"rules.yaml", 7, 14};
  diagnostic.message = "there is no field 'ka.vreb'";
  diagnostic.within = {"rule \"R\"", "macro \"m\""};
  diagnostic.notes = {"did you mean ka.verb?"};
  diagnostic.snippet = "  condition: ka.vreb = create";
  diagnostic.caret = 13;
  return diagnostic;
}

TEST(Diagnostic, PrintsPlaceSnippetCaretAndHelp) {
  EXPECT_EQ(to_text(sample()),
            "rules.yaml:7:14: error: there is no field 'ka.vreb' "
            "[unknown_field, LOAD_ERR_COMPILE_CONDITION]\n"
            "  in rule \"R\", macro \"m\"\n"
            "    condition: ka.vreb = create\n"
            "               ^\n"
            "  note: did you mean ka.verb?\n");
}

TEST(Diagnostic, CutsALongSnippetAroundTheCaret) {
  Diagnostic diagnostic = sample();
  diagnostic.snippet = std::string(500, 'a') + "HERE" + std::string(500, 'b');
  diagnostic.caret = 500;
  const std::string text = to_text(diagnostic);
  const std::size_t here = text.find("HERE");
  ASSERT_NE(here, std::string::npos);
  EXPECT_LT(text.size(), 700U);
}

TEST(Diagnostic, PrintsJsonThatParses) {
  Diagnostics diagnostics;
  diagnostics.add(sample());
  Diagnostic odd = sample();
  odd.message = "a \"quote\" and \xff";
  diagnostics.add(odd);
  const auto json = nlohmann::json::parse(to_json(diagnostics));
  EXPECT_EQ(json.size(), 2U);
  EXPECT_EQ(json[0]["line"], 7);
  EXPECT_EQ(json[0]["notes"][0], "did you mean ka.verb?");
}

TEST(Diagnostic, SortsByFileInOrderOfMentionThenPlace) {
  Diagnostics diagnostics;
  for (const auto& [file, line] : {std::pair{"b", 9U}, {"a", 3U}, {"b", 2U}, {"a", 1U}}) {
    Diagnostic diagnostic;
    diagnostic.location = {file, line, 1};
    diagnostics.add(diagnostic);
  }
  diagnostics.sort_by_place();
  std::string order;
  for (const Diagnostic& diagnostic : diagnostics.list()) {
    order += diagnostic.location.file + std::to_string(diagnostic.location.line) + " ";
  }
  EXPECT_EQ(order, "b2 b9 a1 a3 ");
}

}  // namespace
}  // namespace tiercel::base
