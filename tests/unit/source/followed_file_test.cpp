#include "followed_file.h"

#include <atomic>
#include <filesystem>
#include <string>
#include <thread>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include "read_file.h"
#include "temp_dir.h"

namespace tiercel::source {
namespace {

namespace fs = std::filesystem;

class FollowedFileTest : public testing::Test {
 protected:
  [[nodiscard]] std::unique_ptr<FollowedFile> open(const std::string& content) const {
    auto file = FollowedFile::open(dir_.write("audit.log", content), "/audit.log", {});
    EXPECT_TRUE(file);
    return std::move(*file);
  }

  const support::TempDir dir_;
};

TEST_F(FollowedFileTest, SkipsToTheEndOfTheLastWholeLine) {
  constexpr std::uint64_t kMost = 200'000;
  const auto end_of = [this](const std::string& content) {
    const auto file = open(content);
    EXPECT_TRUE(file->skip_to_end(kMost));
    return file->position().offset;
  };
  const std::string lines = std::string(70'000, 'a') + "\nb\n";
  EXPECT_EQ(end_of(""), 0U);
  EXPECT_EQ(end_of("half"), 0U);
  EXPECT_EQ(end_of(lines), lines.size());
  EXPECT_EQ(end_of(lines + "half"), lines.size());
  EXPECT_EQ(end_of(lines + std::string(kMost, 'x')), lines.size());
  // What comes of such a line is too long, too.
  const std::string too_long = lines + std::string(2 * kMost, 'x');
  EXPECT_LT(end_of(too_long), too_long.size() - kMost);
}

TEST_F(FollowedFileTest, GoesOnOnlyWhereTheSameBytesStandBefore) {
  const std::string lines = "{\"a\":1}\n{\"b\":2}\n";
  const auto first = open(lines);
  ASSERT_TRUE(first->skip_to_end(1000));
  const FilePosition place = first->position();
  EXPECT_TRUE(open(lines)->seek(place));
  EXPECT_TRUE(open(lines + lines)->seek(place));
  EXPECT_FALSE(open(lines.substr(0, lines.size() - 1))->seek(place));
  EXPECT_FALSE(open("{\"a\":1}\n{\"b\":3}\n" + lines)->seek(place));
}

// Whoever compresses makes the file first and writes it then.
TEST_F(FollowedFileTest, ACompressedFileThatIsBegunIsNeverTakenForLines) {
  const std::string path = dir_.path("audit-1.log.gz");
  const gzFile out = ::gzopen(path.c_str(), "wb");
  for (int number = 0; number < 5000; ++number) {
    const std::string line = "{\"n\":" + std::to_string(number * 7919) + "}\n";
    ASSERT_GT(::gzwrite(out, line.data(), static_cast<unsigned>(line.size())), 0);
  }
  ::gzclose(out);
  const std::string packed = support::read_file(path);
  ASSERT_NE(packed.substr(0, Fingerprint::kMost).find('\n'), std::string::npos)
      << "looks like lines";
  std::atomic<bool> is_over{false};
  std::thread writer([&] {
    while (!is_over) {
      fs::remove(path);
      const int file = ::open(path.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
      EXPECT_EQ(::write(file, packed.data(), packed.size()), static_cast<ssize_t>(packed.size()));
      ::close(file);
    }
  });
  int plain = 0;
  int whole = 0;
  for (int at = 0; at < 20'000; ++at) {
    const auto file = FollowedFile::open(path, dir_.path("audit.log"), {});
    if (file && (*file)->known().length != 0) {
      ++((*file)->is_packed() ? whole : plain);
    }
  }
  is_over = true;
  writer.join();
  EXPECT_EQ(plain, 0);
  EXPECT_GT(whole, 0);
}

TEST_F(FollowedFileTest, NoProgramThatIsStartedGetsItsDescriptors) {
  const std::string path = dir_.path("audit.log.1.gz");
  const gzFile out = ::gzopen(path.c_str(), "wb");
  ASSERT_GT(::gzputs(out, "{}\n"), 0);
  ::gzclose(out);
  const auto file = FollowedFile::open(path, "/audit.log", {});
  ASSERT_TRUE(file);
  int open_files = 0;
  for (const auto& entry : fs::directory_iterator("/proc/self/fd")) {
    std::error_code error;
    if (fs::read_symlink(entry.path(), error) == path) {
      ++open_files;
      const int flags = ::fcntl(std::stoi(entry.path().filename()), F_GETFD);
      EXPECT_NE(flags & FD_CLOEXEC, 0) << entry.path();
    }
  }
  EXPECT_EQ(open_files, 2);
}

}  // namespace
}  // namespace tiercel::source
