#include "versions.h"

#include <gtest/gtest.h>

#include "rules_support.h"

namespace tiercel::rules {
namespace {

std::string engine(std::string_view text) {
  const auto version = parse_engine_version(text);
  return version ? to_text(*version) : "none";
}

TEST(Versions, ReadsNumbersAndTriples) {
  EXPECT_EQ(engine("15"), "0.15.0");
  EXPECT_EQ(engine("0.62.0"), "0.62.0");
  EXPECT_EQ(engine("1.2.3-rc4+build"), "1.2.3");
  EXPECT_EQ(engine("0.63"), "none");
  EXPECT_EQ(engine("15.5"), "none");
  EXPECT_EQ(engine("-1"), "none");
  EXPECT_EQ(engine(""), "none");
  EXPECT_EQ(engine("a"), "none");
  EXPECT_EQ(engine("1..2"), "none");
  EXPECT_EQ(engine("99999999999999999999"), "none");
}

TEST(Versions, SatisfyTheSameMajorAndNothingOlder) {
  const auto satisfied = [](std::string_view need) {
    return satisfies({0, 62, 1}, parse_version(need).value());
  };
  EXPECT_TRUE(satisfied("0.62.1"));
  EXPECT_TRUE(satisfied("0.61.9"));
  EXPECT_FALSE(satisfied("0.62.2"));
  EXPECT_FALSE(satisfied("0.63.0"));
  EXPECT_FALSE(satisfied("1.0.0"));
  EXPECT_FALSE(satisfies({2, 0, 0}, {1, 9, 9}));
}

TEST(Versions, TheHighestRequiredEngineIsKept) {
  const tests::Loaded loaded(
      {"- required_engine_version: 15\n- required_engine_version: 0.31.2\n"
       "- required_engine_version: 3\n"});
  EXPECT_EQ(loaded.loader.required_engine_version(), "0.31.2");
  EXPECT_EQ(loaded.report(), "");
}

struct Case {
  const char* yaml;
  const char* codes;
};

TEST(Versions, RequirementsAreChecked) {
  for (const Case& c : {
           Case{"- required_engine_version: 0.62.1\n", "engine_too_old"},
           Case{"- required_engine_version: [1]\n", "bad_engine_version"},
           Case{"- required_engine_version:\n", "bad_engine_version"},
           Case{"- required_plugin_versions: []\n", ""},
           Case{"- required_plugin_versions: k8saudit\n", "wrong_shape"},
           Case{"- required_plugin_versions: [k8saudit]\n", "wrong_shape"},
           Case{"- required_plugin_versions: [{name: k8saudit}]\n", "missing_key"},
           Case{"- required_plugin_versions: [{name: k8saudit, version: 0.18.0}]\n", ""},
           Case{"- required_plugin_versions: [{name: k8saudit, version: 0.18.1}]\n",
                "plugin_too_old"},
           Case{"- required_plugin_versions: [{name: k8saudit, version: 1.0.0}]\n",
                "plugin_too_old"},
           Case{"- required_plugin_versions: [{name: k8saudit, version: seven}]\n",
                "bad_plugin_version"},
           Case{"- required_plugin_versions: [{name: x, version: 0.1.0}]\n", "plugin_not_there"},
           Case{"- required_plugin_versions: [{name: x, version: 0.1.0, alternatives: [{name: x, "
                "version: 0.2.0}]}]\n",
                "plugin_named_twice plugin_not_there"},
           Case{"- required_plugin_versions: [{name: x, version: 0.1.0, alternatives: [{name: "
                "json, version: 0.7.4}]}]\n",
                ""},
           Case{"- required_plugin_versions: [{name: json, version: 9.0.0, alternatives: [{name: "
                "k8saudit, version: 0.1.0}]}]\n",
                "plugin_too_old"},
       }) {
    EXPECT_EQ(tests::Loaded({c.yaml}).codes(), c.codes) << c.yaml;
  }
}

}  // namespace
}  // namespace tiercel::rules
