#include "file_set.h"

#include <string>

#include <gtest/gtest.h>

#include "temp_dir.h"

namespace tiercel::source {
namespace {

class FileSetTest : public testing::Test {
 protected:
  [[nodiscard]] std::unique_ptr<FollowedFile> open(const std::string& name) const {
    auto file = FollowedFile::open(dir_.path(name), dir_.path("audit.log"), {});
    EXPECT_TRUE(file);
    return std::move(*file);
  }
  // Lines longer together than what a file is known by.
  static std::string lines(char letter) {
    return std::string(Fingerprint::kMost, letter) + "\n" + std::string(10, letter) + "\n";
  }

  const support::TempDir dir_;
};

TEST_F(FileSetTest, KnowsACopyOfAFileThatWasCutOffSinceItsLastRead) {
  (void)dir_.write("audit.log", lines('a'));
  FileSet files;
  files.live.emplace(dir_.path("audit.log"), open("audit.log"));
  std::string scratch(1U << 16U, '\0');
  ASSERT_TRUE(files.live.begin()->second->read_more(scratch));

  // Cut off in place, written again, and copied: its next read will find it exchanged.
  (void)dir_.write("audit.log", lines('b'));
  (void)dir_.write("copy of a", lines('a'));
  (void)dir_.write("copy of b", lines('b'));
  (void)dir_.write("another", lines('c'));
  EXPECT_TRUE(files.holds_copy_of(*open("copy of a")));
  EXPECT_TRUE(files.holds_copy_of(*open("copy of b")));
  EXPECT_FALSE(files.holds_copy_of(*open("another")));
  // The look itself changes nothing of what the next read says.
  const auto next = files.live.begin()->second->read_more(scratch);
  ASSERT_TRUE(next);
  EXPECT_EQ(*next, FollowedFile::Read::kExchanged);
}

// The writer goes on at its old offset, so that zeros stand before the new lines.
TEST_F(FileSetTest, KnowsACopyWithAHole) {
  (void)dir_.write("audit.log", lines('a'));
  FileSet files;
  files.live.emplace(dir_.path("audit.log"), open("audit.log"));
  const std::string hole(lines('a').size(), '\0');
  (void)dir_.write("audit.log", hole + lines('b'));
  (void)dir_.write("copy", hole + lines('b'));
  EXPECT_TRUE(files.holds_copy_of(*open("copy")));
}

// Behind zeros the page that was copied last may hold one line and a part of the next.
TEST_F(FileSetTest, KnowsACopyThatIsStillBeingMade) {
  const std::string line = std::string(Fingerprint::kMost / 2, 'a') + "\n";
  const std::string rest = std::string(Fingerprint::kMost, 'b') + "\n";
  (void)dir_.write("audit.log", line + rest);
  FileSet files;
  files.live.emplace(dir_.path("audit.log"), open("audit.log"));
  const std::string hole(4096, '\0');
  (void)dir_.write("begun", hole + line + rest.substr(0, 9));
  (void)dir_.write("another", hole + line + "other");
  EXPECT_TRUE(files.holds_copy_of(*open("begun")));
  EXPECT_FALSE(files.holds_copy_of(*open("another")));
  // As well where the content is there since the last read only.
  (void)dir_.write("audit.log", hole + "x\n" + rest);
  (void)dir_.write("begun", hole + "x\n" + rest.substr(0, 7));
  EXPECT_TRUE(files.holds_copy_of(*open("begun")));
}

}  // namespace
}  // namespace tiercel::source
