// Disks that fail, power that goes, stores that take nothing.
#include <fcntl.h>

#include "file_source_fixture.h"

namespace tiercel::source {
namespace {

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

}  // namespace
}  // namespace tiercel::source
