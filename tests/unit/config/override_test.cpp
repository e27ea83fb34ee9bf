#include <gtest/gtest.h>

#include "support.h"

namespace tiercel::config {
namespace {

struct Applied {
  std::string tree;
  std::string codes;
};

Applied apply(std::string_view text, std::vector<std::string> words) {
  Outcome outcome;
  DocumentRequest request;
  request.path = "c.yaml";
  request.content = std::string(text);
  request.overrides = std::move(words);
  const Document document = read_document(request, outcome.diagnostics);
  return {print(document.root), outcome.codes()};
}

TEST(Override, PutsValuesWhereKeysPoint) {
  struct Case {
    std::string_view text;
    std::vector<std::string> words;
    std::string_view want;
  };
  const std::vector<Case> cases{
      {"{}", {"a=1"}, "{a: '1'}"},
      {"a: 0", {"a=1", "a=2"}, "{a: '2'}"},
      {"{}", {"a.b.c=x"}, "{a: {b: {c: 'x'}}}"},
      {"a: {b: 1, c: 2}", {"a.b=x"}, "{a: {b: 'x', c: '2'}}"},
      {"a:", {"a.b=x"}, "{a: {b: 'x'}}"},
      {"a: [1, 2]", {"a[1]=x"}, "{a: ['1', 'x']}"},
      {"a: [1, 2]", {"a[2]=x"}, "{a: ['1', '2', 'x']}"},
      {"a: [{b: 1}]", {"a[0].b=x"}, "{a: [{b: 'x'}]}"},
      {"{}", {"a[][]=x"}, "{a: [['x']]}"},
      {"{}",
       {"rules[].disable.rule=*", "rules[].enable.tag=k8s"},
       "{rules: [{disable: {rule: '*'}}, {enable: {tag: 'k8s'}}]}"},
      {"{}",
       {"append_output[]={extra_output: \"a=b, c\", extra_fields: [ka.verb]}"},
       "{append_output: [{extra_output: 'a=b, c', extra_fields: ['ka.verb']}]}"},
      {"a: {x: 1, y: 2}", {"a={y: 3}"}, "{a: {y: '3'}}"},
      {"{}", {"a=[b, c]"}, "{a: '[b, c]'}"},
      {"{}", {"a=\"q\""}, "{a: '\"q\"'}"},
      {"{}", {"a=b=c"}, "{a: 'b=c'}"},
      {"{}", {"a="}, "{a: ''}"},
      {"{}", {" json_output =  true "}, "{json_output: 'true'}"},
      {"{}", {R"(a\.b.c\[0\].d\\e=1)"}, R"({a.b: {c[0]: {d\e: '1'}}})"},
      {"{}", {R"(a\x=1)"}, R"({a\x: '1'})"},
      {"{}", {"a={}"}, "{a: {}}"},
  };
  for (const Case& c : cases) {
    const Applied applied = apply(c.text, c.words);
    EXPECT_EQ(applied.tree, c.want) << c.words.front();
    EXPECT_EQ(applied.codes, "") << c.words.front();
  }
}

TEST(Override, ReportsWhatCannotBeApplied) {
  struct Case {
    std::string_view text;
    std::string word;
    std::string_view code;
  };
  const std::vector<Case> cases{
      {"{}", "a", "bad_override"},
      {"{}", "=x", "bad_override"},
      {"{}", " =x", "bad_override"},
      {"{}", "a..b=x", "bad_override"},
      {"{}", ".a=x", "bad_override"},
      {"{}", "a.=x", "bad_override"},
      {"{}", "a[x]=1", "bad_override"},
      {"{}", "a[-1]=1", "bad_override"},
      {"{}", "a[=1", "bad_override"},
      {"{}", "a]b=1", "bad_override"},
      {"{}", "a[0]b=1", "bad_override"},
      {"{}", "[0]=1", "bad_override"},
      {"{}", "a[99999999999999999999]=1", "bad_override"},
      {"{}", "a[1]=1", "bad_override"},
      {"a: [1]", "a[2]=1", "bad_override"},
      {"a: text", "a.b=1", "bad_override"},
      {"a: text", "a[0]=1", "bad_override"},
      {"a: {b: 1}", "a[0]=1", "bad_override"},
      {"a: [1]", "a.b=1", "bad_override"},
      {"{}", "a={b: [", "bad_yaml"},
      {"{}", "a={b: 1", "bad_yaml"},
  };
  for (const Case& c : cases) {
    const Applied applied = apply(c.text, {c.word});
    EXPECT_EQ(applied.codes, "error " + std::string(c.code) + " -o " + c.word);
  }
}

TEST(Override, BoundsDepth) {
  std::string key = "a";
  for (std::size_t at = 2; at < kMaxDepth; ++at) {
    key += ".a";
  }
  EXPECT_EQ(apply("{}", {key + "=1"}).codes, "");
  EXPECT_EQ(apply("{}", {key + ".a=1"}).codes, "error too_deep -o " + key + ".a=1");
}

TEST(Override, MistakesInValuesPointToTheWord) {
  EXPECT_EQ(load("", {"webserver.listen_port=x"}).codes(),
            "error wrong_type -o webserver.listen_port=x");
  EXPECT_EQ(load("", {"json_outptu=true"}).codes(), "error unknown_key -o json_outptu=true");
  const Outcome outcome = load("json_output: false", {"json_output=true"});
  EXPECT_TRUE(outcome.loaded.settings.alerts.json_output);
  EXPECT_EQ(outcome.loaded.origins.at("json_output").text(), "-o json_output=true");
}

TEST(Override, TextOnAListKeyIsOneElement) {
  EXPECT_EQ(load("rules_files: [/a, /b]", {"rules_files=/c"}).loaded.settings.rules.files,
            std::vector<std::string>{"/c"});
}

}  // namespace
}  // namespace tiercel::config
