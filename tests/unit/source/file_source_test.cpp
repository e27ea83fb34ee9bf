#include "tiercel/source/file_source.h"

#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <random>
#include <set>
#include <thread>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>
#include <zlib.h>

#include "hand_clock.h"
#include "temp_dir.h"

namespace tiercel::source {
namespace {

namespace fs = std::filesystem;
using support::TempDir;

std::string line(int number) {
  return R"({"kind":"Event","auditID":"n)" + std::to_string(number) + "\"}";
}

bool wait_until(const std::function<bool()>& condition) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > until) {
      return false;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

// Keeps what it was given, as a store would: lines and positions together.
class Taker {
 public:
  BatchOutcome take(const Batch& batch) {
    const std::lock_guard lock(mutex_);
    ++calls_;
    more_.notify_all();
    // A place alone is never refused.
    if (batch.size != 0 && refuse_every_ != 0 && calls_ % refuse_every_ == 0) {
      return BatchOutcome::kFailed;
    }
    const std::string text(batch.view());
    for (std::size_t at = text.find("\"n"); at != std::string::npos;
         at = text.find("\"n", at + 1)) {
      ++lines_[std::atoi(text.c_str() + at + 2)];
    }
    if (batch.size != 0 && text.find("\"n") == std::string::npos) {
      odd_.push_back(text);
    }
    for (const Position& position : batch.positions) {
      if (position.value.empty()) {
        positions_.erase(position.key);
      } else {
        positions_[position.key] = position.value;
      }
    }
    more_.notify_all();
    return BatchOutcome::kDone;
  }
  void refuse_every(int calls) { refuse_every_ = calls; }
  [[nodiscard]] std::vector<Position> positions() const {
    const std::lock_guard lock(mutex_);
    std::vector<Position> out;
    for (const auto& [key, value] : positions_) {
      out.push_back({key, value});
    }
    return out;
  }
  [[nodiscard]] bool has(int lines) const {
    std::unique_lock lock(mutex_);
    return more_.wait_for(lock, std::chrono::seconds(30),
                          [&] { return lines_.size() >= static_cast<std::size_t>(lines); });
  }
  [[nodiscard]] std::map<int, int> lines() const {
    const std::lock_guard lock(mutex_);
    return lines_;
  }
  // Bad pieces and troubles, by code.
  void note(std::string_view code) {
    const std::lock_guard lock(mutex_);
    notes_ += std::string(code) + " ";
    more_.notify_all();
  }
  [[nodiscard]] std::string notes() const {
    const std::lock_guard lock(mutex_);
    return notes_;
  }
  [[nodiscard]] bool has_note(const std::string& code) const {
    std::unique_lock lock(mutex_);
    return more_.wait_for(lock, std::chrono::seconds(30),
                          [&] { return notes_.find(code) != std::string::npos; });
  }
  /// Waits until so many attempts more were made.
  [[nodiscard]] bool is_asked(int times) const {
    std::unique_lock lock(mutex_);
    const int until = calls_ + times;
    return more_.wait_for(lock, std::chrono::seconds(30), [&] { return calls_ >= until; });
  }
  [[nodiscard]] std::vector<std::string> odd() const {
    const std::lock_guard lock(mutex_);
    return odd_;
  }

 private:
  mutable std::mutex mutex_;
  mutable std::condition_variable more_;
  std::map<int, int> lines_;
  std::map<std::string, std::string> positions_;
  std::vector<std::string> odd_;
  std::string notes_;
  std::atomic<int> refuse_every_{0};
  int calls_ = 0;
};

// What root may read says nothing about what the daemon's user may.
class AsNobody {
 public:
  explicit AsNobody(const std::string& folder) {
    if (::geteuid() == 0) {
      has_changed_ =
          ::chown(folder.c_str(), kNobody, kNobody) == 0 && ::setresuid(kNobody, kNobody, 0) == 0;
    }
  }
  ~AsNobody() {
    if (has_changed_) {
      EXPECT_EQ(::setresuid(0, 0, 0), 0);
    }
  }
  AsNobody(const AsNobody&) = delete;
  AsNobody& operator=(const AsNobody&) = delete;
  [[nodiscard]] static bool is_root() { return ::geteuid() == 0; }

 private:
  static constexpr uid_t kNobody = 65534;
  bool has_changed_ = false;
};

class FileSourceTest : public testing::Test {
 protected:
  [[nodiscard]] std::string path() const { return dir_.path("audit.log"); }

  [[nodiscard]] FileSourceOptions options() const {
    FileSourceOptions options;
    options.paths = {path()};
    options.from_beginning = true;
    options.max_line = 1 << 20;
    options.batch_lines = 50;
    options.poll_interval = std::chrono::milliseconds(5);
    options.rotated_grace = std::chrono::milliseconds(200);
    options.retry_first = std::chrono::milliseconds(1);
    return options;
  }
  std::unique_ptr<FileSource> source() { return source(options()); }
  std::unique_ptr<FileSource> source(const FileSourceOptions& options) {
    auto made = std::make_unique<FileSource>(
        options,
        FileSource::Sinks{[this](const Batch& batch) { return taker_.take(batch); },
                          [this](const BadPiece& piece) { taker_.note(piece.input.code); },
                          [this](const Trouble& trouble) { taker_.note(trouble.code); }},
        taker_.positions(), clock_, metrics_);
    EXPECT_TRUE(made->start());
    return made;
  }
  // By what is stored of it.
  [[nodiscard]] bool is_followed(const std::string& path) const {
    for (const Position& position : taker_.positions()) {
      if (position.value.ends_with(" " + path)) {
        return true;
      }
    }
    return false;
  }
  [[nodiscard]] bool is_unread(const std::string& path) const {
    for (const Position& position : taker_.positions()) {
      if (position.key == "unread " + path) {
        return true;
      }
    }
    return false;
  }
  void expect_each_once() {
    EXPECT_TRUE(taker_.has(next_));
    for (const auto& [number, count] : taker_.lines()) {
      EXPECT_EQ(count, 1) << number;
    }
    EXPECT_EQ(taker_.lines().size(), static_cast<std::size_t>(next_));
    EXPECT_TRUE(taker_.odd().empty());
  }
  void append(const std::string& text) const {
    std::ofstream(path(), std::ios::app | std::ios::binary) << text;
  }
  void write_lines(int count) {
    for (int at = 0; at < count; ++at) {
      append(line(next_++) + "\n");
    }
  }
  void compress(const std::string& from, const std::string& to) const {
    std::ifstream in(from, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    gzFile file = ::gzopen(to.c_str(), "wb");
    ::gzwrite(file, text.data(), static_cast<unsigned>(text.size()));
    ::gzclose(file);
    fs::remove(from);
  }

  const TempDir dir_;
  support::HandClock clock_;
  base::Metrics metrics_;
  Taker taker_;
  int next_ = 0;
};

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

TEST_F(FileSourceTest, ReadsWholeWhatAppearedAfterTheFirstLook) {
  FileSourceOptions at_the_end = options();
  at_the_end.from_beginning = false;
  at_the_end.paths = {dir_.path("later/audit.log")};
  {
    auto following = source(at_the_end);
    ASSERT_TRUE(wait_until([this] { return taker_.positions().size() == 1; }));
    EXPECT_TRUE(following->stop(std::chrono::seconds(10)));
  }
  // Made while nobody looked: it came after the first look all the same.
  fs::create_directory(dir_.path("later"));
  std::ofstream(at_the_end.paths.front()) << line(0) << "\n" << line(1) << "\n";
  next_ = 2;
  auto following = source(at_the_end);
  expect_each_once();
}

TEST_F(FileSourceTest, AFileThatMayNotBeReadYetIsNotReadFromItsBeginningLater) {
  const AsNobody nobody(dir_.path(""));
  if (AsNobody::is_root()) {
    GTEST_SKIP() << "root may read everything";
  }
  write_lines(10);
  fs::permissions(path(), fs::perms::none);
  FileSourceOptions at_the_end = options();
  at_the_end.from_beginning = false;
  auto following = source(at_the_end);
  ASSERT_TRUE(wait_until([this] { return metrics_.value(base::Metric::kFileSourceErrors) == 1; }));
  // The pattern is known, and that this file could not be read.
  ASSERT_TRUE(wait_until([this] { return taker_.positions().size() == 2; }));
  EXPECT_TRUE(following->stop(std::chrono::seconds(10)));
  following = source(at_the_end);
  fs::permissions(path(), fs::perms::owner_all);
  ASSERT_TRUE(wait_until([this] { return is_followed(path()); }));
  write_lines(1);
  EXPECT_TRUE(taker_.has(1));
  EXPECT_EQ(taker_.lines().begin()->first, 10);
}

TEST_F(FileSourceTest, AFolderThatMayNotBeListedYetHidesNoLogThatIsReadFromItsBeginningLater) {
  const AsNobody nobody(dir_.path(""));
  if (AsNobody::is_root()) {
    GTEST_SKIP() << "root may read everything";
  }
  FileSourceOptions at_the_end = options();
  at_the_end.from_beginning = false;
  for (const std::string folder : {"first", "second", "third"}) {
    fs::create_directories(dir_.path("logs/" + folder));
    std::ofstream(dir_.path("logs/" + folder + "/old.log")) << line(next_++) << "\n";
  }
  at_the_end.paths = {dir_.path("logs/first/*.log"), dir_.path("logs/*/old.log"),
                      dir_.path("logs/*/new.log")};
  const auto permit = [this](const std::string& folder, unsigned mode) {
    fs::permissions(dir_.path(folder), fs::perms(mode));
  };
  permit("logs/first", 0311);
  permit("logs/second", 0);
  auto following = source(at_the_end);
  ASSERT_TRUE(wait_until([this] { return taker_.positions().size() >= 6; }));
  // A folder that is closed keeps nothing in another from being new.
  std::ofstream(dir_.path("logs/third/new.log")) << line(next_++) << "\n";
  EXPECT_TRUE(taker_.has(1));
  permit("logs/first", 0755);
  permit("logs/second", 0755);
  for (const std::string folder : {"first", "second"}) {
    const std::string old = dir_.path("logs/" + folder + "/old.log");
    ASSERT_TRUE(wait_until([&] { return is_followed(old); })) << old;
    std::ofstream(old, std::ios::app) << line(next_++) << "\n";
    // Now it is known what is in the folder.
    ASSERT_TRUE(wait_until([&] { return !is_unread(dir_.path("logs/" + folder + "/")); }));
    std::ofstream(dir_.path("logs/" + folder + "/new.log")) << line(next_++) << "\n";
  }
  EXPECT_TRUE(taker_.has(5));
  EXPECT_EQ(taker_.lines().begin()->first, 3);
  EXPECT_EQ(taker_.lines().size(), 5U);
}

TEST_F(FileSourceTest, OneMatchThatCannotBeReadCostsNewLogsNothing) {
  fs::create_directory(dir_.path("folder.log"));
  append("no line");
  compress(path(), dir_.path("packed.log"));
  FileSourceOptions at_the_end = options();
  at_the_end.from_beginning = false;
  at_the_end.paths = {dir_.path("*.log")};
  auto following = source(at_the_end);
  for (unsigned round = 0; round < 2; ++round) {
    // The pattern, and the two that could not be read.
    ASSERT_TRUE(wait_until([this] { return taker_.positions().size() >= 3; }));
    const std::string fresh = dir_.path("fresh" + std::to_string(round) + ".log");
    std::ofstream(fresh) << line(next_) << "\n" << line(next_ + 1) << "\n";
    next_ += 2;
    EXPECT_TRUE(taker_.has(next_));
    EXPECT_TRUE(following->stop(std::chrono::seconds(10)));
    // Each was told of once.
    EXPECT_EQ(metrics_.value(base::Metric::kFileSourceErrors), 2U * (round + 1U));
    following = source(at_the_end);
  }
  expect_each_once();
}

TEST_F(FileSourceTest, ReadsWholeWhatWasRotatedBesideALogThatAppearedWhileNobodyLooked) {
  // But for what was there at the first look.
  std::ofstream(dir_.path("audit-2020.log")) << line(1000) << "\n";
  FileSourceOptions at_the_end = options();
  at_the_end.from_beginning = false;
  {
    auto following = source(at_the_end);
    ASSERT_TRUE(wait_until([this] { return taker_.positions().size() == 2; }));
    EXPECT_TRUE(following->stop(std::chrono::seconds(10)));
  }
  for (int rotation = 0; rotation < 2; ++rotation) {
    write_lines(5);
    fs::rename(path(), dir_.path("audit-" + std::to_string(100 + rotation) + ".log"));
  }
  write_lines(5);
  auto following = source(at_the_end);
  expect_each_once();
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

// The store's places are synchronised, the log is not: after a power cut it can be shorter than
// what was read of it, and grow again before anyone looks.
class PowerCuts : public FileSourceTest,
                  public testing::WithParamInterface<std::tuple<bool, bool, bool>> {};

TEST_P(PowerCuts, OfALogCostNoLineThatIsWrittenSince) {
  const auto [is_grown, is_rotated, is_compressed] = GetParam();
  write_lines(100);
  {
    auto following = source();
    EXPECT_TRUE(taker_.has(100));
  }
  fs::resize_file(path(), fs::file_size(path()) / 2);
  append("\n");
  write_lines(is_grown ? 200 : 10);
  if (is_rotated) {
    fs::rename(path(), dir_.path("audit-2026.log"));
    if (is_compressed) {
      compress(dir_.path("audit-2026.log"), dir_.path("audit-2026.log.gz"));
    }
    write_lines(5);
  }
  for (int round = 0; round < 2; ++round) {
    auto following = source();
    EXPECT_TRUE(taker_.has(next_));
    write_lines(5);
    EXPECT_TRUE(taker_.has(next_));
    EXPECT_TRUE(following->stop(std::chrono::seconds(10)));
  }
  EXPECT_EQ(taker_.notes(), "");
  // What was written since the cut is read once.
  for (int number = 100; number < next_; ++number) {
    EXPECT_EQ(taker_.lines()[number], 1) << number;
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, PowerCuts,
    testing::Values(std::tuple{false, false, false}, std::tuple{true, false, false},
                    std::tuple{false, true, false}, std::tuple{true, true, false},
                    std::tuple{false, true, true}, std::tuple{true, true, true}));

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

// The source's descriptor of a file fails, as one on a failing disk does, until the guard ends.
class FailingFile {
 public:
  explicit FailingFile(const std::string& path) {
    for (const auto& entry : fs::directory_iterator("/proc/self/fd")) {
      std::error_code error;
      if (fs::read_symlink(entry.path(), error) == path) {
        number_ = std::stoi(entry.path().filename());
        break;
      }
    }
    EXPECT_GE(number_, 0) << path;
    good_ = ::fcntl(number_, F_DUPFD_CLOEXEC, 0);
    const int bad = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);  // read() fails
    EXPECT_EQ(::dup3(bad, number_, O_CLOEXEC), number_);
    ::close(bad);
  }
  ~FailingFile() {
    EXPECT_EQ(::dup3(good_, number_, O_CLOEXEC), number_);
    ::close(good_);
  }
  FailingFile(const FailingFile&) = delete;
  FailingFile& operator=(const FailingFile&) = delete;

 private:
  int number_ = -1;
  int good_ = -1;
};

TEST_F(FileSourceTest, ARotatedFileThatCannotBeReadForAWhileLosesNothing) {
  FileSourceOptions patient = options();
  patient.rotated_grace = std::chrono::milliseconds(50);
  write_lines(3);
  auto following = source(patient);
  ASSERT_TRUE(taker_.has(3));
  const std::string whole = line(next_++) + "\n";
  const std::string rotated = dir_.path("audit-100.log");
  append(whole.substr(0, 15));
  {
    const FailingFile failing(path());
    fs::rename(path(), rotated);
    write_lines(1);
    ASSERT_TRUE(wait_until([this] { return taker_.lines().contains(next_ - 1); }));
    // Some times rotated_grace.
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    std::ofstream(rotated, std::ios::app) << whole.substr(15);
  }
  expect_each_once();
  EXPECT_EQ(taker_.notes(), "");
}

TEST_F(FileSourceTest, AFileThatCannotBeReadIsToldOfAgainOnceItCouldBe) {
  write_lines(1);
  auto following = source();
  ASSERT_TRUE(taker_.has(1));
  for (std::uint64_t round = 1; round <= 2; ++round) {
    {
      const FailingFile failing(path());
      EXPECT_TRUE(
          wait_until([&] { return metrics_.value(base::Metric::kFileSourceErrors) == round; }));
    }
    write_lines(1);
    EXPECT_TRUE(taker_.has(next_));
  }
  expect_each_once();
}

TEST_F(FileSourceTest, ARotatedFileThatCannotBeReadAnyMoreIsToldOf) {
  FileSourceOptions quick = options();
  quick.rotated_grace = std::chrono::milliseconds(10);
  write_lines(3);
  auto following = source(quick);
  ASSERT_TRUE(taker_.has(3));
  const FailingFile failing(path());
  append(line(1000).substr(0, 15));
  fs::rename(path(), dir_.path("audit-100.log"));
  write_lines(1);
  EXPECT_TRUE(taker_.has_note("source_lost"));
  expect_each_once();
  EXPECT_TRUE(following->stop(std::chrono::seconds(10)));
}

TEST_F(FileSourceTest, TheLagSaysSoWhileNothingIsTaken) {
  taker_.refuse_every(1);
  write_lines(200);
  auto following = source();
  ASSERT_TRUE(taker_.is_asked(3));
  write_lines(200);
  const auto is_lag = [this](std::uint64_t lag) {
    return metrics_.value(base::Metric::kFileSourceLag) == lag;
  };
  EXPECT_TRUE(wait_until([&] { return is_lag(fs::file_size(path())); }));
  taker_.refuse_every(0);
  expect_each_once();
  EXPECT_TRUE(wait_until([&] { return is_lag(0); }));
}

TEST_F(FileSourceTest, TheLagCountsWhatIsCompressed) {
  write_lines(1);
  {
    auto following = source();
    ASSERT_TRUE(taker_.has(1));
  }
  fs::rename(path(), dir_.path("audit-100.log"));
  write_lines(1);
  fs::rename(path(), dir_.path("audit-101.log"));
  compress(dir_.path("audit-101.log"), dir_.path("audit-101.log.gz"));
  append("");
  taker_.refuse_every(1);
  auto following = source();
  EXPECT_TRUE(wait_until([this] { return metrics_.value(base::Metric::kFileSourceLag) > 0; }));
  taker_.refuse_every(0);
  expect_each_once();
}

// A backlog of one file takes long; meanwhile the others can be rotated away.
TEST_F(FileSourceTest, OneFilesBacklogKeepsNoOtherWaiting) {
  FileSourceOptions two = options();
  two.paths = {path(), dir_.path("other.log")};
  two.look_bytes = 1;
  for (int at = 0; at < 20; ++at) {
    append(R"({"kind":"Event","auditID":"n0","x":")" + std::string(1 << 19, 'x') + "\"}\n");
  }
  std::ofstream(two.paths.back()) << line(1) << "\n";
  std::vector<std::string> order;
  std::mutex mutex;
  FileSource following(two,
                       {[&](const Batch& batch) {
                          const std::lock_guard lock(mutex);
                          order.push_back(batch.peer);
                          return taker_.take(batch);
                        },
                        {},
                        {}},
                       {}, clock_, metrics_);
  ASSERT_TRUE(following.start());
  ASSERT_TRUE(wait_until([this] { return taker_.lines()[0] == 20 && taker_.lines().contains(1); }));
  EXPECT_TRUE(following.stop(std::chrono::seconds(10)));
  EXPECT_EQ(order.back(), path());
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
        compress(rotated, rotated + ".gz");
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
