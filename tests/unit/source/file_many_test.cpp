// More files than may be open at once.
#include <algorithm>
#include <set>

#include <malloc.h>

#include "as_nobody.h"
#include "file_source_fixture.h"

namespace tiercel::source {
namespace {

// So that what is used after it was freed is seen to be wrong.
struct FreedMemoryIsOverwritten {
  FreedMemoryIsOverwritten() { ::mallopt(M_PERTURB, 0x5A); }
  ~FreedMemoryIsOverwritten() { ::mallopt(M_PERTURB, 0); }
};

class ManyFiles : public FileSourceTest {
 protected:
  static constexpr int kFiles = 60;

  [[nodiscard]] FileSourceOptions many() const {
    FileSourceOptions options = this->options();
    options.paths = {dir_.path("*.log")};
    options.max_open_files = 8;
    return options;
  }
  [[nodiscard]] std::string name(int file) const {
    return dir_.path("a" + std::to_string(100 + file) + ".log");
  }
  void write_to(int file, int count) {
    std::ofstream out(name(file), std::ios::app | std::ios::binary);
    for (int at = 0; at < count; ++at) {
      out << line(next_++) << "\n";
    }
  }
  void write_to_all(int count) {
    for (int file = 0; file < kFiles; ++file) {
      write_to(file, count);
    }
  }
  [[nodiscard]] bool is_known(const std::string& pattern) const {
    const std::vector<Position> all = taker_.positions();
    return std::any_of(all.begin(), all.end(),
                       [&pattern](const Position& one) { return one.key == "pattern " + pattern; });
  }
  // Of those that begin so.
  [[nodiscard]] static int open_logs(const std::string& path) {
    int count = 0;
    for (const auto& one : fs::directory_iterator("/proc/self/fd")) {
      std::error_code error;
      count += fs::read_symlink(one.path(), error).string().starts_with(path) ? 1 : 0;
    }
    return count;
  }
  [[nodiscard]] int open_logs() const { return open_logs(dir_.path("a")); }
};

TEST_F(ManyFiles, AreAllReadThroughChangesAndRestarts) {
  write_to_all(20);
  auto following = source(many());
  for (int round = 0; round < 5; ++round) {
    EXPECT_TRUE(taker_.has(next_));
    EXPECT_LE(open_logs(), 9);  // one may just be looked at
    write_to_all(3);
    write_to(round * 7, 50);
    if (round == 2) {
      EXPECT_TRUE(following->stop(std::chrono::seconds(10)));
      write_to_all(2);
      following = source(many());
    }
  }
  expect_each_once();
  EXPECT_TRUE(wait_until([this] { return metrics_.value(base::Metric::kFileSourceWaiting) == 0; }));
  EXPECT_EQ(taker_.notes(), "");
}

TEST_F(ManyFiles, OneThatIsRotatedWhileItIsClosedLosesNoLine) {
  write_to_all(2);
  auto following = source(many());
  for (int file = 0; file < kFiles; file += 5) {
    EXPECT_TRUE(taker_.has(next_));
    write_to(file, 3);
    fs::rename(name(file), dir_.path("a" + std::to_string(100 + file) + "-2026.log"));
    write_to(file, 3);
  }
  expect_each_once();
  EXPECT_EQ(taker_.notes(), "");
}

// Empty ones wait for their first line.
TEST_F(ManyFiles, ThatCannotBeOpenedKeepNoOtherFromIt) {
  for (int file = 0; file < kFiles; ++file) {
    write_to(file, 0);
  }
  next_ = 1000;
  write_to(kFiles, 5);
  next_ = 0;
  FileSourceOptions only_new = many();
  only_new.from_beginning = false;
  auto following = source(only_new);
  ASSERT_TRUE(wait_until([this] { return is_followed(name(kFiles)); }));
  // The pattern is known: what comes later is read whole.
  ASSERT_TRUE(wait_until([&] { return is_known(only_new.paths.front()); }));
  write_to(kFiles + 1, 5);
  write_to(kFiles, 5);
  write_to(3, 5);
  expect_each_once();
}

TEST_F(ManyFiles, ByNameStayOpenAndKeepNoOtherFromIt) {
  FileSourceOptions named = many();
  for (int file = 0; file < kFiles; file += 5) {
    named.paths.push_back(name(file));  // more than max_open_files
  }
  const auto are_open = [&] {
    int count = 0;
    for (int file = 0; file < kFiles; file += 5) {
      count += open_logs(name(file));
    }
    return count == kFiles / 5;
  };
  write_to_all(2);
  for (int file = 0; file < kFiles; file += 5) {
    write_to(file, 1);  // changed last
  }
  for (int round = 0; round < 2; ++round) {
    auto following = source(named);
    EXPECT_TRUE(taker_.has(next_));
    EXPECT_TRUE(wait_until(are_open));
    EXPECT_TRUE(
        wait_until([this] { return metrics_.value(base::Metric::kFileSourceWaiting) == 0; }));
    EXPECT_TRUE(following->stop(std::chrono::seconds(10)));
  }
  expect_each_once();
}

TEST_F(ManyFiles, ThatEndWithinALineLetOthersBeRead) {
  for (int file = 0; file < kFiles; ++file) {
    write_to(file, 1);
    std::ofstream(name(file), std::ios::app) << R"({"kind":"Ev)";
  }
  auto following = source(many());
  EXPECT_TRUE(taker_.has(next_));
  EXPECT_TRUE(wait_until([this] { return metrics_.value(base::Metric::kFileSourceWaiting) == 0; }));
  // One is rotated as it is, one is ended and rotated, the others are ended where they are.
  fs::rename(name(0), dir_.path("a100-2026.log"));
  for (int file = 1; file < kFiles; ++file) {
    std::ofstream(name(file), std::ios::app) << line(next_++).substr(11) << "\n";
    if (file == 1) {
      fs::rename(name(1), dir_.path("a101-2026.log"));
    }
  }
  EXPECT_TRUE(taker_.has(next_));
  for (const auto& [number, count] : taker_.lines()) {
    EXPECT_EQ(count, 1) << number;
  }
}

TEST_F(ManyFiles, ThatWaitKeepNoPatternFromBeingKnown) {
  write_to_all(1);
  FileSourceOptions only_new = many();
  taker_.refuse_every(1);  // Not one of those that are open first can be closed.
  auto following = source(only_new);
  ASSERT_TRUE(wait_until([&] { return is_known(only_new.paths.front()); }));
  EXPECT_TRUE(is_unread(name(kFiles - 1)));
  EXPECT_TRUE(following->stop(std::chrono::seconds(10)));
  // What was there by then is not new.
  taker_.refuse_every(0);
  only_new.from_beginning = false;
  following = source(only_new);
  ASSERT_TRUE(wait_until([&] { return is_followed(name(kFiles - 1)); }));
  EXPECT_FALSE(is_unread(name(kFiles - 1)));
  EXPECT_FALSE(taker_.lines().contains(kFiles - 1));
}

TEST_F(ManyFiles, ThatChangedAndWaitCountAsBehind) {
  write_to_all(1);
  auto following = source(many());
  ASSERT_TRUE(taker_.has(next_));
  EXPECT_TRUE(following->stop(std::chrono::seconds(10)));
  taker_.refuse_every(1);
  const int first = next_;
  write_to_all(1);
  following = source(many());
  std::uint64_t bytes = 0;
  for (int number = first; number < next_; ++number) {
    bytes += line(number).size() + 1;
  }
  EXPECT_TRUE(wait_until([&] { return metrics_.value(base::Metric::kFileSourceLag) == bytes; }));
  taker_.refuse_every(0);
  expect_each_once();
  EXPECT_TRUE(wait_until([this] { return metrics_.value(base::Metric::kFileSourceLag) == 0; }));
}

TEST_F(ManyFiles, ThatChangedAndGoBeforeTheyAreOpenedAreToldOf) {
  write_to_all(1);
  auto following = source(many());
  ASSERT_TRUE(taker_.has(next_));
  EXPECT_TRUE(following->stop(std::chrono::seconds(10)));
  taker_.refuse_every(1);
  write_to_all(1);
  // The oldest are opened first; the kernel's clock may give many the same time.
  const fs::file_time_type begin = fs::file_time_type::clock::now() - std::chrono::minutes(2);
  for (int file = 0; file < kFiles; ++file) {
    fs::last_write_time(name(file), begin + std::chrono::seconds(file));
  }
  following = source(many());
  ASSERT_TRUE(wait_until([&] { return metrics_.value(base::Metric::kFileSourceLag) != 0; }));
  fs::remove(name(kFiles - 1));
  taker_.refuse_every(0);
  EXPECT_TRUE(taker_.has_note("source_lost")) << taker_.notes();
}

// More than are tried in one look.
TEST_F(ManyFiles, ThatGrewAndMayNotBeReadCountAsBehind) {
  const AsNobody nobody(dir_.path(""));
  if (AsNobody::is_root()) {
    GTEST_SKIP() << "root may read everything";
  }
  constexpr int kMany = 300;
  next_ = 1000;
  const std::size_t length = line(next_).size() + 1;  // of each
  const auto write_to_many = [&] {
    for (int file = 0; file < kMany; ++file) {
      write_to(file, 1);
    }
  };
  const auto unread = [&] {
    return static_cast<std::uint64_t>(next_ - 1000) - taker_.lines().size();
  };
  write_to_many();
  auto following = source(many());
  ASSERT_TRUE(taker_.has(kMany));
  for (int file = 0; file < kMany; ++file) {
    fs::permissions(name(file), fs::perms::owner_write);
  }
  write_to_many();
  // Read once all of them were looked at as they are now.
  write_to(kMany, 1);
  ASSERT_TRUE(wait_until([&] { return taker_.lines().contains(next_ - 1); }));
  EXPECT_TRUE(wait_until([&] {
    return unread() > 256 && metrics_.value(base::Metric::kFileSourceLag) == unread() * length;
  }));
  EXPECT_EQ(taker_.notes(), "");
  // One that was open has been read, or is read to its end when it is removed.
  int gone = kMany - 1;
  while (open_logs(name(gone)) != 0 || taker_.lines().contains(1000 + kMany + gone)) {
    --gone;
  }
  fs::remove(name(gone));
  EXPECT_TRUE(taker_.has_note("source_lost")) << taker_.notes();
  for (int file = 0; file < kMany; ++file) {
    std::error_code error;
    fs::permissions(name(file), fs::perms::owner_read | fs::perms::owner_write, error);
  }
  EXPECT_TRUE(wait_until([&] { return unread() == 1; }));
  EXPECT_TRUE(wait_until([this] { return metrics_.value(base::Metric::kFileSourceLag) == 0; }));
  EXPECT_TRUE(following->stop(std::chrono::seconds(10)));
  EXPECT_EQ(taker_.notes(), "source_lost ");
}

// One line a minute; the time for it comes while they wait, or after.
TEST_F(ManyFiles, ThatWaitAreToldOfOnceEachTime) {
  const auto count = [](const std::string& text, const std::string& part) {
    int found = 0;
    for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
      ++found;
    }
    return found;
  };
  std::atomic<bool> is_minute_over{false};  // once files wait and that was looked at
  const FileSource::Sinks sinks{[&](const Batch& batch) {
                                  if (metrics_.value(base::Metric::kFileSourceWaiting) != 0 &&
                                      is_minute_over.exchange(false)) {
                                    clock_.pass_seconds(61);
                                  }
                                  return taker_.take(batch);
                                },
                                [](const BadPiece&) {}, [](const Trouble&) {}};
  const auto are_read = [&] {
    return taker_.has(next_) &&
           wait_until([this] { return metrics_.value(base::Metric::kFileSourceWaiting) == 0; });
  };
  // All change in one look, which hangs meanwhile.
  const auto wait_again = [&] {
    taker_.refuse_every(1);
    write_to(0, 1);
    EXPECT_TRUE(taker_.is_asked(1));
    write_to_all(1);
    taker_.refuse_every(0);
    return are_read();
  };
  write_to_all(1);
  testing::internal::CaptureStderr();
  FileSource following(many(), sinks, {}, clock_, metrics_);
  EXPECT_TRUE(following.start());
  EXPECT_TRUE(are_read());
  is_minute_over = true;
  EXPECT_TRUE(wait_again());
  EXPECT_FALSE(is_minute_over) << "passed while files waited";
  EXPECT_TRUE(wait_again());  // held back
  clock_.pass_seconds(61);
  EXPECT_TRUE(wait_again());
  EXPECT_TRUE(following.stop(std::chrono::seconds(10)));
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_EQ(count(log, "files wait until"), 3) << log;
  EXPECT_EQ(count(log, "more like this"), 1) << log;
  EXPECT_EQ(count(log, "(1 more like this"), 1) << log;
}

