#include "input.h"

#include <filesystem>
#include <functional>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/time.h>

#include "packed.h"
#include "temp_dir.h"

namespace tiercel::app {
namespace {

base::Result<void> read_inputs(const std::vector<std::string>& paths,
                               const std::function<void(const InputBlock&)>& take) {
  InputReader reader(paths);
  InputBlock block;
  while (true) {
    const base::Result<bool> got = reader.next(block);
    if (!got) {
      return got.error();
    }
    if (!*got) {
      return {};
    }
    take(block);
  }
}

// What was handed on, blocks in brackets: "L[a\nb\n]" for lines, "B[{…}]" for a body.
std::string blocks_of(const std::vector<std::string>& paths) {
  std::string out;
  const auto read = read_inputs(paths, [&out](const InputBlock& block) {
    EXPECT_GE(block.bytes.size(), block.size + audit::kPadding);
    out += block.form == audit::BatchForm::kLines ? "L[" : "B[";
    out += std::string(block.view()) + "]";
  });
  return read ? out : out + "<" + read.error().code + ">";
}

TEST(ReadInputs, HandsOnLinesOrBodies) {
  struct Case {
    std::string name;
    std::string content;
    std::string want;
  };
  const std::vector<Case> cases{
      {"empty", "", ""},
      {"blank", " \n\n", "L[ \n\n]"},
      {"one line without end", R"({"a":1})", R"(L[{"a":1}])"},
      {"lines", "{\"a\":1}\n{\"a\":2}\n", "L[{\"a\":1}\n{\"a\":2}\n]"},
      {"no end at the end", "{\"a\":1}\n{\"a\":2}", "L[{\"a\":1}\n{\"a\":2}]"},
      {"printed list", "{\n  \"items\": [\n  ]\n}\n", "B[{\n  \"items\": [\n  ]\n}]"},
      {"printed values", "{\n \"a\": 1\n}\n{\n \"a\": 2\n}\n",
       "B[{\n \"a\": 1\n}]B[{\n \"a\": 2\n}]"},
      {"array, an event a line", "[\n{\"a\":1},\n{\"a\":2}\n]\n", "B[[\n{\"a\":1},\n{\"a\":2}\n]]"},
      {"array of one", "[\n{\"a\":1}\n]\n", "B[[\n{\"a\":1}\n]]"},
      {"array opened with its first", "[{\"a\":1},\n{\"a\":2}]\n", "B[[{\"a\":1},\n{\"a\":2}]]"},
      {"cut first line", "\"x\"}]}\n{\"a\":1}\n", "L[\"x\"}]}\n{\"a\":1}\n]"},
      {"damaged first line", "{\"a\":\"x\n{\"a\":1}\n", "L[{\"a\":\"x\n{\"a\":1}\n]"},
      {"printed list that ends too early", "{\n \"items\": [\n", "B[{\n \"items\": [\n]"},
      {"no JSON", "hello\nworld\n", "L[hello\nworld\n]"},
      {"brackets in strings", "{\"a\":\"}]\\\"{\",\n\"b\":1}", "B[{\"a\":\"}]\\\"{\",\n\"b\":1}]"},
  };
  const support::TempDir dir;
  for (const Case& one : cases) {
    EXPECT_EQ(blocks_of({dir.write(one.name, one.content)}), one.want) << one.name;
  }
}

TEST(ReadInputs, CutsLongFilesAtLineEnds) {
  const support::TempDir dir;
  std::string content;
  for (int number = 0; number < 100'000; ++number) {
    content += "{\"a\":" + std::to_string(number) + "}\n";
  }
  for (const std::string& path : {dir.write("plain", content), dir.write("gz", gzip_of(content))}) {
    std::string joined;
    int blocks = 0;
    ASSERT_TRUE(read_inputs({path}, [&](const InputBlock& block) {
      ++blocks;
      EXPECT_TRUE(block.view().ends_with("}\n"));
      EXPECT_TRUE(block.view().starts_with("{\"a\":"));
      joined += block.view();
    }));
    EXPECT_GT(blocks, 3);
    EXPECT_TRUE(joined == content);
  }
}

TEST(ReadInputs, TakesLinesOfAnyLength) {
  const support::TempDir dir;
  const std::string line = "{\"a\":\"" + std::string(std::size_t{3} << 20U, 'x') + "\"}\n";
  std::vector<std::size_t> sizes;
  std::string joined;
  ASSERT_TRUE(read_inputs({dir.write("f", line + line + "{}\n")},
                          [&](const InputBlock& block) { joined += block.view(); }));
  EXPECT_TRUE(joined == line + line + "{}\n");
}

TEST(ReadInputs, AFolderIsItsFilesTheOldestFirst) {
  const support::TempDir dir;
  const std::string folder = dir.path("folder");
  std::filesystem::create_directory(folder);
  std::filesystem::create_directory(folder + "/deeper");
  int age = 100;
  for (const char* const name : {"b", "c", "a"}) {
    dir.write("folder/" + std::string(name), std::string(name) + "\n");
    const timeval time{1'700'000'000 - age--, 0};
    const timeval times[2]{time, time};
    ASSERT_EQ(::utimes((folder + "/" + name).c_str(), times), 0);
  }
  EXPECT_EQ(blocks_of({folder}), "L[b\n]L[c\n]L[a\n]");
}

TEST(ReadInputs, StopsAtAFileThatCannotBeRead) {
  const support::TempDir dir;
  EXPECT_EQ(blocks_of({dir.write("a", "{}\n"), dir.path("none"), dir.write("b", "{}\n")}),
            "L[{}\n]<read_failed>");
}

TEST(ValueEnd, KnowsStringsAndBrackets) {
  struct Case {
    std::string text;
    int want;  // -1: it does not end
  };
  const std::vector<Case> cases{
      {"{}", 2},           {"  {} x", 4}, {R"({"a":"}"})", 9}, {R"({"a":"\"}"})", 11},
      {"[[]", -1},         {"12 13", 2},  {"\"ab", -1},        {"", 0},
      {R"({"\\":1}x)", 8}, {"]", 1},
  };
  for (const Case& one : cases) {
    const auto end = value_end(one.text, 0);
    EXPECT_EQ(end ? static_cast<int>(*end) : -1, one.want) << one.text;
  }
}

}  // namespace
}  // namespace tiercel::app
