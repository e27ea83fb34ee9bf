// What every kind of output must keep to, whatever it is.
#include <set>

#include <gtest/gtest.h>

#include "tiercel/output/kinds.h"

#include "hand_clock.h"

namespace tiercel::output {
namespace {

class OutputContract : public testing::TestWithParam<const OutputType*> {};

TEST_P(OutputContract, HasANameAndASentence) {
  EXPECT_FALSE(GetParam()->name.empty());
  EXPECT_TRUE(GetParam()->doc.ends_with('.'));
  EXPECT_GE(GetParam()->most_messages, 1U);
  EXPECT_EQ(find_output_type(GetParam()->name), GetParam());
}

TEST_P(OutputContract, DescribesItsOptionsInSentencesAndOnce) {
  const auto options = GetParam()->new_options();
  config::Schema schema;
  GetParam()->describe(schema, "it", *options);
  std::set<std::string> names;
  for (const config::Option& option : schema.options()) {
    EXPECT_TRUE(option.sentence().ends_with('.')) << option.path();
    EXPECT_TRUE(names.insert(option.path()).second) << option.path();
  }
}

// What names a secret must not be shown in listings.
TEST_P(OutputContract, KeepsItsSecrets) {
  const auto options = GetParam()->new_options();
  config::Schema schema;
  GetParam()->describe(schema, "it", *options);
  for (const config::Option& option : schema.options()) {
    for (const char* const word :
         {"password", "token", "api_key", "routing_key", "webhook_url", "proxy"}) {
      const std::string_view name = option.name();
      if (name.find(word) != std::string_view::npos && !name.ends_with("_file")) {
        EXPECT_TRUE(option.is_secret()) << option.path();
      }
    }
  }
}

TEST_P(OutputContract, IsMadeAndDestroyedWithoutTouchingItsPeer) {
  const support::HandClock clock;
  base::Metrics metrics;
  const auto options = GetParam()->new_options();
  const auto output = GetParam()->make(*options, {"x", clock, metrics});
  ASSERT_NE(output, nullptr);
  output->tick();
  output->interrupt();
}

std::string name_of(const testing::TestParamInfo<const OutputType*>& info) {
  return std::string(info.param->name);
}

INSTANTIATE_TEST_SUITE_P(All, OutputContract, testing::ValuesIn(output_types()), name_of);

TEST(OutputTypes, FalcosFiveAreThere) {
  std::set<std::string_view> sections;
  std::set<std::string_view> names;
  for (const OutputType* const type : output_types()) {
    sections.insert(type->falco_section);
    EXPECT_TRUE(names.insert(type->name).second) << type->name;
  }
  sections.erase("");
  EXPECT_EQ(sections, (std::set<std::string_view>{"file_output", "http_output", "program_output",
                                                  "stdout_output", "syslog_output"}));
}

}  // namespace
}  // namespace tiercel::output
