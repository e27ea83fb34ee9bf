#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "samples.h"
#include "test_daemon.h"

namespace tiercel::integration {
namespace {

class CommandLineTest : public testing::Test {
 protected:
  CommandLineTest() {
    dir_.write("good.yaml", kDeletionRule);
    dir_.write("warned.yaml", kDeletionRule + "- list: unused\n  items: [a]\n");
    dir_.write("bad.yaml", "- rule: x\n");
    dir_.write("config.yaml", "json_output: true\n");
    dir_.write("badconfig.yaml", "no_such_key: true\n");
  }
  [[nodiscard]] Finished run(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), TIERCEL_BINARY);
    return run_process(arguments, {}, dir_.path());
  }

  const support::TempDir dir_;
};

TEST_F(CommandLineTest, EndsWithTheStatusThatScriptsRelyOn) {
  struct Case {
    std::vector<std::string> arguments;
    int want;
  };
  const std::vector<Case> cases{
      {{"--version"}, 0},
      {{"--help"}, 0},
      {{"replay", "--help"}, 0},
      {{}, 2},
      {{"nonsense"}, 2},
      {{"check", "-r", "good.yaml"}, 0},
      {{"check", "-r", "warned.yaml"}, 0},
      {{"check", "-r", "bad.yaml"}, 1},
      {{"check", "-r", "none.yaml"}, 1},
      {{"check", "-r", "good.yaml", "stray"}, 2},
      {{"check", "-r", "good.yaml", "--no-such-flag"}, 2},
      {{"check", "-r"}, 2},
      {{"check", "-c", "config.yaml", "-r", "good.yaml"}, 0},
      {{"check", "-c", "badconfig.yaml", "-r", "good.yaml"}, 1},
      {{"check", "-r", "good.yaml", "-o", "no_such_key=1"}, 1},
      {{"check", "-r", "good.yaml", "-o", "priority=warn"}, 1},
      {{"check", "-U", "-r", "good.yaml"}, 0},
      {{"check", "-rgood.yaml"}, 0},
      {{"check", "--enable-source", "k8s_audit", "-r", "good.yaml"}, 0},
      {{"check", "--enable-source", "syscall", "-r", "good.yaml"}, 2},
      {{"check", "--list-events"}, 2},
      {{"check", "-e", "file"}, 2},
      {{"check", "-V", "good.yaml"}, 0},
      {{"check", "-V", "bad.yaml"}, 1},
      {{"check", "-V", "good.yaml", "bad.yaml"}, 2},
      {{"check", "-L", "-r", "good.yaml"}, 0},
      {{"check", "-l", "Deletion", "-r", "good.yaml"}, 0},
      {{"check", "-l", "None", "-r", "good.yaml"}, 1},
      {{"check", "--list"}, 0},
      {{"check", "--list=k8s_audit", "-N"}, 0},
      {{"check", "--list=none"}, 1},
      {{"check", "--list", "--format", "json"}, 0},
      {{"check", "--list", "--format", "xml"}, 2},
      {{"check", "--list", "--format", "json", "--markdown"}, 2},
      {{"check", "--list-plugins"}, 0},
      {{"check", "--plugin-info", "k8saudit"}, 0},
      {{"check", "--plugin-info", "none"}, 1},
      {{"check", "--support", "-r", "good.yaml"}, 0},
      {{"run", "stray"}, 2},
      {{"replay", "-r", "good.yaml"}, 2},
      {{"fields"}, 0},
      {{"fields", "--json", "--markdown"}, 2},
      {{"fields", "none"}, 1},
      {{"operators"}, 0},
      {{"rules", "-r", "good.yaml"}, 0},
      {{"rules", "-r", "bad.yaml"}, 1},
      {{"config"}, 0},
      {{"config", "-c", "badconfig.yaml"}, 1},
      {{"config", "--reference", "--schema"}, 2},
      {{"completion", "bash"}, 0},
      {{"completion", "csh"}, 2},
      {{"completion"}, 2},
  };
  for (const Case& one : cases) {
    const Finished finished = run(one.arguments);
    EXPECT_EQ(finished.status, one.want) << testing::PrintToString(one.arguments) << "\n"
                                         << finished.out << finished.err;
    if (one.want == 2) {
      EXPECT_EQ(finished.out, "") << testing::PrintToString(one.arguments);
      EXPECT_NE(finished.err, "") << testing::PrintToString(one.arguments);
    }
  }
}

