#include "tiercel/rules/codes.h"

#include <set>

#include <gtest/gtest.h>

namespace tiercel::rules {
namespace {

TEST(Codes, AreInTheOrderOfTheirEnumeratorsAndUnique) {
  std::set<std::string_view> names;
  for (std::size_t at = 0; at < kCodes.size(); ++at) {
    const CodeRow& row = kCodes[at];
    EXPECT_EQ(static_cast<std::size_t>(row.code), at) << row.name;
    EXPECT_TRUE(names.insert(row.name).second) << row.name;
    EXPECT_TRUE(row.doc.ends_with('.')) << row.name;
  }
}

TEST(Codes, AgreeWithFalcoOnWhatIsAnError) {
  for (const CodeRow& row : kCodes) {
    if (!row.falco_code.empty()) {
      EXPECT_EQ(row.falco_code.starts_with("LOAD_ERR_"), row.severity == base::Severity::kError)
          << row.name;
    }
  }
}

TEST(Codes, MakeDiagnostics) {
  const base::Diagnostic diagnostic = diagnostic_of(Code::kUnusedMacro, "m");
  EXPECT_EQ(diagnostic.code, "unused_macro");
  EXPECT_EQ(diagnostic.falco_code, "LOAD_UNUSED_MACRO");
  EXPECT_EQ(diagnostic.severity, base::Severity::kWarning);
  EXPECT_EQ(diagnostic.message, "m");
}

}  // namespace
}  // namespace tiercel::rules
