#include <csignal>
#include <filesystem>

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tiercel/output/hash_chain.h"

#include "line_reader.h"
#include "local_support.h"
#include "read_file.h"
#include "temp_dir.h"

namespace tiercel::output {
namespace {

namespace fs = std::filesystem;
using support::read_file;
using support::TempDir;

LocalOutput file(const std::string& path, LocalOutput::Options more = {}, bool is_daemon = true) {
  more.emplace_back("filename", path);
  return {kFileOutput, more, is_daemon};
}

std::vector<std::string> rotated(const TempDir& dir) {
  std::vector<std::string> names;
  for (const fs::directory_entry& entry : fs::directory_iterator(dir.path())) {
    if (entry.path().filename().string().starts_with("alerts-")) {
      names.push_back(entry.path().string());
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

TEST(FileOutput, AppendsLinesInOrder) {
  const TempDir dir;
  const std::string path = dir.write("alerts", "old\n");
  auto output = file(path);
  ASSERT_TRUE(output->open());
  EXPECT_TRUE(output.takes({"one\n", "two\n", "three\n"}));
  EXPECT_EQ(read_file(path), "old\none\ntwo\nthree\n");
}

TEST(FileOutput, WritesMoreLinesThanOneCallTakes) {
  const TempDir dir;
  auto output = file(dir.path("alerts"));
  ASSERT_TRUE(output->open());
  EXPECT_TRUE(output.takes(std::vector<std::string>(1000, "line\n")));
  EXPECT_EQ(read_file(dir.path("alerts")).size(), 5000U);
}

TEST(FileOutput, CreatesTheFileForOwnerAndGroupOnly) {
  const TempDir dir;
  const mode_t before = ::umask(0);
  auto output = file(dir.path("alerts"));
  EXPECT_TRUE(output->open());
  ::umask(before);
  struct stat status {};
  ASSERT_EQ(::stat(dir.path("alerts").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0640U);
}

TEST(FileOutput, ClosesALineThatACrashLeftHalf) {
  const TempDir dir;
  const std::string path = dir.write("alerts", "whole\nha");
  auto output = file(path);
  ASSERT_TRUE(output->open());
  EXPECT_TRUE(output.takes({"next\n"}));
  EXPECT_EQ(read_file(path), "whole\nha\nnext\n");
}

TEST(FileOutput, SeesARenamedFileWithoutASignal) {
  const TempDir dir;
  const std::string path = dir.path("alerts");
  auto output = file(path);
  ASSERT_TRUE(output->open());
  ASSERT_TRUE(output.takes({"before\n"}));
  fs::rename(path, path + ".1");
  ASSERT_TRUE(output.takes({"after\n"}));
  EXPECT_EQ(read_file(path + ".1"), "before\n");
  EXPECT_EQ(read_file(path), "after\n");
}

TEST(FileOutput, StaysWithTheOpenFileWhereAskedTo) {
  const TempDir dir;
  const std::string path = dir.path("alerts");
  auto output = file(path, {{"keep_alive", "true"}});
  ASSERT_TRUE(output->open());
  ASSERT_TRUE(output.takes({"before\n"}));
  fs::rename(path, path + ".1");
  ASSERT_TRUE(output.takes({"between\n"}));
  output->reopen();
  ASSERT_TRUE(output.takes({"after\n"}));
  EXPECT_EQ(read_file(path + ".1"), "before\nbetween\n");
  EXPECT_EQ(read_file(path), "after\n");
}

TEST(FileOutput, GoesOnAtTheStartOfATruncatedFile) {
  const TempDir dir;
  const std::string path = dir.path("alerts");
  auto output = file(path);
  ASSERT_TRUE(output->open());
  ASSERT_TRUE(output.takes({"before\n"}));
  fs::resize_file(path, 0);
  ASSERT_TRUE(output.takes({"after\n"}));
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
      {dir.path(), "name a file, not a folder"},
  };
  for (const Case& one : cases) {
    auto output = file(one.path);
    const auto opened = output->open();
    ASSERT_FALSE(opened) << one.path;
    EXPECT_NE(opened.error().text().find(one.want), std::string::npos) << opened.error().text();
    EXPECT_NE(opened.error().text().find(one.path), std::string::npos);
  }
}

TEST(FileOutput, ReportsAFullDisk) {
  auto output = file("/dev/full");
  ASSERT_TRUE(output->open());
  const Delivery delivery = output.write({"one\n", "two\n"});
  EXPECT_EQ(delivery.again.size(), 2U);
  ASSERT_TRUE(delivery.error);
  EXPECT_NE(delivery.error->text().find("make room"), std::string::npos) << delivery.error->text();
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
  for (const char* const chained : {"false", "true"}) {
    const TempDir dir;
    const std::string path = dir.path("alerts");
    auto output = file(path, {{"hash_chain", chained}});
    ASSERT_TRUE(output->open());
    ASSERT_TRUE(output.takes({"first\n"}));
    const std::string before = read_file(path);
    {
      const SizeLimit limit(before.size() + 4);
      EXPECT_EQ(output.write({"second line\n"}).again.size(), 1U);
    }
    EXPECT_EQ(read_file(path), before);
    EXPECT_TRUE(output.takes({"third\n"}));
    EXPECT_TRUE(read_file(path).starts_with(before + "third"));
  }
}

TEST(FileOutput, RotatesBeforeTheFileGrowsTooLarge) {
  const TempDir dir;
  const std::string path = dir.path("alerts");
  auto output = file(path, {{"rotate_size", "12"}});
  ASSERT_TRUE(output->open());
  ASSERT_TRUE(output.takes({"12345\n"}));
  ASSERT_TRUE(output.takes({"67890\n"}));
  EXPECT_TRUE(rotated(dir).empty());
  ASSERT_TRUE(output.takes({"abcde\n"}));
  ASSERT_EQ(rotated(dir).size(), 1U);
  EXPECT_EQ(read_file(rotated(dir)[0]), "12345\n67890\n");
  EXPECT_EQ(read_file(path), "abcde\n");
}

// Each delivery tries; not each says so.
TEST(FileOutput, ARenameThatFailsIsToldOnceAMinute) {
  const TempDir dir;
  fs::create_directory(dir.path("logs"));
  auto output = file(dir.path("logs/alerts"), {{"keep_alive", "true"}, {"rotate_size", "10"}});
  ASSERT_TRUE(output->open());
  ASSERT_TRUE(output.takes({"first of all\n"}));
  fs::rename(dir.path("logs"), dir.path("moved"));  // the open file has its name no more
  testing::internal::CaptureStderr();
  std::string expected = "first of all\n";
  for (int line = 0; line < 20; ++line) {
    EXPECT_TRUE(output.takes({"line\n"}));
    expected += "line\n";
  }
  output.clock().pass_seconds(61);
  EXPECT_TRUE(output.takes({"line\n"}));
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_EQ(std::count(log.begin(), log.end(), '\n'), 2) << log;
  EXPECT_NE(log.find("cannot rename the file"), std::string::npos) << log;
  EXPECT_EQ(read_file(dir.path("moved/alerts")), expected + "line\n");
}

TEST(FileOutput, RotatesByTimeWithoutALineToo) {
  const TempDir dir;
  const std::string path = dir.path("alerts");
  auto output = file(path, {{"rotate_interval", "1h"}});
  ASSERT_TRUE(output->open());
  ASSERT_TRUE(output.takes({"old\n"}));
  output->tick();
  EXPECT_TRUE(rotated(dir).empty());
  output.clock().pass_seconds(3600);
  output->tick();
  ASSERT_EQ(rotated(dir).size(), 1U);
  EXPECT_EQ(read_file(path), "");
}

// `tiercel outputs test` runs beside a daemon that may stay with the file it has open.
TEST(FileOutput, RotatesNothingOutsideTheDaemon) {
  const TempDir dir;
  const std::string path = dir.path("alerts");
  auto output = file(path, {{"rotate_size", "12"}, {"rotate_interval", "1h"}}, false);
  ASSERT_TRUE(output->open());
  ASSERT_TRUE(output.takes({"12345\n", "67890\n"}));
  output.clock().pass_seconds(3600);
  output->tick();
  ASSERT_TRUE(output.takes({"abcde\n"}));
  EXPECT_TRUE(rotated(dir).empty());
  EXPECT_EQ(read_file(path), "12345\n67890\nabcde\n");
}

TEST(FileOutput, AFileThatRootMakesOutsideTheDaemonIsItsFoldersOwners) {
  if (::geteuid() != 0) {
    GTEST_SKIP() << "only root can give files away";
  }
  constexpr uid_t kSomebody = 4711;
  const TempDir dir;
  ASSERT_EQ(::chown(dir.path("").c_str(), kSomebody, kSomebody), 0);
  for (const bool is_daemon : {false, true}) {
    const std::string path = dir.path(is_daemon ? "daemon" : "beside");
    auto output = file(path, {}, is_daemon);
    ASSERT_TRUE(output.takes({"one\n"}));
    struct stat status {};
    ASSERT_EQ(::stat(path.c_str(), &status), 0);
    EXPECT_EQ(status.st_uid, is_daemon ? 0U : kSomebody);
  }
}

TEST(FileOutput, CompressesAndKeepsNoMoreThanAsked) {
  for (const auto& [kind, end] : {std::pair{"gzip", ".gz"}, {"zstd", ".zst"}}) {
    const TempDir dir;
    const std::string path = dir.path("alerts");
    const std::string other = dir.write("alerts-notes", "not ours\n");
    auto output = file(path, {{"rotate_size", "8"}, {"compress", kind}, {"keep_files", "2"}});
    ASSERT_TRUE(output->open());
    for (int at = 0; at < 6; ++at) {
      ASSERT_TRUE(output.takes({"line " + std::to_string(at) + "\n"}));
      output.clock().pass_seconds(1);
    }
    std::vector<std::string> files = rotated(dir);
    std::erase(files, other);
    ASSERT_EQ(files.size(), 2U) << kind;
    std::string text;
    for (const std::string& name : files) {
      EXPECT_TRUE(name.ends_with(end)) << name;
      ASSERT_TRUE(read_lines(name, [&text](std::string_view line) {
        text += std::string(line) + "\n";
        return true;
      }));
    }
    EXPECT_EQ(text, "line 3\nline 4\n");
    EXPECT_TRUE(fs::exists(other));
  }
}

TEST(FileOutput, RemovesRotatedFilesThatAreTooOld) {
  const TempDir dir;
  auto output = file(dir.path("alerts"), {{"rotate_size", "8"}, {"keep_age", "1h"}});
  ASSERT_TRUE(output->open());
  ASSERT_TRUE(output.takes({"line 0\n"}));
  ASSERT_TRUE(output.takes({"line 1\n"}));
  output.clock().pass_seconds(1800);
  ASSERT_TRUE(output.takes({"line 2\n"}));
  EXPECT_EQ(rotated(dir).size(), 2U);
  output.clock().pass_seconds(1801);
  ASSERT_TRUE(output.takes({"line 3\n"}));
  EXPECT_EQ(rotated(dir).size(), 2U);
}

std::string problem_of(const std::vector<std::string>& files, const std::string& key = {}) {
  const auto report = verify_chain(files, key);
  return report ? report->problem : report.error().text();
}

TEST(FileOutput, ChainHoldsThroughRestartsRotationAndOtherWriters) {
  const TempDir dir;
  const std::string path = dir.path("alerts");
  const LocalOutput::Options options{
      {"hash_chain", "true"}, {"compress", "gzip"}, {"rotate_size", "300"}};
  auto first = file(path, options);
  ASSERT_TRUE(first->open());
  ASSERT_TRUE(first.takes({"{\"n\":1}\n", "{\"n\":2}\n"}));
  auto second = file(path, options);
  ASSERT_TRUE(second->open());
  ASSERT_TRUE(second.takes({"text line\n"}));
  ASSERT_TRUE(first.takes({"{\"n\":3}\n"}));
  second.clock().pass_seconds(1);
  ASSERT_TRUE(second.takes({"{\"n\":4}\n"}));
  std::vector<std::string> files = rotated(dir);
  EXPECT_FALSE(files.empty());
  files.push_back(path);
  const auto report = verify_chain(files, "");
  ASSERT_TRUE(report);
  EXPECT_EQ(report->problem, "");
  EXPECT_EQ(report->lines, 5U);
  EXPECT_TRUE(report->from_beginning);
}

TEST(FileOutput, ChainShowsEachChange) {
  const TempDir dir;
  const std::string path = dir.path("alerts");
  {
    auto output = file(path, {{"hash_chain", "true"}});
    ASSERT_TRUE(output->open());
    ASSERT_TRUE(output.takes({"{\"n\":1}\n", "{\"n\":2}\n", "{\"n\":3}\n", "{\"n\":4}\n"}));
  }
  const std::string good = read_file(path);
  ASSERT_EQ(problem_of({path}), "");
  std::vector<std::string> lines;
  ASSERT_TRUE(read_lines(path, [&lines](std::string_view line) {
    lines.emplace_back(line);
    return true;
  }));
  const auto joined = [](const std::vector<std::string>& some) {
    std::string text;
    for (const std::string& line : some) {
      text += line + "\n";
    }
    return text;
  };
  ASSERT_EQ(joined(lines), good);
  // Removed, exchanged, doubled, changed, put between: told with the line where it breaks.
  const std::vector<std::pair<std::string, std::string>> cases{
      {joined({lines[0], lines[2], lines[3]}), ":2:"},
      {joined({lines[0], lines[2], lines[1], lines[3]}), ":2:"},
      {joined({lines[0], lines[1], lines[1], lines[2], lines[3]}), ":3:"},
      {joined({lines[0], std::string(lines[1]).replace(lines[1].find("2}"), 1, "7"), lines[2],
               lines[3]}),
       ":3:"},
      {joined({lines[0], lines[1], "{\"n\":9}", lines[2], lines[3]}), ":3:"},
  };
  for (const auto& [text, place] : cases) {
    const std::string changed = dir.write("changed", text);
    EXPECT_NE(problem_of({changed}).find(place), std::string::npos) << text << "\n"
                                                                    << problem_of({changed});
  }
}

TEST(FileOutput, ChainWithAKeyNeedsTheKey) {
  const TempDir dir;
  const std::string path = dir.path("alerts");
  const std::string key = dir.write("key", "0123456789abcdef\n");
  auto output = file(path, {{"hash_chain", "true"}, {"hash_chain_key_file", key}});
  ASSERT_TRUE(output->open());
  ASSERT_TRUE(output.takes({"one\n", "two\n"}));
  EXPECT_EQ(problem_of({path}, "0123456789abcdef"), "");
  EXPECT_NE(problem_of({path}, "another key"), "");
  EXPECT_NE(problem_of({path}), "");
  auto without = file(path, {{"hash_chain", "true"}, {"hash_chain_key_file", dir.path("none")}});
  EXPECT_FALSE(without->open());
}

TEST(FileOutput, ChainGoesOnFromALineThatACrashLeftHalf) {
  const TempDir dir;
  const std::string path = dir.path("alerts");
  {
    auto output = file(path, {{"hash_chain", "true"}});
    ASSERT_TRUE(output->open());
    ASSERT_TRUE(output.takes({"{\"n\":1}\n", "{\"n\":2}\n"}));
  }
  fs::resize_file(path, fs::file_size(path) - 5);
  auto output = file(path, {{"hash_chain", "true"}});
  ASSERT_TRUE(output->open());
  ASSERT_TRUE(output.takes({"{\"n\":2}\n"}));
  EXPECT_EQ(problem_of({path}), "");
}

}  // namespace
}  // namespace tiercel::output
