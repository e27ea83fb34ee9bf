#include "file_memory.h"

#include <map>

#include <gtest/gtest.h>

#include "temp_dir.h"

namespace tiercel::source {
namespace {

TEST(FilePosition, ReadsWhatItWrites) {
  const FilePosition position{12'345'678'901, {700, 0xFEDCBA9876543210U},       {200, 17}, -5, true,
                              "66305:77",     "/var/log/with a blank/audit.log"};
  const auto read = FilePosition::parse(position.text());
  ASSERT_TRUE(read);
  EXPECT_EQ(read->text(), position.text());
  EXPECT_EQ(read->offset, position.offset);
  EXPECT_EQ(read->fingerprint, position.fingerprint);
  EXPECT_EQ(read->tail, position.tail);
  EXPECT_EQ(read->path, position.path);
  for (const char* const text : {"", "1", "1 2 3", "x 2 3 4 5 6 7 6:7 /a", "seen",
                                 // More bytes before the place than there are, or than are kept.
                                 "9 2 3 10 5 6 0 6:7 /a", "9999 2 3 257 5 6 0 6:7 /a"}) {
    EXPECT_FALSE(FilePosition::parse(text)) << text;
  }
}

TEST(FileMemory, IsBoundedAndCountsWhatIsOlderAsRead) {
  std::map<std::string, std::string> stored;
  FileMemory memory({});
  for (int number = 0; number < 3000; ++number) {
    FilePosition position;
    position.path = "/audit.log";
    position.modified = 1000 + number;
    for (const Position& one : memory.finish("id" + std::to_string(number), position)) {
      if (one.value.empty()) {
        stored.erase(one.key);
      } else {
        stored[one.key] = one.value;
      }
    }
  }
  EXPECT_EQ(stored.size(), FileMemory::kMostFinished);
  EXPECT_TRUE(memory.is_forgotten(2999));
  EXPECT_FALSE(memory.is_forgotten(3000));
  std::vector<Position> positions;
  for (const auto& [key, value] : stored) {
    positions.push_back({key, value});
  }
  const FileMemory again(positions);
  EXPECT_TRUE(again.is_forgotten(2999));
  EXPECT_FALSE(again.is_forgotten(3000));
}

TEST(FileMemory, KnowsAFileAgainThatGrewAndNoOther) {
  const support::TempDir dir;
  const auto open = [&](const std::string& content) {
    return std::move(*FollowedFile::open(dir.write("file", content), "/audit.log", {}));
  };
  FileMemory memory({});
  const std::string line = R"({"kind":"Event","auditID":"1"})"
                           "\n";
  const auto first = open(line + "{\"half");
  (void)memory.finish("id", first->position());
  EXPECT_NE(memory.find(*open(line)), nullptr);
  EXPECT_NE(memory.find(*open(line + line)), nullptr);
  EXPECT_EQ(memory.find(*open("{}\n")), nullptr);
  EXPECT_EQ(memory.find(*open("")), nullptr);
  // Without one whole line nothing is known: all logs begin alike.
  FileMemory empty({});
  (void)empty.finish("id", open(R"({"kind":"Event")")->position());
  EXPECT_EQ(empty.find(*open(R"({"kind":"Event","auditID":"2"})"
                             "\n")),
            nullptr);
}

}  // namespace
}  // namespace tiercel::source