// Whether a copy of what was read is beside it.
class OneThatIsBegunAnew : public ManyFiles, public testing::WithParamInterface<bool> {};

TEST_P(OneThatIsBegunAnew, AndGoesBeforeItIsOpenedIsToldOf) {
  FileSourceOptions many = this->many();
  many.paths = {dir_.path("a???.log")};
  write_to_all(5);
  // A new start opens the oldest first.
  const std::string last = name(kFiles - 1);
  fs::last_write_time(last, fs::last_write_time(last) + std::chrono::seconds(1));
  auto following = source(many);
  ASSERT_TRUE(taker_.has(next_));
  EXPECT_TRUE(following->stop(std::chrono::seconds(10)));
  taker_.refuse_every(1);  // Not one of those that are open first can be closed.
  const int first = next_;
  if (GetParam()) {
    fs::copy_file(last, dir_.path("a159-2026.log"));
  }
  std::ofstream(last, std::ios::trunc) << "";
  write_to_all(1);
  std::uint64_t bytes = 0;
  for (int number = first; number < next_; ++number) {
    bytes += line(number).size() + 1;
  }
  following = source(many);
  EXPECT_TRUE(wait_until([&] { return metrics_.value(base::Metric::kFileSourceLag) == bytes; }));
  fs::remove(last);
  taker_.refuse_every(0);
  EXPECT_TRUE(taker_.has_note("source_lost")) << taker_.notes();
  EXPECT_TRUE(taker_.has(next_ - 1));
  EXPECT_TRUE(following->stop(std::chrono::seconds(10)));
  EXPECT_EQ(taker_.notes(), "source_lost ");
  EXPECT_FALSE(taker_.lines().contains(next_ - 1));
}

