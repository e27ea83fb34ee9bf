#include "file_finder.h"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

#include <gtest/gtest.h>

#include "temp_dir.h"

namespace tiercel::source {
namespace {

namespace fs = std::filesystem;

class SiblingsTest : public testing::Test {
 protected:
  [[nodiscard]] std::string path() const { return dir_.path("audit.log"); }
  static void make(const std::string& path) { std::ofstream(path) << "x"; }
  // Longer than what cannot be told from the list's own time.
  static void settle() { std::this_thread::sleep_for(std::chrono::milliseconds(50)); }

  const support::TempDir dir_;
};

TEST_F(SiblingsTest, OneThatIsGoneMakesTheListStale) {
  make(path() + ".1");
  make(path() + ".2");
  Siblings siblings;
  EXPECT_EQ(siblings.of(path()).size(), 2U);
  EXPECT_FALSE(siblings.is_stale());
  fs::remove(path() + ".2");
  EXPECT_EQ(siblings.of(path()).size(), 1U);
  EXPECT_TRUE(siblings.is_stale());
}

// Its folder would be listed again and again.
TEST_F(SiblingsTest, ALinkThatLeadsNowhereDoesNot) {
  make(path() + ".1");
  fs::create_symlink(dir_.path("nowhere"), path() + ".2");
  fs::create_symlink(path() + ".3", path() + ".3");
  Siblings siblings;
  EXPECT_EQ(siblings.of(path()).size(), 1U);
  EXPECT_FALSE(siblings.is_stale());
}

TEST_F(SiblingsTest, TellsThatTheFolderHasChangedSince) {
  make(path());
  settle();
  Siblings siblings;
  EXPECT_TRUE(siblings.has_changed(path())) << "nothing was listed";
  EXPECT_EQ(siblings.of(path()).size(), 0U);
  EXPECT_FALSE(siblings.has_changed(path()));
  std::ofstream(path(), std::ios::app) << "more";
  EXPECT_FALSE(siblings.has_changed(path())) << "what is in the files is none of it";
  fs::rename(path(), path() + ".1");
  EXPECT_TRUE(siblings.has_changed(path()));
  EXPECT_FALSE(siblings.is_stale()) << "no listed name is gone";
}

// The next change may have the same time.
TEST_F(SiblingsTest, AFolderThatChangedJustBeforeCountsAsChanged) {
  make(path());
  Siblings early;
  (void)early.of(path());
  EXPECT_TRUE(early.has_changed(path()));
  settle();
  Siblings late;
  (void)late.of(path());
  EXPECT_FALSE(late.has_changed(path()));
}

TEST_F(SiblingsTest, ALinksTargetsFolderCountsToo) {
  fs::create_directory(dir_.path("real"));
  make(dir_.path("real/audit.log"));
  fs::create_symlink(dir_.path("real/audit.log"), path());
  settle();
  Siblings siblings;
  (void)siblings.of(path());
  EXPECT_FALSE(siblings.has_changed(path()));
  fs::rename(dir_.path("real/audit.log"), dir_.path("real/audit.log.1"));
  make(dir_.path("real/audit.log"));
  EXPECT_TRUE(siblings.has_changed(path()));
}

}  // namespace
}  // namespace tiercel::source
