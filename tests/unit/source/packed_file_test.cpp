#include "packed_file.h"

#include <fstream>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "temp_dir.h"

namespace tiercel::source {
namespace {

using State = PackedFile::State;

std::string zstd(const std::string& text) {
  std::string packed(ZSTD_compressBound(text.size()), '\0');
  packed.resize(ZSTD_compress(packed.data(), packed.size(), text.data(), text.size(), 3));
  return packed;
}

std::string gzip(const std::string& text) {
  const support::TempDir dir;
  const std::string path = dir.path("packed");
  gzFile file = ::gzopen(path.c_str(), "wb");
  ::gzwrite(file, text.data(), static_cast<unsigned>(text.size()));
  ::gzclose(file);
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

class PackedFileTest : public testing::TestWithParam<std::string (*)(const std::string&)> {
 protected:
  PackedFileTest() {
    for (int at = 0; text_.size() < 2'000'000; ++at) {
      text_ += "line " + std::to_string(at * 7919) + "\n";
    }
    packed_ = GetParam()(text_);
  }
  ~PackedFileTest() override { ::close(file_); }
  void write(std::string_view bytes) {
    std::ofstream(path_, std::ios::app | std::ios::binary) << bytes;
  }
  void open() {
    file_ = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC);
    ASSERT_TRUE(PackedFile::is_packed(file_));
    reader_ = PackedFile::open(file_);
    ASSERT_NE(reader_, nullptr);
  }
  State read_all() {
    std::string room(10'000, '\0');
    while (true) {
      const auto got = reader_->read(room.data(), room.size());
      if (got.size == 0) {
        return got.state;
      }
      read_.append(room, 0, got.size);
    }
  }

  const support::TempDir dir_;
  const std::string path_ = dir_.path("packed");
  std::string text_;
  std::string packed_;
  int file_ = -1;
  std::unique_ptr<PackedFile> reader_;
  std::string read_;
};

TEST_P(PackedFileTest, ReadsOneThatIsStillWrittenAndTheNextBehindIt) {
  write(packed_.substr(0, packed_.size() / 2));
  open();
  EXPECT_EQ(read_all(), State::kEndsEarly);
  EXPECT_EQ(read_all(), State::kEndsEarly);
  write(packed_.substr(packed_.size() / 2));
  EXPECT_EQ(read_all(), State::kEnd);
  EXPECT_EQ(read_all(), State::kEnd);
  EXPECT_EQ(read_, text_);
  EXPECT_EQ(reader_->offset(), packed_.size());
  write(packed_);
  EXPECT_EQ(read_all(), State::kEnd);
  EXPECT_EQ(read_, text_ + text_);
}

TEST_P(PackedFileTest, TellsOfDamageAndGivesWhatStandsBefore) {
  std::string damaged = packed_;
  damaged.replace(damaged.size() / 2, 20, std::string(20, '\xFF'));
  write(damaged);
  open();
  EXPECT_EQ(read_all(), State::kDamaged);
  EXPECT_EQ(read_all(), State::kDamaged);
  EXPECT_GT(read_.size(), 100'000U);
  EXPECT_TRUE(text_.starts_with(read_.substr(0, 100'000)));
}

INSTANTIATE_TEST_SUITE_P(All, PackedFileTest, testing::Values(&gzip, &zstd),
                         [](const auto& one) { return one.index == 0 ? "gzip" : "zstd"; });

TEST(PackedFile, TakesPlainTextForPlain) {
  const support::TempDir dir;
  std::ofstream(dir.path("plain")) << "{}\n";
  const int file = ::open(dir.path("plain").c_str(), O_RDONLY | O_CLOEXEC);
  EXPECT_FALSE(PackedFile::is_packed(file));
  ::close(file);
}

}  // namespace
}  // namespace tiercel::source
