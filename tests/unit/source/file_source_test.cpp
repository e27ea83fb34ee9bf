#include <random>

#include <fcntl.h>

#include "file_source_fixture.h"

namespace tiercel::source {
namespace {

TEST_F(FileSourceTest, ReadsWholeLinesAsTheyCome) {
  auto following = source();
  write_lines(3);
  EXPECT_TRUE(taker_.has(3));
  append(R"({"kind":"Event","audit)");
  append(R"(ID":"n3"})");
  append("\n");
  next_ = 4;
  write_lines(200);
  EXPECT_TRUE(taker_.has(204));
  EXPECT_TRUE(following->stop(std::chrono::seconds(10)));
  EXPECT_TRUE(taker_.odd().empty());
}

TEST_F(FileSourceTest, BeginsAtTheEndUnlessToldOtherwise) {
  write_lines(10);
  append(R"({"kind":"Event","auditID")");
  FileSourceOptions at_the_end = options();
  at_the_end.from_beginning = false;
  auto following = source(at_the_end);
  // The place is stored, so reading has begun. The line that is half there is read once whole.
  ASSERT_TRUE(wait_until([this] { return taker_.positions().size() == 2; }));
  append(":\"n10\"}\n");
  EXPECT_TRUE(taker_.has(1));
  EXPECT_EQ(taker_.lines().begin()->first, 10);
}

TEST_F(FileSourceTest, OneBadLineCostsNoOther) {
  write_lines(2);
  append("no JSON\n{\"unbalanced\":\"\n[[[\n" + std::string(2 << 20, 'x') + "\n\n");
  write_lines(2);
  auto following = source();
  EXPECT_TRUE(taker_.has(4));
  EXPECT_TRUE(following->stop(std::chrono::seconds(10)));
  EXPECT_EQ(taker_.odd().size(), 3U);
  EXPECT_EQ(taker_.notes(), "too_large ");
}

TEST_F(FileSourceTest, ALongLineIsReportedOnceAcrossRestarts) {
  write_lines(1);
  append(std::string(2 << 20, 'x') + "\n");
  for (int round = 0; round < 3; ++round) {
    auto following = source();
    EXPECT_TRUE(taker_.has_note("too_large"));
    EXPECT_TRUE(following->stop(std::chrono::seconds(10)));
  }
  EXPECT_EQ(taker_.notes(), "too_large ");
  expect_each_once();
}

// A batch that is refused when the source stops is cut out of the file's buffer already; no place
// behind it may be stored.
TEST_F(FileSourceTest, NothingPassesARefusedBatch) {
  write_lines(100);
  for (int round = 0; round < 10; ++round) {
    taker_.refuse_every(1);
    auto following = source();
    write_lines(10);
    EXPECT_TRUE(taker_.is_asked(3));
    fs::rename(path(), dir_.path("audit-" + std::to_string(100 + round) + ".log"));
    append("");
    EXPECT_TRUE(following->stop(std::chrono::seconds(10)));
  }
  taker_.refuse_every(0);
  EXPECT_TRUE(taker_.lines().empty());
  auto following = source();
  expect_each_once();
}

TEST_F(FileSourceTest, GoesOnWhereItStoodAfterARestart) {
  write_lines(100);
  for (int round = 0; round < 5; ++round) {
    auto following = source();
    write_lines(20);
    EXPECT_TRUE(taker_.has(next_));
    EXPECT_TRUE(following->stop(std::chrono::seconds(10)));
    write_lines(20);
  }
  auto following = source();
  EXPECT_TRUE(taker_.has(next_));
  for (const auto& [number, count] : taker_.lines()) {
    EXPECT_EQ(count, 1) << number;
  }
}

TEST_F(FileSourceTest, ReadsFilesThatWereRotatedAndCompressedMeanwhile) {
  write_lines(10);
  {
    auto following = source();
    EXPECT_TRUE(taker_.has(10));
  }
  write_lines(10);  // unread in the first file
  fs::rename(path(), dir_.path("audit-2026-01-02T03-04-05.000.log"));
  std::this_thread::sleep_for(std::chrono::milliseconds(20));  // a later mtime
  write_lines(10);
  fs::rename(path(), dir_.path("audit-2026-01-02T03-04-06.000.log"));
  compress(dir_.path("audit-2026-01-02T03-04-05.000.log"),
           dir_.path("audit-2026-01-02T03-04-05.000.log.gz"));
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  write_lines(10);
  auto following = source();
  EXPECT_TRUE(taker_.has(40));
  EXPECT_TRUE(following->stop(std::chrono::seconds(10)));
  for (const auto& [number, count] : taker_.lines()) {
    EXPECT_EQ(count, 1) << number;
  }
}

TEST_F(FileSourceTest, SeesThatAFileWasCutOffEvenWhereItHasGrownPastItsPlace) {
  write_lines(20);
  auto following = source();
  EXPECT_TRUE(taker_.has(20));
  EXPECT_TRUE(following->stop(std::chrono::seconds(10)));
  // While nobody looks: copied, cut off, and grown to more than was read.
  write_lines(5);
  fs::copy_file(path(), dir_.path("audit.log.1"));
  fs::resize_file(path(), 0);
  write_lines(60);
  following = source();
  expect_each_once();
  EXPECT_TRUE(taker_.notes().empty());
}

// logrotate compresses and renames what it has copied while the copy is looked for.
TEST_F(FileSourceTest, FindsTheCopyThatIsRenamedWhileItIsLookedFor) {
  auto following = source();
  for (int round = 0; round < 40; ++round) {
    write_lines(20);
    ASSERT_TRUE(taker_.has(next_));
    const std::string one = path() + "." + std::to_string(2 * round);
    const std::string other = path() + "." + std::to_string(2 * round + 1);
    fs::copy_file(path(), one);
    std::atomic<bool> is_over{false};
    std::thread renamer([&] {
      // Often enough to meet each look, and not in all the lists of one.
      const auto rename = [](const std::string& from, const std::string& to) {
        fs::rename(from, to);
        std::this_thread::sleep_for(std::chrono::microseconds(100));
      };
      while (!is_over) {
        rename(one, other);
        rename(other, one);
      }
    });
    std::ofstream(path(), std::ios::trunc) << "";
    write_lines(1);
    EXPECT_TRUE(taker_.has(next_));
    is_over = true;
    renamer.join();
  }
  EXPECT_TRUE(following->stop(std::chrono::seconds(10)));
  expect_each_once();
  EXPECT_EQ(taker_.notes(), "");
}

// kube-apiserver opens a new log without O_APPEND: after copytruncate it goes on at its old
// offset, and the file begins with a hole.
TEST_F(FileSourceTest, ReadsBehindTheHoleThatATruncatedWriterLeaves) {
  const int writer = ::open(path().c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
  const auto write_more = [&](int count) {
    for (int at = 0; at < count; ++at) {
      const std::string text = line(next_++) + "\n";
      ASSERT_EQ(::write(writer, text.data(), text.size()), static_cast<ssize_t>(text.size()));
    }
  };
  write_more(300);
  auto following = source();
  for (int round = 1; round <= 5; ++round) {
    EXPECT_TRUE(taker_.has(next_));
    fs::copy_file(path(), dir_.path("audit.log." + std::to_string(round)));
    ASSERT_EQ(::ftruncate(writer, 0), 0);
    write_more(300);
    if (round % 2 == 0) {
      EXPECT_TRUE(taker_.has(next_));
      EXPECT_TRUE(following->stop(std::chrono::seconds(10)));
      write_more(10);
      following = source();
    }
  }
  ::close(writer);
  expect_each_once();
}

TEST_F(FileSourceTest, APatternThatMatchesRotatedNamesTooReadsNoLineTwice) {
  FileSourceOptions many = options();
  many.paths = {dir_.path("audit*")};
  write_lines(10);
  auto following = source(many);
  for (int round = 0; round < 12; ++round) {
    write_lines(10);
    const std::string rotated = dir_.path("audit-" + std::to_string(100 + round) + ".log");
    if (round % 3 == 2) {
      EXPECT_TRUE(taker_.has(next_));
      fs::copy_file(path(), rotated);
      fs::resize_file(path(), 0);
    } else {
      fs::rename(path(), rotated);
      append("");
    }
    write_lines(3);
    EXPECT_TRUE(taker_.has(next_));
    if (round % 4 == 3) {
      EXPECT_TRUE(following->stop(std::chrono::seconds(10)));
      compress(rotated, rotated + ".gz");
      following = source(many);
    }
  }
  expect_each_once();
}

TEST_F(FileSourceTest, ADamagedGzipIsToldOfAndCostsNoOtherFile) {
  write_lines(1);
  {
    auto following = source();
    EXPECT_TRUE(taker_.has(1));
  }
  for (int file = 0; file < 3; ++file) {
    const std::string name = dir_.path("audit-" + std::to_string(100 + file) + ".log");
    fs::rename(path(), name);
    std::this_thread::sleep_for(std::chrono::milliseconds(10));  // a later mtime
    write_lines(2000);
    compress(name, name + ".gz");
  }
  // Of the second the end is missing, of the third a byte is wrong.
  const std::string second = dir_.path("audit-101.log.gz");
  fs::resize_file(second, fs::file_size(second) - 100);
  std::fstream third(dir_.path("audit-102.log.gz"), std::ios::in | std::ios::out);
  third.seekp(static_cast<std::streamoff>(fs::file_size(dir_.path("audit-102.log.gz")) / 2));
  third << "damage" << std::flush;
  auto following = source();
  EXPECT_TRUE(wait_until([this] { return taker_.lines().contains(next_ - 1); }));
  EXPECT_TRUE(wait_until([this] { return taker_.notes() == "source_lost source_lost "; }));
  EXPECT_EQ(metrics_.value(base::Metric::kFileSourceLost), 2U);
  EXPECT_EQ(metrics_.value(base::Metric::kFileSourceErrors), 1U);
  EXPECT_TRUE(following->stop(std::chrono::seconds(10)));
  // Let go: not opened again, nor told of again.
  following = source();
  write_lines(1);
  EXPECT_TRUE(wait_until([this] { return taker_.lines().contains(next_ - 1); }));
  EXPECT_EQ(taker_.notes(), "source_lost source_lost ");
}

TEST_F(FileSourceTest, AFileRenamedByHandIsReadUntilItsWriterMovesOn) {
  write_lines(5);
  auto following = source();
  EXPECT_TRUE(taker_.has(5));
  std::ofstream writer(path(), std::ios::app);
  fs::rename(path(), dir_.path("saved"));
  append("");  // as logrotate's `create` does
  // Longer than rotated_grace.
  std::this_thread::sleep_for(std::chrono::milliseconds(500));
  writer << line(next_++) << "\n" << std::flush;
  EXPECT_TRUE(taker_.has(6));
  fs::remove(dir_.path("saved"));
  writer << line(next_++) << "\n" << std::flush;
  expect_each_once();
}

TEST_F(FileSourceTest, TellsWhenAFileIsGoneBeforeItsEnd) {
  write_lines(50);
  {
    auto following = source();
    EXPECT_TRUE(taker_.has(50));
  }
  append(line(1000) + "\n");
  fs::remove(path());
  append(line(next_++) + "\n");
  auto following = source();
  EXPECT_TRUE(taker_.has_note("source_lost"));
  expect_each_once();
}

TEST_F(FileSourceTest, FollowsALinkAndFindsWhatIsRotatedBesideItsTarget) {
  fs::create_directory(dir_.path("real"));
  const std::string target = dir_.path("real/audit.log");
  const auto write = [&](const std::string& file) {
    std::ofstream(file, std::ios::app) << line(next_++) << "\n";
  };
  write(target);
  fs::create_symlink(target, path());
  {
    auto following = source();
    EXPECT_TRUE(taker_.has(1));
  }
  write(target);
  fs::rename(target, dir_.path("real/audit.log.1"));
  write(target);
  auto following = source();
  expect_each_once();
}

TEST_F(FileSourceTest, FilledAndCutOffManyTimesBetweenTwoLooksThatSawItEmpty) {
  FileSourceOptions slow = options();
  slow.poll_interval = std::chrono::milliseconds(200);
  write_lines(3);
  auto following = source(slow);
  EXPECT_TRUE(taker_.has(3));
  int copies = 0;
  for (int round = 0; round < 3; ++round) {
    for (int cut = 0; cut < 5; ++cut) {
      fs::copy_file(path(), dir_.path("audit-" + std::to_string(100 + copies++) + ".log"));
      fs::resize_file(path(), 0);
      if (cut < 4) {
        write_lines(5);
      }
    }
    // Long enough for a look at the empty file.
    std::this_thread::sleep_for(std::chrono::milliseconds(450));
    write_lines(5);
  }
  expect_each_once();
}

TEST_F(FileSourceTest, RotatedManyTimesBetweenTwoLooks) {
  FileSourceOptions slow = options();
  slow.poll_interval = std::chrono::milliseconds(300);
  write_lines(3);
  auto following = source(slow);
  EXPECT_TRUE(taker_.has(3));
  for (int rotation = 0; rotation < 20; ++rotation) {
    write_lines(7);
    fs::rename(path(), dir_.path("audit-" + std::to_string(100 + rotation) + ".log"));
  }
  write_lines(1);
  expect_each_once();
}

// Fifty rotations of each kind under load, with a sink that refuses now and then: every line.
class Rotations : public FileSourceTest, public testing::WithParamInterface<const char*> {};

TEST_P(Rotations, LoseNoLine) {
  const std::string kind = GetParam();
  taker_.refuse_every(7);
  write_lines(1);
  auto following = source();
  ASSERT_TRUE(taker_.has(1));  // What was rotated before the first start is not read.
  std::mt19937 random(7);
  for (int rotation = 0; rotation < 50; ++rotation) {
    write_lines(static_cast<int>(random() % 40));
    const std::string rotated = dir_.path("audit-" + std::to_string(1000 + rotation) + ".log");
    if (kind == "truncate") {
      // Whoever copies and cuts off loses what is written in between; nobody writes then.
      fs::copy_file(path(), rotated);
      fs::resize_file(path(), 0);
    } else {
      fs::rename(path(), rotated);
      if (kind == "late writer") {
        std::ofstream(rotated, std::ios::app) << line(next_++) << "\n";
      }
      append("");
      if (kind == "compress") {
        compress(rotated, rotated + (rotation % 2 == 0 ? ".gz" : ".zst"));
      }
    }
    if (rotation % 10 == 9) {
      EXPECT_TRUE(following->stop(std::chrono::seconds(10)));
      following = source();
    }
  }
  write_lines(5);
  expect_each_once();
  EXPECT_TRUE(following->stop(std::chrono::seconds(10)));
}

INSTANTIATE_TEST_SUITE_P(All, Rotations,
                         testing::Values("rename", "late writer", "compress", "truncate"),
                         [](const auto& one) {
                           std::string name = one.param;
                           std::erase(name, ' ');
                           return name;
                         });

}  // namespace
}  // namespace tiercel::source
