#include <array>
#include <csignal>
#include <filesystem>

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "tiercel/output/output.h"

#include "read_file.h"
#include "temp_dir.h"

namespace tiercel::output {
namespace {

using support::read_file;
using support::TempDir;

std::unique_ptr<Output> file_output(const std::string& path) {
  config::OutputSettings settings;
  settings.file.enabled = true;
  settings.file.filename = path;
  for (const OutputType* const type : output_types()) {
    if (type->name == "file") {
      return type->make(settings);
    }
  }
  return nullptr;
}

base::Result<void> write(Output& output, std::string_view text) {
  const std::array<std::string_view, 1> chunks{text};
  return output.write(chunks);
}

TEST(FileOutput, AppendsWholeChunksInOrder) {
  const TempDir dir;
  const std::string path = dir.write("alerts", "old\n");
  const auto output = file_output(path);
  ASSERT_TRUE(output->open());
  const std::array<std::string_view, 3> chunks{"one\ntwo\n", "", "three\n"};
  EXPECT_TRUE(output->write(chunks));
  EXPECT_EQ(read_file(path), "old\none\ntwo\nthree\n");
}

TEST(FileOutput, WritesMoreChunksThanOneCallTakes) {
  const TempDir dir;
  const auto output = file_output(dir.path("alerts"));
  ASSERT_TRUE(output->open());
  const std::vector<std::string_view> chunks(1000, "line\n");
  EXPECT_TRUE(output->write(chunks));
  EXPECT_EQ(read_file(dir.path("alerts")).size(), 5000U);
}

TEST(FileOutput, CreatesTheFileForOwnerAndGroupOnly) {
  const TempDir dir;
  const mode_t before = ::umask(0);
  const auto output = file_output(dir.path("alerts"));
  EXPECT_TRUE(output->open());
  ::umask(before);
  struct stat status {};
  ASSERT_EQ(::stat(dir.path("alerts").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0640U);
}

TEST(FileOutput, GoesOnInANewFileAfterRotation) {
  const TempDir dir;
  const std::string path = dir.path("alerts");
  const auto output = file_output(path);
  ASSERT_TRUE(output->open());
  ASSERT_TRUE(write(*output, "before\n"));
  std::filesystem::rename(path, path + ".1");
  ASSERT_TRUE(write(*output, "between\n"));
  ASSERT_TRUE(output->reopen());
  ASSERT_TRUE(write(*output, "after\n"));
  EXPECT_EQ(read_file(path + ".1"), "before\nbetween\n");
  EXPECT_EQ(read_file(path), "after\n");
}

TEST(FileOutput, SaysWhatToDoAboutAPathThatCannotBeOpened) {
  const TempDir dir;
  struct Case {
    std::string path;
    std::string want;
  };
  const std::vector<Case> cases{
      {dir.path("no/such/folder"), "create the folder"},
      {dir.path(), "must name a file"},
  };
  for (const Case& one : cases) {
    const auto opened = file_output(one.path)->open();
    ASSERT_FALSE(opened) << one.path;
    EXPECT_NE(opened.error().text().find(one.want), std::string::npos) << opened.error().text();
    EXPECT_NE(opened.error().text().find(one.path), std::string::npos);
  }
}

TEST(FileOutput, ReportsAFullDisk) {
  const auto output = file_output("/dev/full");
  ASSERT_TRUE(output->open());
  const auto written = write(*output, "line\n");
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, "output_failed");
  EXPECT_NE(written.error().text().find("make room"), std::string::npos) << written.error().text();
  EXPECT_FALSE(write(*output, "line\n"));
}

// A limit on the size of files stands for a disk that is full in the middle of a write.
class SizeLimit {
 public:
  explicit SizeLimit(rlim_t bytes) {
    handler_ = std::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit now{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &now);
  }
  ~SizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }
  SizeLimit(const SizeLimit&) = delete;
  SizeLimit& operator=(const SizeLimit&) = delete;

 private:
  rlimit before_{};
  void (*handler_)(int) = nullptr;
};

TEST(FileOutput, TakesBackWhatAFailedWriteLeft) {
  const TempDir dir;
  const std::string path = dir.path("alerts");
  const auto output = file_output(path);
  ASSERT_TRUE(output->open());
  ASSERT_TRUE(write(*output, "first\n"));
  {
    const SizeLimit limit(10);
    EXPECT_FALSE(write(*output, "second line\n"));
  }
  EXPECT_EQ(read_file(path), "first\n");
  EXPECT_TRUE(write(*output, "third\n"));
  EXPECT_EQ(read_file(path), "first\nthird\n");
}

}  // namespace
}  // namespace tiercel::output
