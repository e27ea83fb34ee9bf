#include <gtest/gtest.h>

#include "options.h"

namespace tiercel::app {
namespace {

engine::LoadResult load() {
  const std::string yaml = R"(
- list: verbs
  items: [get, list]
- macro: reads
  condition: ka.verb in (verbs)
- rule: Short
  desc: A text that is long enough to be broken into two lines by the width of the column.
  priority: INFO
  source: k8s_audit
  condition: reads
  output: x
- rule: Off
  desc: Disabled.
  enabled: false
  priority: WARNING
  source: k8s_audit
  condition: reads
  output: x
)";
  return engine::load_rules({{"test.yaml", yaml}}, {});
}

TEST(DescribeRules, PrintsFalcosTable) {
  EXPECT_EQ(describe_rules(load(), std::nullopt, false),
            "Rule" + std::string(47, ' ') + "Description\n" +      //
                "----" + std::string(47, ' ') + "-----------\n" +  //
                "Short" + std::string(46, ' ') +
                "A text that is long enough to be broken into two lines by\n" +  //
                std::string(51, ' ') + "the width of the column.\n\n" +          //
                "Off" + std::string(48, ' ') + "Disabled.\n\n");
}

TEST(DescribeRules, PrintsOneRule) {
  const std::string text = describe_rules(load(), "Off", false);
  EXPECT_NE(text.find("Disabled."), std::string::npos);
  EXPECT_EQ(text.find("Short"), std::string::npos);
  EXPECT_EQ(describe_rules(load(), "None", false), "");
  EXPECT_EQ(describe_rules(load(), "None", true), "");
}

TEST(DescribeRules, PrintsJson) {
  const std::string text = describe_rules(load(), std::nullopt, true);
  for (const char* const part :
       {R"("required_engine_version":)", R"("required_plugin_versions":[])", R"("rules":[)",
        R"("macros":[)", R"("lists":[)", R"("name":"Short")", R"("priority":"Info")",
        R"("enabled":false)", R"("name":"verbs")", R"("name":"reads")"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << " in " << text;
  }
}

}  // namespace
}  // namespace tiercel::app
