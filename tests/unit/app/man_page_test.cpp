#include "man_page.h"

#include <gtest/gtest.h>

#include "command_line.h"

namespace tiercel::app {
namespace {

TEST(ManPage, TellsOfEveryCommandAndItsOptions) {
  const CommandLine line;
  const std::string page = man_page(line.tree());
  for (const char* const text :
       {".TH TIERCEL 8", ".SS \"tiercel run\"", ".SS \"tiercel outputs resend\"",
        "\\fB\\-c\\fR, \\fB\\-\\-config\\fR \\fIPATH\\fR\n", "\\fB\\-\\-reference\\fR",
        "Exit status: 0 success"}) {
    EXPECT_NE(page.find(text), std::string::npos) << text;
  }
  EXPECT_EQ(page.find("write\\-docs"), std::string::npos) << "hidden options";
  EXPECT_EQ(page.find("gvisor"), std::string::npos) << "refused flags";
}

TEST(ManPage, PrintsLinesOfTheReferenceThatLookLikeRequests) {
  const std::string page = config_man_page("a: \\d+\n.b\n'c'\n");
  EXPECT_NE(page.find("a: \\ed+\n\\&.b\n\\&'c'\n"), std::string::npos) << page;
}

}  // namespace
}  // namespace tiercel::app
