#include "tiercel/base/file_stamp.h"

#include <cerrno>

#include <gtest/gtest.h>

#include "temp_dir.h"

namespace tiercel::base {
namespace {

TEST(FileStamp, TellsFilesApartByWhatTheyAreAndHold) {
  const support::TempDir folder;
  const FileStamp first = FileStamp::of(folder.write("a", "1"));
  EXPECT_EQ(first, FileStamp::of(folder.path("a")));
  EXPECT_EQ(first.error, 0);
  EXPECT_EQ(first.size, 1);
  EXPECT_GE(first.youngest(), first.modified);
  const FileStamp longer = FileStamp::of(folder.write("a", "12"));
  EXPECT_NE(longer, first);
  EXPECT_NE(longer.text(), first.text());
  const FileStamp other = FileStamp::of(folder.write("b", "12"));
  EXPECT_NE(other.inode, longer.inode);
}

TEST(FileStamp, OfWhatIsNotThereSaysWhy) {
  const support::TempDir folder;
  const FileStamp none = FileStamp::of(folder.path("none"));
  EXPECT_EQ(none.error, ENOENT);
  EXPECT_EQ(none.text(), "error " + std::to_string(ENOENT));
  EXPECT_EQ(none, FileStamp::of(folder.path("neither")));
  EXPECT_EQ(FileStamp::of("").error, ENOENT);
}

TEST(FileStamp, FollowsLinks) {
  const support::TempDir folder;
  std::filesystem::create_symlink(folder.write("a", "1"), folder.path("link"));
  EXPECT_EQ(FileStamp::of(folder.path("link")), FileStamp::of(folder.path("a")));
}

}  // namespace
}  // namespace tiercel::base