TEST_F(CommandLineTest, CheckPrintsEveryMistakeAsTextOrJson) {
  const Finished text = run({"check", "-c", "badconfig.yaml", "-r", "bad.yaml"});
  EXPECT_NE(text.out.find("badconfig.yaml:1:1: error: "), std::string::npos) << text.out;
  EXPECT_NE(text.out.find("bad.yaml:1:"), std::string::npos) << text.out;
  const Finished json = run({"check", "--json", "-r", "bad.yaml"});
  const auto list = nlohmann::json::parse(json.out);
  ASSERT_TRUE(list.is_array());
  EXPECT_EQ(list[0]["severity"], "error") << list;
  EXPECT_EQ(nlohmann::json::parse(run({"check", "--json", "-r", "good.yaml"}).out),
            nlohmann::json::array());
}

TEST_F(CommandLineTest, CheckWritesNoColourIntoAFile) {
  EXPECT_EQ(run({"check", "-r", "bad.yaml"}).out.find('\x1b'), std::string::npos);
}

TEST_F(CommandLineTest, ValidateAnswersAsFalcoDoes) {
  EXPECT_EQ(run({"check", "-V", "good.yaml"}).out, "good.yaml: Ok\n");
  EXPECT_TRUE(
      run({"check", "-V", "warned.yaml"}).out.starts_with("warned.yaml: Ok, with warnings\n"));
  EXPECT_TRUE(run({"check", "-V", "bad.yaml"}).out.starts_with("bad.yaml: Invalid\n"));
  const auto results = nlohmann::json::parse(
      run({"check", "-V", "bad.yaml", "-o", "json_output=true"}).out)["falco_load_results"];
  ASSERT_EQ(results.size(), 1U);
  EXPECT_EQ(results[0]["successful"], false);
  EXPECT_EQ(results[0]["errors"][0]["code"], "LOAD_ERR_YAML_VALIDATE") << results;
}

TEST_F(CommandLineTest, RulesListsEachWithItsState) {
  const Finished text = run({"rules", "-r", "good.yaml", "-o", "rules[].disable.rule=Deletion"});
  EXPECT_TRUE(text.out.starts_with("disabled  Warning")) << text.out;
  EXPECT_NE(text.out.find("good.yaml:2"), std::string::npos) << text.out;
  const auto json = nlohmann::json::parse(run({"rules", "--json", "-r", "warned.yaml"}).out);
  EXPECT_EQ(json["rules"][0]["name"], "Deletion");
  EXPECT_EQ(json["rules"][0]["enabled"], true);
  EXPECT_EQ(json["lists"][0]["name"], "unused");
  EXPECT_EQ(json["lists"][0]["used"], false);
}

TEST_F(CommandLineTest, ConfigTellsWhereAValueComesFrom) {
  const Finished run_of = run({"config", "-c", "config.yaml", "-o", "priority=error"});
  EXPECT_NE(run_of.out.find("json_output: true"), std::string::npos);
  EXPECT_NE(run_of.out.find("config.yaml:1"), std::string::npos) << run_of.out;
  EXPECT_NE(run_of.out.find("-o priority=error"), std::string::npos) << run_of.out;
}

TEST_F(CommandLineTest, VersionSaysWhatItAnswersAs) {
  const std::string text = run({"--version"}).out;
  EXPECT_NE(text.find("tiercel version: "), std::string::npos);
  EXPECT_NE(text.find("0.44.1"), std::string::npos);
  const auto json = nlohmann::json::parse(run({"check", "--version", "-c", "config.yaml"}).out);
  EXPECT_EQ(json["engine_version_semver"], "0.62.0");
}

TEST_F(CommandLineTest, SupportIsOneLineOfJson) {
  const std::string out = run({"check", "--support", "-r", "good.yaml"}).out;
  EXPECT_EQ(lines_of(out).size(), 1U);
  const auto json = nlohmann::json::parse(out);
  EXPECT_EQ(json["rules_files"][0]["variants"][0]["content"], kDeletionRule);
  EXPECT_NE(json["cmdline"].get<std::string>().find("--support"), std::string::npos);
}

TEST_F(CommandLineTest, TheBashCompletionIsBash) {
  const std::string script = dir_.write("completion.bash", run({"completion", "bash"}).out);
  EXPECT_EQ(run_process({"/bin/bash", "-n", script}).status, 0);
  const Finished completed = run_process(
      {"/bin/bash", "-c",
       "source " + script +
           "; COMP_WORDS=(tiercel replay --str); COMP_CWORD=2; _tiercel; echo ${COMPREPLY[@]}"});
  EXPECT_EQ(completed.out, "--strict\n") << completed.err;
}

}  // namespace
}  // namespace tiercel::integration
