// Which logs are read from their beginning, and which at their end.
#include "as_nobody.h"
#include "file_source_fixture.h"

namespace tiercel::source {
namespace {

TEST_F(FileSourceTest, ReadsWholeWhatAppearedAfterTheFirstLook) {
  FileSourceOptions at_the_end = options();
  at_the_end.from_beginning = false;
  at_the_end.paths = {dir_.path("later/audit.log")};
  {
    auto following = source(at_the_end);
    ASSERT_TRUE(wait_until([this] { return taker_.positions().size() == 1; }));
    EXPECT_TRUE(following->stop(std::chrono::seconds(10)));
  }
  // Made while nobody looked: it came after the first look all the same.
  fs::create_directory(dir_.path("later"));
  std::ofstream(at_the_end.paths.front()) << line(0) << "\n" << line(1) << "\n";
  next_ = 2;
  auto following = source(at_the_end);
  expect_each_once();
}

TEST_F(FileSourceTest, AFileThatMayNotBeReadYetIsNotReadFromItsBeginningLater) {
  const AsNobody nobody(dir_.path(""));
  if (AsNobody::is_root()) {
    GTEST_SKIP() << "root may read everything";
  }
  write_lines(10);
  fs::permissions(path(), fs::perms::none);
  FileSourceOptions at_the_end = options();
  at_the_end.from_beginning = false;
  auto following = source(at_the_end);
  ASSERT_TRUE(wait_until([this] { return metrics_.value(base::Metric::kFileSourceErrors) == 1; }));
  // The pattern is known, and that this file could not be read.
  ASSERT_TRUE(wait_until([this] { return taker_.positions().size() == 2; }));
  EXPECT_TRUE(following->stop(std::chrono::seconds(10)));
  following = source(at_the_end);
  fs::permissions(path(), fs::perms::owner_all);
  ASSERT_TRUE(wait_until([this] { return is_followed(path()); }));
  write_lines(1);
  EXPECT_TRUE(taker_.has(1));
  EXPECT_EQ(taker_.lines().begin()->first, 10);
}

TEST_F(FileSourceTest, AFolderThatMayNotBeListedYetHidesNoLogThatIsReadFromItsBeginningLater) {
  const AsNobody nobody(dir_.path(""));
  if (AsNobody::is_root()) {
    GTEST_SKIP() << "root may read everything";
  }
  FileSourceOptions at_the_end = options();
  at_the_end.from_beginning = false;
  for (const std::string folder : {"first", "second", "third"}) {
    fs::create_directories(dir_.path("logs/" + folder));
    std::ofstream(dir_.path("logs/" + folder + "/old.log")) << line(next_++) << "\n";
  }
  at_the_end.paths = {dir_.path("logs/first/*.log"), dir_.path("logs/*/old.log"),
                      dir_.path("logs/*/new.log")};
  const auto permit = [this](const std::string& folder, unsigned mode) {
    fs::permissions(dir_.path(folder), fs::perms(mode));
  };
  permit("logs/first", 0311);
  permit("logs/second", 0);
  auto following = source(at_the_end);
  ASSERT_TRUE(wait_until([this] { return taker_.positions().size() >= 6; }));
  // A folder that is closed keeps nothing in another from being new.
  std::ofstream(dir_.path("logs/third/new.log")) << line(next_++) << "\n";
  EXPECT_TRUE(taker_.has(1));
  permit("logs/first", 0755);
  permit("logs/second", 0755);
  for (const std::string folder : {"first", "second"}) {
    const std::string old = dir_.path("logs/" + folder + "/old.log");
    ASSERT_TRUE(wait_until([&] { return is_followed(old); })) << old;
    std::ofstream(old, std::ios::app) << line(next_++) << "\n";
    // Now it is known what is in the folder.
    ASSERT_TRUE(wait_until([&] { return !is_unread(dir_.path("logs/" + folder + "/")); }));
    std::ofstream(dir_.path("logs/" + folder + "/new.log")) << line(next_++) << "\n";
  }
  EXPECT_TRUE(taker_.has(5));
  EXPECT_EQ(taker_.lines().begin()->first, 3);
  EXPECT_EQ(taker_.lines().size(), 5U);
}

TEST_F(FileSourceTest, OneMatchThatCannotBeReadCostsNewLogsNothing) {
  fs::create_directory(dir_.path("folder.log"));
  append("no line");
  compress(path(), dir_.path("packed.log"));
  FileSourceOptions at_the_end = options();
  at_the_end.from_beginning = false;
  at_the_end.paths = {dir_.path("*.log")};
  auto following = source(at_the_end);
  for (unsigned round = 0; round < 2; ++round) {
    // The pattern, and the two that could not be read.
    ASSERT_TRUE(wait_until([this] { return taker_.positions().size() >= 3; }));
    const std::string fresh = dir_.path("fresh" + std::to_string(round) + ".log");
    std::ofstream(fresh) << line(next_) << "\n" << line(next_ + 1) << "\n";
    next_ += 2;
    EXPECT_TRUE(taker_.has(next_));
    EXPECT_TRUE(following->stop(std::chrono::seconds(10)));
    // Each was told of once.
    EXPECT_EQ(metrics_.value(base::Metric::kFileSourceErrors), 2U * (round + 1U));
    following = source(at_the_end);
  }
  expect_each_once();
}

TEST_F(FileSourceTest, ReadsWholeWhatWasRotatedBesideALogThatAppearedWhileNobodyLooked) {
  // But for what was there at the first look.
  std::ofstream(dir_.path("audit-2020.log")) << line(1000) << "\n";
  FileSourceOptions at_the_end = options();
  at_the_end.from_beginning = false;
  {
    auto following = source(at_the_end);
    ASSERT_TRUE(wait_until([this] { return taker_.positions().size() == 2; }));
    EXPECT_TRUE(following->stop(std::chrono::seconds(10)));
  }
  for (int rotation = 0; rotation < 2; ++rotation) {
    write_lines(5);
    fs::rename(path(), dir_.path("audit-" + std::to_string(100 + rotation) + ".log"));
  }
  write_lines(5);
  auto following = source(at_the_end);
  expect_each_once();
}

}  // namespace
}  // namespace tiercel::source
