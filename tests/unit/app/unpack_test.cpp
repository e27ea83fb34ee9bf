#include "unpack.h"

#include <gtest/gtest.h>

#include "packed.h"
#include "temp_dir.h"

namespace tiercel::app {
namespace {

// All of it, read in pieces of `room` bytes; the error's code in angle brackets at its place.
std::string read_all(const std::string& path, std::size_t room) {
  const auto reader = open_bytes(path);
  if (!reader) {
    return "<" + reader.error().code + ">";
  }
  std::string out;
  std::string piece(room, '\0');
  while (true) {
    const auto got = (*reader)->read(piece);
    if (!got) {
      return out + "<" + got.error().code + ">";
    }
    if (*got == 0) {
      return out;
    }
    out.append(piece, 0, *got);
  }
}

std::string long_text() {
  std::string text;
  for (int number = 0; number < 200'000; ++number) {
    text += std::to_string(number) + "\n";
  }
  return text;
}

TEST(OpenBytes, ReadsAnyFormWithAnyRoom) {
  const support::TempDir dir;
  const std::string text = long_text();
  const std::vector<std::string> paths{
      dir.write("plain", text),
      dir.write("gzip", gzip_of(text)),
      dir.write("zstd", zstd_of(text)),
      dir.write("members", gzip_of(text.substr(0, 1000)) + gzip_of(text.substr(1000))),
      dir.write("frames", zstd_of(text.substr(0, 1000)) + zstd_of(text.substr(1000))),
  };
  for (const std::string& path : paths) {
    for (const std::size_t room : {std::size_t{777}, std::size_t{1} << 20U}) {
      EXPECT_TRUE(read_all(path, room) == text) << path << " " << room;
    }
  }
}

TEST(OpenBytes, ReadsByteByByte) {
  const support::TempDir dir;
  EXPECT_EQ(read_all(dir.write("z", zstd_of("some text")), 1), "some text");
  EXPECT_EQ(read_all(dir.write("g", gzip_of("some text")), 1), "some text");
  EXPECT_EQ(read_all(dir.write("p", "some text"), 1), "some text");
}

TEST(OpenBytes, ReadsShortFiles) {
  const support::TempDir dir;
  EXPECT_EQ(read_all(dir.write("none", ""), 16), "");
  EXPECT_EQ(read_all(dir.write("one", "a"), 16), "a");
  EXPECT_EQ(read_all(dir.write("empty gzip", gzip_of("")), 16), "");
  EXPECT_EQ(read_all(dir.write("empty zstd", zstd_of("")), 16), "");
}

TEST(OpenBytes, TellsOfDamage) {
  const support::TempDir dir;
  const std::string gzip = gzip_of(long_text());
  const std::string zstd = zstd_of(long_text());
  EXPECT_TRUE(
      read_all(dir.write("g", gzip.substr(0, gzip.size() / 2)), 4096).ends_with("<truncated>"));
  EXPECT_TRUE(
      read_all(dir.write("z", zstd.substr(0, zstd.size() / 2)), 4096).ends_with("<truncated>"));
  EXPECT_TRUE(read_all(dir.write("g2", gzip.substr(0, 12) + "rubbish rubbish"), 4096)
                  .ends_with("<damaged>"));
  EXPECT_TRUE(read_all(dir.write("z2", zstd.substr(0, 6) + "rubbish rubbish"), 4096)
                  .ends_with("<damaged>"));
  EXPECT_EQ(read_all(dir.path("not there"), 16), "<read_failed>");
}

}  // namespace
}  // namespace tiercel::app