INSTANTIATE_TEST_SUITE_P(All, OneThatIsBegunAnew, testing::Bool());

// How what is rotated is compressed, and whether the log is cut off in place.
class OneThatIsClosed : public ManyFiles,
                        public testing::WithParamInterface<std::tuple<const char*, bool>> {};

TEST_P(OneThatIsClosed, LosesNoLineThatCameBeforeItWasReplaced) {
  const auto [ending, is_cut_off] = GetParam();
  FileSourceOptions slow = many();
  slow.paths = {dir_.path("a???.log")};
  slow.poll_interval = std::chrono::milliseconds(300);
  write_to_all(2);
  auto following = source(slow);
  ASSERT_TRUE(taker_.has(next_));
  ASSERT_TRUE(wait_until([this] { return open_logs(name(0)) == 0; }));
  // In less time than lies between two looks.
  const std::string copy = dir_.path("copy");
  const std::string came = line(next_++) + "\n";
  fs::copy_file(name(0), copy);
  std::ofstream(copy, std::ios::app) << came;
  if (*ending != '\0') {
    compress(copy, copy + ending);
  }
  const std::string anew = line(next_++) + "\n";
  std::ofstream(name(0), std::ios::app) << came;
  fs::rename(copy + ending, dir_.path("a100-2026.log") + ending);
  if (is_cut_off) {
    std::ofstream(name(0), std::ios::trunc) << anew;
  } else {
    std::ofstream(copy) << anew;
    fs::rename(copy, name(0));
  }
  expect_each_once();
  EXPECT_EQ(taker_.notes(), "");
}

