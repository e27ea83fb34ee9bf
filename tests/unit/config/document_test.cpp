#include "tiercel/config/document.h"

#include <filesystem>

#include <gtest/gtest.h>
#include <unistd.h>

#include "tiercel/config/yaml_file.h"

#include "support.h"

namespace tiercel::config {
namespace {

namespace fs = std::filesystem;

struct Read {
  std::string tree;
  Outcome outcome;
};

Read read(std::string_view text, std::vector<std::string> overrides = {},
          std::map<std::string, std::string> variables = {}) {
  Read result;
  DocumentRequest request;
  request.path = "c.yaml";
  request.content = std::string(text);
  request.overrides = std::move(overrides);
  request.environment = environment_of(std::move(variables));
  result.tree = print(read_document(request, result.outcome.diagnostics).root);
  return result;
}

TEST(Environment, ExpandsAsFalcoDoes) {
  struct Case {
    std::string_view text;
    std::string_view want;
    bool suspicious = false;
  };
  const std::vector<Case> cases{
      {"plain", "plain"},
      {"${A}", "one"},
      {"x${A}y${B}z", "xoneytwoz"},
      {"${UNSET}", ""},
      {"${UNSET:-x}", ""},
      {"$${A}", "${A}"},
      {"$${A}-${B}", "${A}-two"},
      {"$A-${B}", "$A-${B}"},
      {"${A}$x${B}", "one$x${B}"},
      {"${A", "${A"},
      {"$${A", "$${A"},
      {"${}", ""},
      {"$", "$"},
      {"$$", "$$"},
      {"", ""},
      {"${SELF}", "${SELF}"},
      {"${{A}}", "}", true},
      {"${A}}", "one}"},
  };
  const Environment environment = environment_of({{"A", "one"}, {"B", "two"}, {"SELF", "${SELF}"}});
  for (const Case& c : cases) {
    const Expansion expansion = expand_environment(c.text, environment);
    EXPECT_EQ(expansion.text, c.want) << c.text;
    EXPECT_EQ(expansion.suspicious, c.suspicious) << c.text;
  }
}

TEST(Document, ExpandsValuesQuotedOrNotAndNoKeys) {
  EXPECT_EQ(read("${A}: ['${A}', \"${A}\", {k: \"${A}\"}]\nb: ${A}\n", {}, {{"A", "v"}}).tree,
            "{${A}: ['v', 'v', {k: 'v'}], b: 'v'}");
  EXPECT_EQ(read("{}", {"a=${A}", "b={c: '${A}'}"}, {{"A", "v"}}).tree,
            "{a: '${A}', b: {c: '${A}'}}");
  EXPECT_EQ(read("a: ${{A}}", {}, {{"A", "v"}}).outcome.codes(),
            "warning bad_environment c.yaml:1:4");
}

TEST(Document, ReadsTheFirstDocumentOnly) {
  const Read two = read("a: 1\n---\nb: [\n");
  EXPECT_EQ(two.tree, "{a: '1'}");
  EXPECT_EQ(two.outcome.codes(), "warning later_document c.yaml:2:1");
  EXPECT_EQ(read("").tree, "{}");
  EXPECT_EQ(read("# nothing\n").outcome.codes(), "");
  EXPECT_EQ(read("\xef\xbb\xbf"
                 "a: 1\r\nb: x\r\n")
                .tree,
            "{a: '1', b: 'x'}");
}

TEST(Document, LocatesMistakes) {
  struct Case {
    std::string_view text;
    std::string_view codes;
  };
  const std::vector<Case> cases{
      {"a: 1\nb: 2\na: 3\n", "error duplicate_key c.yaml:3:1"},
      {"x:\n  a: 1\n  a: 2\n", "error duplicate_key c.yaml:3:3"},
      {"a: b: c\n", "error bad_yaml c.yaml:1:5"},
      {"a:\n\t- x\n", "error bad_yaml c.yaml:2:2"},
      {"- a\n", "error not_a_map c.yaml:1:1"},
      {"text", "error not_a_map c.yaml:1:1"},
      {"[a]: 1\n", "error bad_yaml c.yaml:1:1"},
      {"&a [*a]\n", "error bad_yaml c.yaml:1:5"},
      {"a: *b\n", "error bad_yaml c.yaml:1:4"},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(read(c.text).outcome.codes(), c.codes) << c.text;
  }
  const Read duplicate = read("a: 1\nb: 2\na: 3\n");
  EXPECT_EQ(duplicate.tree, "{a: '1', b: '2'}");
  EXPECT_EQ(duplicate.outcome.diagnostics.list().front().notes.front(), "first in line 1");
  EXPECT_EQ(duplicate.outcome.diagnostics.list().front().snippet, "a: 3");
}

TEST(Document, CopiesAliases) {
  EXPECT_EQ(read("a: &x {k: [1]}\nb: *x\nc: [*x]\n").tree,
            "{a: {k: ['1']}, b: {k: ['1']}, c: [{k: ['1']}]}");
}

std::string nested(std::size_t depth) {
  return "a: " + std::string(depth, '[') + std::string(depth, ']');
}

TEST(Document, BoundsDepth) {
  // The root map is the first level.
  EXPECT_EQ(read(nested(kMaxDepth - 1)).outcome.codes(), "");
  EXPECT_EQ(read(nested(kMaxDepth)).outcome.codes(), "error too_deep c.yaml:1:67");
  EXPECT_EQ(read(nested(400'000)).outcome.codes(), "error too_deep c.yaml:1:67");
  // Each alias adds levels to those that it repeats.
  std::string chain = "a0: &a0 [[[[[[[[[[x]]]]]]]]]]\n";
  for (int at = 1; at < 10; ++at) {
    const std::string before = std::to_string(at - 1);
    const std::string name = std::to_string(at);
    chain += "a" + name + ": &a" + name + " [[[[[[[[[[*a" + before + "]]]]]]]]]]\n";
  }
  EXPECT_EQ(read(chain).outcome.codes(), "error too_deep c.yaml:7:19");
}

TEST(Document, BoundsAliasBombs) {
  std::string bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n";
  for (int at = 1; at < 10; ++at) {
    const std::string alias = "*a" + std::to_string(at - 1);
    bomb += "a" + std::to_string(at) + ": &a" + std::to_string(at) + " [" + alias;
    for (int n = 1; n < 10; ++n) {
      bomb += "," + alias;
    }
    bomb += "]\n";
  }
  const Read result = read(bomb);
  ASSERT_EQ(result.outcome.diagnostics.list().size(), 1U);
  EXPECT_EQ(result.outcome.diagnostics.list().front().code, "too_many_nodes");
  EXPECT_EQ(result.tree, "{}");
}

TEST(Document, BoundsSizes) {
  EXPECT_EQ(read("a: 1\n" + std::string(kMaxFileBytes - 5, '#')).outcome.codes(), "");
  EXPECT_EQ(read("a: 1\n" + std::string(kMaxFileBytes - 4, '#')).outcome.codes(),
            "error file_too_large c.yaml");
  std::string many = "a: [";
  for (std::size_t at = 0; at < kMaxNodes; ++at) {
    many += "1,";
  }
  EXPECT_EQ(read(many + "]").outcome.diagnostics.list().front().code, "too_many_nodes");
}

TEST(Document, KeepsABoundedNumberOfMistakes) {
  std::string text = "a: 0\n";
  for (std::size_t at = 0; at < 2 * Reporter::kMost; ++at) {
    text += "a: 1\n";
  }
  EXPECT_EQ(read(text).outcome.diagnostics.list().size(), Reporter::kMost);
}

class ConfigFiles : public testing::Test {
 protected:
  void SetUp() override {
    folder_ =
        fs::temp_directory_path() /
        ("tiercel_config_" + std::to_string(::testing::UnitTest::GetInstance()->random_seed()) +
         "_" + std::to_string(getpid()));
    fs::create_directories(folder_ / "d");
  }
  void TearDown() override { fs::remove_all(folder_); }

  [[nodiscard]] std::string path(const std::string& name) const {
    return (folder_ / name).string();
  }
  void write(const std::string& name, std::string_view text) const {
    std::ofstream(folder_ / name) << text;
  }
  Read read_main(std::string_view text, std::vector<std::string> overrides = {}) const {
    write("main.yaml", text);
    Read result;
    DocumentRequest request;
    request.path = path("main.yaml");
    request.overrides = std::move(overrides);
    Document document = read_document(request, result.outcome.diagnostics);
    // Without config_files itself, whose paths differ from run to run.
    std::erase_if(document.root.members,
                  [](const Member& member) { return member.key == "config_files"; });
    result.tree = print(document.root);
    return result;
  }

 private:
  fs::path folder_;
};

TEST_F(ConfigFiles, MergesByStrategy) {
  struct Case {
    std::string_view strategy;
    std::string_view want;
  };
  const std::vector<Case> cases{
      {"append", "{list: ['1', '2'], text: 'new', map: {b: '2'}, more: ['3']}"},
      {"override", "{list: ['2'], text: 'new', map: {b: '2'}, more: ['3']}"},
      {"add-only", "{list: ['1'], text: 'old', map: {a: '1'}, more: ['3']}"},
  };
  write("d/10.yaml", "list: [2]\ntext: new\nmap: {b: 2}\nmore: [3]\n");
  for (const Case& c : cases) {
    const Read result = read_main(
        "list: [1]\ntext: old\nmap: {a: 1}\nconfig_files:\n  - {path: " + path("d/10.yaml") +
        ", strategy: " + std::string(c.strategy) + "}\n");
    EXPECT_EQ(result.tree, c.want) << c.strategy;
    EXPECT_FALSE(result.outcome.diagnostics.has_errors()) << result.outcome.text();
  }
}

TEST_F(ConfigFiles, UnknownStrategyAppendsWithAWarning) {
  write("d/10.yaml", "list: [2]\n");
  const Read result = read_main("list: [1]\nconfig_files:\n  - {path: " + path("d/10.yaml") +
                                ", strategy: overide}\n");
  EXPECT_EQ(result.tree, "{list: ['1', '2']}");
  ASSERT_EQ(result.outcome.diagnostics.list().size(), 1U);
  EXPECT_EQ(result.outcome.diagnostics.list().front().code, "unknown_strategy");
  EXPECT_EQ(result.outcome.diagnostics.list().front().notes.front(), "did you mean 'override'?");
}

TEST_F(ConfigFiles, FolderGivesItsFilesSortedWhateverTheSuffix) {
  write("d/20.txt", "list: [b]\n");
  write("d/10.yaml", "list: [a]\n");
  fs::create_directories(path("d/30"));
  EXPECT_EQ(read_main("config_files: [" + path("d") + ", " + path("missing") + "]").tree,
            "{list: ['a', 'b']}");
}

TEST_F(ConfigFiles, OverridesComeLastAndMayAddFiles) {
  write("d/10.yaml", "a: included\nb: included\n");
  EXPECT_EQ(read_main("a: main\n", {"b=flag", "config_files[]=" + path("d")}).tree,
            "{a: 'included', b: 'flag'}");
}

TEST_F(ConfigFiles, SaysWhatASectionLoses) {
  write("d/10.yaml", "webserver: {ssl_enabled: true}\n");
  const Read result = read_main("webserver: {listen_port: 1, ssl_enabled: false}\nconfig_files: [" +
                                path("d") + "]");
  ASSERT_EQ(result.outcome.diagnostics.list().size(), 1U);
  EXPECT_EQ(result.outcome.diagnostics.list().front().message,
            "replaces all of 'webserver'; back to defaults: listen_port");
}

TEST_F(ConfigFiles, RefusesWhatFalcoRefuses) {
  write("d/10.yaml", "config_files: [x]\n");
  write("d/20.yaml", "text: [x]\n");
  write("d/30.yaml", "- x\n");
  const Read result =
      read_main("text: old\nconfig_files: [" + path("d") + ", " + path("main.yaml") + "]");
  std::vector<std::string> codes;
  for (const base::Diagnostic& diagnostic : result.outcome.diagnostics.list()) {
    codes.push_back(diagnostic.code);
  }
  EXPECT_EQ(codes,
            (std::vector<std::string>{"bad_include", "bad_include", "not_a_map", "bad_include"}));
  EXPECT_EQ(result.tree, "{text: 'old'}");
}

TEST_F(ConfigFiles, IncludesRegularFilesOnly) {
  const Read result = read_main("config_files: [/dev/null]");
  ASSERT_EQ(result.outcome.diagnostics.list().size(), 1U);
  EXPECT_EQ(result.outcome.diagnostics.list().front().code, "bad_include");
}

TEST_F(ConfigFiles, MissingMainFileIsAnError) {
  Outcome outcome;
  DocumentRequest request;
  request.path = path("absent.yaml");
  outcome.loaded =
      load_settings(request, Purpose::kRun, outcome.diagnostics, output::config_kinds());
  EXPECT_EQ(outcome.codes(), "error unreadable_file " + request.path);
  request.path = path("d");
  Outcome folder;
  folder.loaded = load_settings(request, Purpose::kRun, folder.diagnostics, output::config_kinds());
  EXPECT_EQ(folder.codes(), "error unreadable_file " + request.path);
}

// Also a file that is not ours: a kubeconfig, a manifest.
TEST_F(ConfigFiles, AFolderIsNoYamlFile) {
  const auto folder = read_yaml_file(path("d"));
  ASSERT_FALSE(folder);
  EXPECT_EQ(folder.error().code, "file_unreadable");
  EXPECT_FALSE(read_yaml_file(path("absent.yaml")));
}

}  // namespace
}  // namespace tiercel::config
