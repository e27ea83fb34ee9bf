#include <fstream>
#include <random>
#include <string_view>

#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <unistd.h>

#include "store_fixture.h"

namespace tiercel::store {
namespace {

class TroubleTest : public StoreTest {
 protected:
  void overwrite(const std::string& name, std::uint64_t offset, std::size_t length) {
    std::fstream stream(file(name), std::ios::in | std::ios::out | std::ios::binary);
    stream.seekp(static_cast<std::streamoff>(offset));
    const std::string noise(length, '\x5a');
    stream.write(noise.data(), static_cast<std::streamsize>(noise.size()));
    ASSERT_TRUE(stream.good());
  }
};

// SQLite's files, of which those of segments being made cannot be synced.
int open_unsyncable(sqlite3_vfs* /*vfs*/, const char* name, sqlite3_file* file, int flags,
                    int* out_flags) {
  static sqlite3_vfs* const kSystem = sqlite3_vfs_find("unix");
  const int code = kSystem->xOpen(kSystem, name, file, flags, out_flags);
  if (code == SQLITE_OK && name != nullptr &&
      std::string_view(name).find("/new-") != std::string_view::npos) {
    static sqlite3_io_methods methods = *file->pMethods;
    methods.xSync = [](sqlite3_file*, int) { return SQLITE_IOERR_FSYNC; };
    file->pMethods = &methods;
  }
  return code;
}

// Its bytes may never reach the disk, so that nothing may be acknowledged into it.
TEST_F(TroubleTest, ASegmentThatCannotBeSyncedIsNone) {
  EXPECT_EQ(in_child([this] {
              static sqlite3_vfs unsyncable = *sqlite3_vfs_find(nullptr);
              unsyncable.zName = "unsyncable";
              unsyncable.xOpen = &open_unsyncable;
              sqlite3_vfs_register(&unsyncable, 1);
              return try_open() ? 1 : 0;
            }),
            0);
  open();
}

TEST_F(TroubleTest, ASecondDaemonIsRefusedAndToldByWhom) {
  open();
  const auto second = try_open();
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, "store_locked");
  EXPECT_NE(second.error().text().find(std::to_string(::getpid())), std::string::npos);
  EXPECT_NE(second.error().text().find(folder_.path("alerts")), std::string::npos);
  put(0, 1);
  store_.reset();
  EXPECT_TRUE(try_open());
}

TEST_F(TroubleTest, AFolderThatCannotBeMadeIsRefusedWithAdvice) {
  folder_.write("alerts", "not a folder");
  const auto opened = try_open();
  ASSERT_FALSE(opened);
  EXPECT_NE(opened.error().text().find("folder"), std::string::npos) << opened.error().text();
}

TEST_F(TroubleTest, TheVfsThatWasNamedIsUsed) {
  options_.vfs = "there-is-none";
  EXPECT_FALSE(try_open());
  options_.vfs = "unix";
  EXPECT_TRUE(try_open());
}

TEST_F(TroubleTest, AFileThatIsNoSegmentIsSetAside) {
  open();
  put(0, 5);
  store_.reset();
  overwrite("alerts-0000000001.db", 0, 100);
  open();
  EXPECT_EQ(events_.wait("store_damaged").fields[0].second, "1");
  EXPECT_EQ(files("damaged-").front(), "damaged-alerts-0000000001.db");
  EXPECT_EQ(segments(), std::vector<std::string>{"alerts-0000000002.db"});
  put(5, 8);
  EXPECT_EQ(read_numbers(*store_->feed("out")), numbers(5, 8));
  EXPECT_EQ(metrics_.value(base::Metric::kStoreDamagedSegments), 1U);
}

TEST_F(TroubleTest, AnEmptyFileOfASegmentsNameIsSetAside) {
  std::filesystem::create_directory(folder_.path("alerts"));
  folder_.write("alerts/alerts-0000000004.db", "");
  open();
  EXPECT_EQ(events_.codes(), "store_damaged");
  EXPECT_EQ(segments(), std::vector<std::string>{"alerts-0000000005.db"});
}

TEST_F(TroubleTest, AfterAnUncleanStopTheNewestSegmentIsChecked) {
  open();
  put(0, 200, 1000);
  store_.reset();
  ASSERT_EQ(files("lock").size(), 1U);
  EXPECT_EQ(std::filesystem::file_size(file("lock")), 0U);
  const std::uint64_t size = std::filesystem::file_size(file("alerts-0000000001.db"));
  overwrite("alerts-0000000001.db", (size / 2) & ~std::uint64_t{4095}, 4096);
  folder_.write("alerts/lock", "12345\n");
  open();
  EXPECT_EQ(events_.wait("store_damaged").code, "store_damaged");
  put(200, 203);
  EXPECT_EQ(read_numbers(*store_->feed("out")), numbers(200, 203));
}

TEST_F(TroubleTest, ASegmentTooLargeToBeCheckedIsToldOf) {
  open();
  for (std::uint64_t from = 0; from < 36; from += 4) {
    put(from, from + 4, 1 << 20U);
  }
  store_.reset();
  folder_.write("alerts/lock", "12345\n");
  testing::internal::CaptureStderr();
  open();
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_NE(log.find("alerts-0000000001.db is too large to be checked"), std::string::npos) << log;
  EXPECT_EQ(read_numbers(*store_->feed("out")).size(), 36U);
}

TEST_F(TroubleTest, ASegmentThatBreaksWhileItIsReadIsSetAsideAndTheRestIsDelivered) {
  options_.segment_size = 64 << 10U;
  open();
  put(0, 100, 1000);
  put(100, 105);
  ASSERT_TRUE(eventually([&] { return files("alerts-0000000001.db-wal").empty(); }));
  const std::uint64_t size = std::filesystem::file_size(file("alerts-0000000001.db"));
  overwrite("alerts-0000000001.db", 4096, size - 4096);
  auto feed = store_->feed("out");
  Page page;
  EXPECT_FALSE(feed->read(feed->cursor(), {}, page));
  const StoreEvent event = events_.wait("store_damaged");
  EXPECT_NE(event.message.find("100 for out"), std::string::npos) << event.message;
  EXPECT_EQ(read_numbers(*feed), numbers(100, 105));
}

TEST_F(TroubleTest, TheActiveSegmentBreaksAndAppendsGoOn) {
  open();
  put(0, 100, 1000);
  // Let everything reach the file, then break it.
  store_.reset();
  open();
  const std::uint64_t size = std::filesystem::file_size(file("alerts-0000000001.db"));
  overwrite("alerts-0000000001.db", 4096, size - 4096);
  auto feed = store_->feed("out");
  Page page;
  EXPECT_FALSE(feed->read(feed->cursor(), {}, page));
  EXPECT_EQ(events_.wait("store_damaged").code, "store_damaged");
  put(100, 105);
  EXPECT_EQ(read_numbers(*feed), numbers(100, 105));
  feed.reset();
  open();
  EXPECT_EQ(read_numbers(*store_->feed("out")), numbers(100, 105));
}

TEST_F(TroubleTest, TheGroupInHandIsStoredThoughTheSegmentBreaksUnderIt) {
  open();
  for (std::uint64_t i = 0; i < 4; ++i) {
    put(i * 1000, i * 1000 + 1000, 2000);  // More than the connection keeps in memory.
  }
  store_.reset();
  open();
  const std::uint64_t size = std::filesystem::file_size(file("alerts-0000000001.db"));
  overwrite("alerts-0000000001.db", 4096, size - 4096);
  EXPECT_EQ(append(*store_, make_batch(0, 50)), AppendResult::kStored);
  EXPECT_EQ(events_.wait("store_damaged").code, "store_damaged");
  EXPECT_EQ(read_numbers(*store_->feed("out")), numbers(0, 50));
}

TEST_F(TroubleTest, AStoreRemovedUnderTheDaemonIsMadeAnew) {
  open();
  put(0, 5);
  std::filesystem::remove_all(folder_.path("alerts"));
  put(5, 9);
  const StoreEvent event = events_.wait("store_removed");
  EXPECT_NE(event.message.find("5 for out"), std::string::npos) << event.message;
  EXPECT_EQ(read_numbers(*store_->feed("out")), numbers(5, 9));
  EXPECT_EQ(segments(), std::vector<std::string>{"alerts-0000000002.db"});
  EXPECT_FALSE(try_open());  // The lock is there again.
  open();
  EXPECT_EQ(read_numbers(*store_->feed("out")), numbers(5, 9));
}

TEST_F(TroubleTest, AStoreThatCannotBeMadeAnewRefusesAndComesBack) {
  open();
  put(0, 5);
  std::filesystem::remove_all(folder_.path("alerts"));
  folder_.write("alerts", "in the way");
  EXPECT_EQ(append(*store_, make_batch(5, 6)), AppendResult::kFailed);
  EXPECT_EQ(append(*store_, make_batch(5, 6)), AppendResult::kFailed);
  EXPECT_EQ(events_.wait("store_unwritable").code, "store_unwritable");
  EXPECT_EQ(events_.count("store_unwritable"), 1U);
  std::filesystem::remove(folder_.path("alerts"));
  put(5, 6);
  EXPECT_EQ(read_numbers(*store_->feed("out")), numbers(5, 6));
}

TEST_F(TroubleTest, ANewerSchemaIsLeftAloneAndNothingIsLostAcrossBothWays) {
  const auto with_version = [&](std::uint32_t version) {
    options_.schema_version = version;
    open();
  };
  const auto advance = [&](std::size_t count) {
    auto feed = store_->feed("out");
    Page page;
    ASSERT_TRUE(feed->read(feed->cursor(), {count, 1 << 20U}, page));
    feed->advance(page.end);
  };
  with_version(1);
  put(0, 10);
  advance(4);
  with_version(2);
  put(10, 20);
  advance(8);  // 4 to 11; segment 2 is half delivered.
  const std::string newer = file("alerts-0000000002.db");
  store_.reset();
  const auto changed = std::filesystem::last_write_time(newer);
  with_version(1);
  EXPECT_EQ(events_.wait("store_newer_schema").fields[0].second, newer);
  // What version 2 delivered of segment 1 this version cannot know: again rather than never.
  EXPECT_EQ(read_numbers(*store_->feed("out")), numbers(4, 10));
  put(20, 30);
  advance(9);  // 4 to 9 and 20 to 22.
  EXPECT_EQ(std::filesystem::last_write_time(newer), changed);
  EXPECT_EQ(segments().back(), "alerts-0000000003.db");
  with_version(1);
  EXPECT_EQ(segments().size(), 3U);
  EXPECT_EQ(read_numbers(*store_->feed("out")), numbers(23, 30));
  with_version(2);
  auto expected = numbers(12, 20);
  const auto rest = numbers(23, 30);
  expected.insert(expected.end(), rest.begin(), rest.end());
  EXPECT_EQ(read_numbers(*store_->feed("out")), expected);
  EXPECT_EQ(store_->status().alerts, 30U);
  EXPECT_EQ(events_.count("store_newer_schema"), 2U);
}

TEST_F(TroubleTest, HalfMadeSegmentsAndLogsWithoutADatabaseAreCleanedUp) {
  open();
  put(0, 3);
  store_.reset();
  folder_.write("alerts/new-alerts-0000000002.db", "half");
  folder_.write("alerts/alerts-0000000007.db-wal", "something");
  folder_.write("alerts/alerts-0000000008.db-shm", "something");
  open();
  EXPECT_TRUE(files("new-").empty());
  EXPECT_TRUE(files("-0000000008").empty());
  EXPECT_EQ(files("damaged-").front(), "damaged-alerts-0000000007.db-wal");
  EXPECT_EQ(events_.codes(), "store_damaged");
  // Number 7 is never used again.
  EXPECT_EQ(segments().back(), "alerts-0000000009.db");
  EXPECT_EQ(read_numbers(*store_->feed("out")), numbers(0, 3));
}

TEST_F(TroubleTest, KilledAtAnyInstantItLosesNothingAcknowledged) {
  options_.segment_size = 64 << 10U;
  std::mt19937 random(20260102);
  std::uint64_t acknowledged = 0;
  for (int round = 0; round < 15; ++round) {
    int pipe[2];
    ASSERT_EQ(::pipe(pipe), 0);
    const pid_t child = ::fork();
    if (child == 0) {
      ::close(pipe[0]);
      auto opened = try_open();
      if (!opened) {
        ::_exit(2);
      }
      for (std::uint64_t next = acknowledged;; next += 20) {
        if (append(**opened, make_batch(next, next + 20, 500)) != AppendResult::kStored ||
            ::write(pipe[1], &next, sizeof(next)) != sizeof(next)) {
          ::_exit(3);
        }
      }
    }
    ::close(pipe[1]);
    std::uint64_t from = 0;
    const unsigned batches = std::uniform_int_distribution<unsigned>(1, 12)(random);
    for (unsigned i = 0; i < batches; ++i) {
      ASSERT_EQ(::read(pipe[0], &from, sizeof(from)), ssize_t{sizeof(from)}) << "round " << round;
      acknowledged = from + 20;
    }
    ::usleep(std::uniform_int_distribution<unsigned>(0, 3000)(random));
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    while (::read(pipe[0], &from, sizeof(from)) == ssize_t{sizeof(from)}) {
      acknowledged = from + 20;
    }
    ::close(pipe[0]);
  }
  open();
  const auto read = read_numbers(*store_->feed("out"));
  // Each exactly once, in order; a batch in flight at a kill may be there or not.
  ASSERT_GE(read.size(), acknowledged);
  EXPECT_EQ(read, numbers(0, read.size()));
  EXPECT_EQ(events_.codes(), "");
}

}  // namespace
}  // namespace tiercel::store