INSTANTIATE_TEST_SUITE_P(All, OneThatIsClosed,
                         testing::Combine(testing::Values("", ".gz", ".zst"), testing::Bool()));

// The last slot is given from the log that was just read to its end to what is rotated beside it.
TEST_F(ManyFiles, OneThatIsClosedForItsOwnSiblingsIsNotTouchedAgain) {
  FileSourceOptions few = many();
  few.paths = {dir_.path("a???.log")};
  few.max_open_files = 2;
  auto following = source(few);
  ASSERT_TRUE(wait_until([this] { return !taker_.positions().empty(); }));  // The pattern is known.
  EXPECT_TRUE(following->stop(std::chrono::seconds(10)));
  for (int sibling = 0; sibling < 4; ++sibling) {
    write_to(0, 3);
    fs::rename(name(0), dir_.path("a100-" + std::to_string(sibling) + ".log"));
  }
  write_to(0, 3);
  write_to(1, 3);
  const FreedMemoryIsOverwritten overwritten;
  following = source(few);
  expect_each_once();
  EXPECT_EQ(taker_.notes(), "");
}

TEST_F(ManyFiles, KeepNoStopWaiting) {
  for (int file = 0; file < 800; ++file) {
    std::ofstream(dir_.path("b" + std::to_string(file) + ".log")) << line(next_++) << "\n";
  }
  FileSourceOptions all = many();
  all.max_open_files = 4096;
  all.from_beginning = false;
  auto following = source(all);
  ASSERT_TRUE(wait_until([this] { return taker_.positions().size() > 10; }));
  EXPECT_TRUE(following->stop(std::chrono::seconds(2)));
}

}  // namespace
}  // namespace tiercel::source
