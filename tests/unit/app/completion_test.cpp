#include "completion.h"

#include <gtest/gtest.h>

#include "command_line.h"

namespace tiercel::app {
namespace {

TEST(Completion, KnowsEveryCommandAndItsOptions) {
  const CommandLine line;
  for (const char* const shell : {"bash", "zsh", "fish"}) {
    const std::string script = completion_script(line.tree(), shell);
    for (const char* const word :
         {"run", "check", "replay", "fields", "operators", "rules", "config", "completion"}) {
      EXPECT_NE(script.find(word), std::string::npos) << shell << " " << word;
    }
    EXPECT_NE(script.find("strict"), std::string::npos) << shell;
    EXPECT_NE(script.find("reference"), std::string::npos) << shell << ": options of groups";
    EXPECT_EQ(script.find("write-docs"), std::string::npos) << shell << ": hidden options";
    EXPECT_EQ(script.find("gvisor"), std::string::npos) << shell << ": refused flags";
  }
}

}  // namespace
}  // namespace tiercel::app
