#include "tiercel/base/file_watch.h"

#include <gtest/gtest.h>

#include "temp_dir.h"

namespace tiercel::base {
namespace {

TEST(FileWatch, TellsOnceOfAChangeThatHasComeToRest) {
  const support::TempDir folder;
  FileWatch watch({folder.write("a", "1"), folder.path("b")});
  EXPECT_FALSE(watch.has_changed());
  folder.write("a", "12");
  EXPECT_FALSE(watch.has_changed()) << "the writer may still be at it";
  folder.write("a", "123");
  EXPECT_FALSE(watch.has_changed()) << "it was";
  EXPECT_TRUE(watch.has_changed());
  EXPECT_FALSE(watch.has_changed());
  folder.write("b", "came");
  EXPECT_FALSE(watch.has_changed());
  EXPECT_TRUE(watch.has_changed());
  std::filesystem::remove(folder.path("a"));
  EXPECT_FALSE(watch.has_changed());
  EXPECT_TRUE(watch.has_changed());
}

// A mounted secret of Kubernetes: a link to a folder, of which another takes the place.
TEST(FileWatch, FollowsLinks) {
  const support::TempDir folder;
  std::filesystem::create_directory(folder.path("old"));
  std::filesystem::create_directory(folder.path("new"));
  folder.write("old/key", "1");
  folder.write("new/key", "1");
  std::filesystem::create_symlink(folder.path("old"), folder.path("data"));
  FileWatch watch({folder.path("data/key")});
  std::filesystem::create_symlink(folder.path("new"), folder.path("data.new"));
  std::filesystem::rename(folder.path("data.new"), folder.path("data"));
  EXPECT_FALSE(watch.has_changed());
  EXPECT_TRUE(watch.has_changed());
}

TEST(FileWatch, OfNothingTellsNothing) {
  FileWatch watch({});
  EXPECT_FALSE(watch.has_changed());
  EXPECT_FALSE(watch.has_changed());
}

}  // namespace
}  // namespace tiercel::base
