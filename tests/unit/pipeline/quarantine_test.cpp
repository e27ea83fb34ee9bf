#include "tiercel/pipeline/quarantine.h"

#include <algorithm>
#include <filesystem>
#include <vector>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hand_clock.h"
#include "read_file.h"
#include "temp_dir.h"

namespace tiercel::pipeline {
namespace {

namespace fs = std::filesystem;
using support::HandClock;

class QuarantineTest : public testing::Test {
 protected:
  QuarantineOptions options() const {
    QuarantineOptions options;
    options.path = dir_.path("quarantine");
    return options;
  }
  // Names in the folder, sorted.
  std::vector<std::string> listed() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(options().path)) {
      names.push_back(entry.path().filename().string());
    }
    std::sort(names.begin(), names.end());
    return names;
  }
  std::string content(const std::string& name) const {
    return support::read_file(options().path + "/" + name);
  }

  const support::TempDir dir_;
  HandClock clock_;
  base::Metrics metrics_;
};

mode_t mode_of(const std::string& path) {
  struct stat status {};
  ::stat(path.c_str(), &status);
  return status.st_mode & 0777U;
}

TEST_F(QuarantineTest, KeepsBytesUnderANameThatTellsTimeAndReason) {
  Quarantine quarantine(options(), clock_, metrics_);
  const auto kept = quarantine.keep("{broken", "not_json");
  EXPECT_EQ(kept.name, "20260102T030405Z-000000-not_json.json");
  EXPECT_EQ(content(kept.name), "{broken");
  EXPECT_EQ(quarantine.keep("again", "not_json").name, "20260102T030405Z-000001-not_json.json");
  EXPECT_EQ(quarantine.files(), 2U);
  EXPECT_EQ(quarantine.bytes(), 12U);
}

TEST_F(QuarantineTest, IsForItsOwnerOnly) {
  const mode_t before = ::umask(0);
  Quarantine quarantine(options(), clock_, metrics_);
  const auto kept = quarantine.keep("x", "not_json");
  ::umask(before);
  EXPECT_EQ(mode_of(options().path), 0700U);
  EXPECT_EQ(mode_of(options().path + "/" + kept.name), 0600U);
}

TEST_F(QuarantineTest, LeavesAFolderThatWasThereAsItIs) {
  fs::create_directory(options().path);
  fs::permissions(options().path, fs::perms{0755});
  Quarantine quarantine(options(), clock_, metrics_);
  EXPECT_TRUE(quarantine.check());
  EXPECT_EQ(mode_of(options().path), 0755U);
}

TEST_F(QuarantineTest, TheOldestGoFirstWhenThereAreTooManyFiles) {
  QuarantineOptions few = options();
  few.max_files = 2;
  Quarantine quarantine(few, clock_, metrics_);
  EXPECT_FALSE(quarantine.keep("1", "a").made_room);
  EXPECT_FALSE(quarantine.keep("2", "a").made_room);
  EXPECT_TRUE(quarantine.keep("3", "a").made_room);
  EXPECT_EQ(listed(), (std::vector<std::string>{"20260102T030405Z-000001-a.json",
                                                "20260102T030405Z-000002-a.json"}));
  EXPECT_EQ(metrics_.value(base::Metric::kQuarantineEvictedFiles), 1U);
}

TEST_F(QuarantineTest, TheOldestGoFirstWhenThereAreTooManyBytes) {
  QuarantineOptions small = options();
  small.max_bytes = 10;
  Quarantine quarantine(small, clock_, metrics_);
  (void)quarantine.keep("1234", "a");
  (void)quarantine.keep("5678", "a");
  EXPECT_TRUE(quarantine.keep("90123", "a").made_room);
  EXPECT_EQ(quarantine.files(), 2U);
  EXPECT_EQ(quarantine.bytes(), 9U);
}

TEST_F(QuarantineTest, OfAPieceLargerThanAllTheBeginningIsKept) {
  QuarantineOptions small = options();
  small.max_bytes = 4;
  Quarantine quarantine(small, clock_, metrics_);
  EXPECT_EQ(content(quarantine.keep("1234567", "a").name), "1234");
  EXPECT_EQ(quarantine.bytes(), 4U);
}

TEST_F(QuarantineTest, OldFilesGoWithoutSayingThatItIsFull) {
  Quarantine quarantine(options(), clock_, metrics_);
  (void)quarantine.keep("old", "a");
  clock_.pass_seconds(7 * 24 * 3600 + 1);
  EXPECT_FALSE(quarantine.keep("new", "a").made_room);
  EXPECT_EQ(listed().size(), 1U);
  EXPECT_EQ(metrics_.value(base::Metric::kQuarantineEvictedFiles), 1U);
}

TEST_F(QuarantineTest, TakesOverWhatAnEarlierRunLeft) {
  QuarantineOptions few = options();
  few.max_files = 2;
  {
    Quarantine earlier(few, clock_, metrics_);
    (void)earlier.keep("1", "a");
    (void)earlier.keep("2", "a");
  }
  Quarantine quarantine(few, clock_, metrics_);
  EXPECT_TRUE(quarantine.check());
  EXPECT_EQ(quarantine.files(), 2U);
  // The numbers begin anew; a name that is taken is passed over.
  EXPECT_EQ(quarantine.keep("3", "a").name, "20260102T030405Z-000000-a.json");
  EXPECT_EQ(listed(), (std::vector<std::string>{"20260102T030405Z-000000-a.json",
                                                "20260102T030405Z-000001-a.json"}));
}

TEST_F(QuarantineTest, LeavesFilesOfOthersAlone) {
  fs::create_directory(options().path);
  for (const char* const name : {"notes.json", "package-lock.json", "20260102T030405Z.json"}) {
    dir_.write(std::string("quarantine/") + name, "mine");
  }
  QuarantineOptions few = options();
  few.max_files = 1;
  Quarantine quarantine(few, clock_, metrics_);
  (void)quarantine.keep("1", "a");
  (void)quarantine.keep("2", "a");
  EXPECT_EQ(listed().size(), 4U);
  EXPECT_EQ(quarantine.files(), 1U);
}

TEST_F(QuarantineTest, AFolderThatCannotBeMadeIsCountedNotFatal) {
  QuarantineOptions bad = options();
  bad.path = dir_.write("file", "") + "/below";
  Quarantine quarantine(bad, clock_, metrics_);
  EXPECT_FALSE(quarantine.check());
  EXPECT_EQ(quarantine.keep("x", "a").name, "");
  EXPECT_EQ(metrics_.value(base::Metric::kQuarantineWriteErrors), 2U);
}

TEST_F(QuarantineTest, ComesBackWhenTheFolderWasRemoved) {
  Quarantine quarantine(options(), clock_, metrics_);
  (void)quarantine.keep("1", "a");
  fs::remove_all(options().path);
  (void)quarantine.keep("2", "a");
  EXPECT_NE(quarantine.keep("3", "a").name, "");
  EXPECT_EQ(listed().size(), 1U);
}

}  // namespace
}  // namespace tiercel::pipeline
