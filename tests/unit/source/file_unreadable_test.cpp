#include "file_source_fixture.h"
#include "followed_file.h"

namespace tiercel::source {
namespace {

// Only names and times count: nothing of these formats is read.
class Unreadable : public FileSourceTest, public testing::WithParamInterface<std::string> {
 protected:
  void SetUp() override {
    write_lines(5);
    following_ = source();
    EXPECT_TRUE(taker_.has(5));
  }
  void restart() {
    following_.reset();
    following_ = source();
  }
  // As compressors do: the other file gets the time of the plain one, which is removed then.
  void pack(const std::string& from) const {
    const std::string to = from + GetParam();
    std::ofstream(to) << "packed";
    fs::last_write_time(to, fs::last_write_time(from));
    fs::remove(from);
  }

  std::unique_ptr<FileSource> following_;
};

TEST_P(Unreadable, AFileThatWasNotReadIsToldOfOnce) {
  following_.reset();
  append(line(1000) + "\n");
  fs::rename(path(), dir_.path("audit.log.1"));
  write_lines(1);
  const std::string packed = dir_.path("audit.log.2") + GetParam();
  std::ofstream(packed) << "packed";
  // The system's clock of files goes in steps of milliseconds.
  fs::last_write_time(packed, fs::last_write_time(path()) - std::chrono::minutes(1));
  following_ = source();
  EXPECT_TRUE(taker_.has_note("source_lost"));
  EXPECT_EQ(metrics_.value(base::Metric::kFileSourceLost), 1U);
  EXPECT_TRUE(taker_.has(7));
  restart();
  write_lines(1);
  EXPECT_TRUE(taker_.has(8));
  fs::rename(packed, dir_.path("audit.log.3") + GetParam());
  fs::rename(path(), dir_.path("audit.log.2"));
  write_lines(1);
  EXPECT_TRUE(taker_.has(9));
  EXPECT_EQ(taker_.notes(), "source_lost ");
}

TEST_P(Unreadable, AFileThatWasReadBeforeItWasCompressedIsNot) {
  fs::rename(path(), dir_.path("audit.log.1"));
  write_lines(5);
  EXPECT_TRUE(taker_.has(10));
  // Read to its end and let go.
  EXPECT_TRUE(wait_until([this] {
    for (const Position& position : taker_.positions()) {
      if (const auto read = FilePosition::parse(position.value); read && read->is_finished) {
        return true;
      }
    }
    return false;
  }));
  pack(dir_.path("audit.log.1"));
  fs::rename(path(), dir_.path("audit.log.2"));
  write_lines(5);
  EXPECT_TRUE(taker_.has(15));
  restart();
  write_lines(1);
  EXPECT_TRUE(taker_.has(16));
  EXPECT_EQ(taker_.notes(), "");
}

TEST_P(Unreadable, OneThatIsJustBeingWrittenIsReadByItsPlainName) {
  following_.reset();
  write_lines(5);
  fs::rename(path(), dir_.path("audit.log.1"));
  std::ofstream(dir_.path("audit.log.1") + GetParam()) << "half";
  write_lines(5);
  following_ = source();
  expect_each_once();
  EXPECT_EQ(taker_.notes(), "");
}

INSTANTIATE_TEST_SUITE_P(All, Unreadable, testing::Values(".xz", ".bz2", ".lz4", ".Z"),
                         [](const auto& one) { return one.param.substr(1); });

TEST_F(FileSourceTest, WhatWasCompressedBeforeTheFirstLookIsNotToldOf) {
  std::ofstream(dir_.path("audit.log.2.xz")) << "packed";
  write_lines(5);
  auto following = source();
  EXPECT_TRUE(taker_.has(5));
  following.reset();
  following = source();
  write_lines(5);
  EXPECT_TRUE(taker_.has(10));
  EXPECT_EQ(taker_.notes(), "");
}

}  // namespace
}  // namespace tiercel::source
