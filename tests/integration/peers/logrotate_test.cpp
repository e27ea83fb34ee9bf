#include <filesystem>
#include <map>
#include <set>

#include <gtest/gtest.h>

#include "daemon.h"
#include "line_reader.h"
#include "local_support.h"
#include "peer_program.h"
#include "temp_dir.h"

namespace tiercel::output {
namespace {

namespace fs = std::filesystem;

// Every line that stands in the file and its rotated parts, and how often.
std::map<std::string, int> lines_of(const std::string& folder) {
  std::map<std::string, int> lines;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    if (entry.path().filename().string().starts_with("alerts.log")) {
      EXPECT_TRUE(read_lines(entry.path(), [&lines](std::string_view line) {
        ++lines[std::string(line)];
        return true;
      }));
    }
  }
  return lines;
}

// How logrotate's configurations rotate, and what must be true after each.
struct Case {
  const char* name;
  const char* directives;
};

class Logrotate : public testing::TestWithParam<Case> {};

TEST_P(Logrotate, LosesNoLine) {
  const std::string program = support::find_program("logrotate");
  if (program.empty()) {
    GTEST_SKIP() << "logrotate is not installed";
  }
  const support::TempDir dir;
  const std::string log = dir.path("alerts.log");
  const std::string config =
      dir.write("conf", log + " {\n  rotate 100\n  size 1\n" + GetParam().directives + "}\n");
  fs::permissions(config, fs::perms::owner_read | fs::perms::owner_write);
  LocalOutput output(kFileOutput, {{"filename", log}, {"sync", "false"}});
  ASSERT_TRUE(output->open());
  int number = 0;
  for (int rotation = 0; rotation < 10; ++rotation) {
    for (int at = 0; at < 20; ++at) {
      ASSERT_TRUE(output.takes({"line " + std::to_string(number++) + "\n"}));
    }
    const auto rotated =
        support::run_program({program, "--force", "--state", dir.path("state"), config});
    ASSERT_EQ(rotated.status, 0) << rotated.err;
  }
  ASSERT_TRUE(output.takes({"line " + std::to_string(number++) + "\n"}));
  const std::map<std::string, int> lines = lines_of(dir.path());
  EXPECT_EQ(lines.size(), static_cast<std::size_t>(number));
  for (const auto& [line, count] : lines) {
    EXPECT_EQ(count, 1) << line;
  }
}

std::string name_of(const testing::TestParamInfo<Case>& info) { return info.param.name; }

INSTANTIATE_TEST_SUITE_P(All, Logrotate,
                         testing::Values(Case{"rename", "  nocreate\n"},
                                         Case{"create", "  create 0640\n"},
                                         Case{"compress", "  compress\n  create 0640\n"},
                                         Case{"copytruncate", "  copytruncate\n"}),
                         name_of);

}  // namespace
}  // namespace tiercel::output
