#include "config_watch.h"

#include <filesystem>

#include <gtest/gtest.h>

#include "tiercel/base/clock.h"

#include "temp_dir.h"

namespace tiercel::app {
namespace {

namespace fs = std::filesystem;

/// A steady clock that a test moves by milliseconds.
class StepClock final : public base::Clock {
 public:
  [[nodiscard]] std::int64_t now() const override { return steady(); }
  [[nodiscard]] std::int64_t steady() const override { return 1'000'000'000 + passed_; }
  void pass(std::int64_t milliseconds) { passed_ += milliseconds * 1'000'000; }

 private:
  std::int64_t passed_ = 0;
};

class ConfigWatchTest : public testing::Test {
 protected:
  ConfigWatchTest() : rules_(folder_.write("rules.yaml", "- list: a")) {
    fs::create_directory(folder_.path("rules.d"));
    paths_.config = {folder_.path("tiercel.yaml")};
    paths_.rules = {rules_, folder_.path("rules.d")};
    follow();
  }
  void follow() { watch_.follow(paths_, FileStamps::of(paths_)); }
  // Written anew, with another length so that no file system's clock matters.
  void change() { folder_.write("rules.yaml", std::string(++length_, '#')); }
  // What look() tells after so long.
  std::string after(std::int64_t milliseconds) {
    clock_.pass(milliseconds);
    return watch_.look();
  }

  const support::TempDir folder_;
  const std::string rules_;
  LoadedPaths paths_;
  StepClock clock_;
  ConfigWatch watch_{clock_};
  std::size_t length_ = 20;
};

TEST_F(ConfigWatchTest, TellsOfAChangeOnceItIsLeftAlone) {
  EXPECT_EQ(after(1000), "");
  EXPECT_EQ(watch_.pause(), ConfigWatch::kPeriod);
  change();
  EXPECT_EQ(after(999), "") << "looked at once a second";
  EXPECT_EQ(after(1), "");
  EXPECT_EQ(watch_.pause(), ConfigWatch::kStep);
  EXPECT_EQ(after(400), "");
  change();
  EXPECT_EQ(after(100), "") << "the writer goes on";
  EXPECT_EQ(after(400), "");
  EXPECT_EQ(after(100), rules_);
  follow();
  EXPECT_EQ(after(5000), "");
}

TEST_F(ConfigWatchTest, WhatGoesOnChangingIsToldOfAllTheSame) {
  std::int64_t passed = 0;
  std::string told;
  while (told.empty() && passed < 60'000) {
    change();
    told = after(100);
    passed += 100;
  }
  EXPECT_EQ(told, rules_);
  EXPECT_GE(passed, ConfigWatch::kMostSettling.count());
  EXPECT_LE(passed, ConfigWatch::kMostSettling.count() + 2000);
}

TEST_F(ConfigWatchTest, WhatIsPutBackIsNoNews) {
  const std::string aside = folder_.path("aside");
  fs::rename(rules_, aside);
  EXPECT_EQ(after(1000), "");
  fs::rename(aside, rules_);
  // Renamed, it has another time of change: that is told of. A link that is put back has not.
  follow();
  fs::create_symlink(folder_.path("none"), folder_.path("rules.d/link.yaml"));
  EXPECT_EQ(after(1000), "") << "it leads nowhere";
  EXPECT_EQ(after(1000), "");
}

TEST(FileStampsTest, SeeWhatWouldBeReadAndNothingElse) {
  const support::TempDir folder;
  fs::create_directory(folder.path("d"));
  folder.write("d/a.yaml", "a");
  LoadedPaths rules;
  rules.rules = {folder.path("d")};
  LoadedPaths config;
  config.config = {folder.path("d")};
  const FileStamps as_rules = FileStamps::of(rules);
  const FileStamps as_config = FileStamps::of(config);
  folder.write("d/.a.yaml.swp", "x");
  folder.write("d/a.yaml~", "x");
  EXPECT_TRUE(as_rules == FileStamps::of(rules));
  EXPECT_TRUE(as_config == FileStamps::of(config));
  folder.write("d/README", "x");
  EXPECT_TRUE(as_rules == FileStamps::of(rules));
  EXPECT_EQ(as_config.difference(FileStamps::of(config)), folder.path("d/README"));
  fs::remove(folder.path("d/a.yaml"));
  EXPECT_EQ(as_rules.difference(FileStamps::of(rules)), folder.path("d/a.yaml"));
  fs::remove_all(folder.path("d"));
  EXPECT_EQ(FileStamps::of(rules).size(), 1U) << "that it is missing is known";
}

TEST(FileStampsTest, ALinkThatLeadsElsewhereIsAnotherFile) {
  const support::TempDir folder;
  folder.write("one", "same");
  folder.write("two", "same");
  fs::create_symlink("one", folder.path("link.yaml"));
  LoadedPaths paths;
  paths.rules = {folder.path("link.yaml")};
  const FileStamps before = FileStamps::of(paths);
  fs::create_symlink("two", folder.path("next"));
  fs::rename(folder.path("next"), folder.path("link.yaml"));
  EXPECT_FALSE(before == FileStamps::of(paths));
}

TEST(FileStampsTest, AreFreshJustAfterAWrite) {
  const support::TempDir folder;
  LoadedPaths paths;
  paths.rules = {folder.write("a.yaml", "a")};
  const FileStamps stamps = FileStamps::of(paths);
  const std::int64_t now = base::SystemClock().now();
  constexpr std::int64_t kSecond = 1'000'000'000;
  EXPECT_FALSE(stamps.is_fresh(now + kSecond));
  EXPECT_FALSE(stamps.is_fresh(now - kSecond)) << "of a clock that is ahead nothing is known";
  EXPECT_FALSE(FileStamps().is_fresh(now));
}

}  // namespace
}  // namespace tiercel::app
