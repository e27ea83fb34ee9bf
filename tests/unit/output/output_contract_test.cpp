#include <algorithm>
#include <array>
#include <string>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "tiercel/output/output.h"

#include "read_file.h"
#include "temp_dir.h"

namespace tiercel::output {
namespace {

// Standard output goes into a file while this lives.
class CapturedStdout {
 public:
  explicit CapturedStdout(const std::string& path) : before_(::dup(STDOUT_FILENO)) {
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    ::dup2(file, STDOUT_FILENO);
    ::close(file);
  }
  ~CapturedStdout() {
    ::dup2(before_, STDOUT_FILENO);
    ::close(before_);
  }
  CapturedStdout(const CapturedStdout&) = delete;
  CapturedStdout& operator=(const CapturedStdout&) = delete;

 private:
  int before_;
};

// Every kind of output must pass. Those that write elsewhere than into a file are pointed to
// one: all settings that name a place name `path`.
class OutputContract : public testing::TestWithParam<const OutputType*> {
 protected:
  [[nodiscard]] std::unique_ptr<Output> make() const {
    config::OutputSettings settings;
    settings.file.filename = path();
    return GetParam()->make(settings);
  }
  [[nodiscard]] std::string path() const { return dir_.path("alerts"); }

  const support::TempDir dir_;
};

TEST_P(OutputContract, HasANameAndASentence) {
  EXPECT_FALSE(GetParam()->name.empty());
  EXPECT_TRUE(GetParam()->doc.ends_with('.'));
}

TEST_P(OutputContract, IsOffByDefault) {
  EXPECT_FALSE(GetParam()->enabled(config::OutputSettings{}));
}

TEST_P(OutputContract, WritesThenReopensThenWrites) {
  {
    const CapturedStdout captured(path());
    const auto output = make();
    ASSERT_TRUE(output->open());
    const std::array<std::string_view, 2> chunks{"one\n", "two\nthree\n"};
    EXPECT_TRUE(output->write(chunks));
    EXPECT_TRUE(output->reopen());
    EXPECT_TRUE(output->write(chunks));
  }
  EXPECT_EQ(support::read_file(path()), "one\ntwo\nthree\none\ntwo\nthree\n");
}

TEST_P(OutputContract, TakesNothingGladly) {
  const CapturedStdout captured(path());
  const auto output = make();
  ASSERT_TRUE(output->open());
  EXPECT_TRUE(output->write({}));
}

std::string name_of(const testing::TestParamInfo<const OutputType*>& info) {
  return std::string(info.param->name);
}

INSTANTIATE_TEST_SUITE_P(All, OutputContract, testing::ValuesIn(output_types()), name_of);

TEST(OutputTypes, AreWrittenToInFalcosOrder) {
  std::string names;
  for (const OutputType* const type : output_types()) {
    names += std::string(type->name) + " ";
  }
  EXPECT_EQ(names, "file stdout ");
}

TEST(StdoutOutput, ReportsAFullDisk) {
  const CapturedStdout captured("/dev/full");
  config::OutputSettings settings;
  const auto types = output_types();
  const auto type = std::find_if(types.begin(), types.end(),
                                 [](const OutputType* one) { return one->name == "stdout"; });
  const auto output = (*type)->make(settings);
  const std::array<std::string_view, 1> chunks{"line\n"};
  const auto written = output->write(chunks);
  ASSERT_FALSE(written);
  EXPECT_NE(written.error().text().find("standard output"), std::string::npos);
}

}  // namespace
}  // namespace tiercel::output
