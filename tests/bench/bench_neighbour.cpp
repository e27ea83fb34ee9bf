// What a neighbour on the same disk feels: a writer that does as etcd does (a write-ahead log of
// preallocated files, 100 times a second some KiB behind the others and an fdatasync) alone, and
// with the daemon beside it that takes 4,000 events a second, 1 % of them alerting. Both by turns.
//   bench_neighbour [--rounds N] [--seconds S] [--rate EVENTS] [--max-ratio R] [--folder DIR]
// The seconds are of each half of a round. Ends with 1 where the ratio is over --max-ratio.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

#include "bench_arguments.h"
#include "bench_setup.h"
#include "bench_support.h"
#include "bench_traffic.h"
#include "temp_dir.h"

namespace {

using namespace tiercel;
using Clock = std::chrono::steady_clock;

// etcd's write-ahead log, as far as the disk sees it.
class Neighbour {
 public:
  explicit Neighbour(const std::string& folder) : folder_(folder) { begin_file(); }
  ~Neighbour() { ::close(file_); }
  Neighbour(const Neighbour&) = delete;
  Neighbour& operator=(const Neighbour&) = delete;

  /// The times of the fdatasyncs, in milliseconds.
  std::vector<double> run(double seconds) {
    constexpr std::chrono::milliseconds kDistance{10};
    std::vector<double> times;
    const auto begin = Clock::now();
    const auto count = static_cast<std::size_t>(seconds * 100);
    for (std::size_t at = 0; at < count; ++at) {
      std::this_thread::sleep_until(begin + at * kDistance);
      times.push_back(write_once());
    }
    return times;
  }

 private:
  static constexpr off_t kFileBytes = off_t{64} << 20U;  // etcd's SegmentSizeBytes

  void begin_file() {
    const std::string path = folder_ + "/" + std::to_string(++number_) + ".wal";
    file_ = ::open(path.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    if (file_ < 0 || ::posix_fallocate(file_, 0, kFileBytes) != 0) {
      std::fprintf(stderr, "cannot write %s\n", path.c_str());
      std::exit(1);
    }
    ::fsync(file_);
    written_ = 0;
  }

  double write_once() {
    std::uniform_int_distribution<std::size_t> sizes(2048, 8192);
    const std::string block(sizes(random_), 'x');
    if (written_ + static_cast<off_t>(block.size()) > kFileBytes) {
      ::close(file_);
      begin_file();
    }
    written_ += ::write(file_, block.data(), block.size());
    const double start = bench::now();
    ::fdatasync(file_);
    return (bench::now() - start) * 1e3;
  }

  std::string folder_;
  int file_ = -1;
  int number_ = 0;
  off_t written_ = 0;
  std::mt19937 random_{7};
};

void append(std::vector<double>& all, const std::vector<double>& more) {
  all.insert(all.end(), more.begin(), more.end());
}

void print(const char* what, const std::vector<double>& times) {
  std::printf("  %-14s p50 %6.2f ms, p90 %6.2f ms, p99 %6.2f ms, most %6.2f ms (%zu)\n", what,
              bench::percentile(times, 0.5), bench::percentile(times, 0.9),
              bench::percentile(times, 0.99), bench::percentile(times, 1), times.size());
}

}  // namespace

int main(int argc, char** argv) {
  std::size_t rounds = 5;
  std::size_t rate = 4000;
  double seconds = 4;
  double max_ratio = 0;
  std::string top;
  bench::read_arguments(argc, argv,
                        {{"--rounds", &rounds},
                         {"--seconds", &seconds},
                         {"--rate", &rate},
                         {"--max-ratio", &max_ratio},
                         {"--folder", &top}});
  const support::TempDir temp;
  top = top.empty() ? temp.path() : top;
  const std::vector<std::string> events = bench::quiet_events();
  const std::string folder = bench::folder_in(top, "daemon");
  Neighbour neighbour(bench::folder_in(top, "neighbour"));
  (void)neighbour.run(std::min(1.0, seconds));  // warm
  std::vector<double> alone;
  std::vector<double> beside;
  std::vector<double> ratios;
  std::uint64_t alerts = 0;
  for (std::size_t round = 0; round < rounds; ++round) {
    const std::vector<double> without = neighbour.run(seconds);
    std::vector<bench::Request> requests(10, bench::Request(events, bench::kEventsOfBatch, 1));
    bench::Setup setup(folder);
    std::vector<double> with;
    {
      const bench::SteadyLoad load(setup.port(), std::move(requests), rate);
      std::this_thread::sleep_for(std::chrono::milliseconds(300));  // past its start
      with = neighbour.run(seconds);
      alerts += load.alerts();
    }
    setup.stop();
    ratios.push_back(bench::percentile(with, 0.99) / bench::percentile(without, 0.99));
    append(alone, without);
    append(beside, with);
  }
  std::printf("fdatasync of a neighbour, 2 to 8 KiB 100 times a second, %zu rounds of %.1f s\n",
              rounds, seconds);
  print("alone", alone);
  print("beside tiercel", beside);
  const double ratio = bench::percentile(beside, 0.99) / bench::percentile(alone, 0.99);
  std::printf(
      "  tiercel: %zu events/s, %lu alerts stored\n"
      "  p99 beside tiercel to p99 alone: %.2f (limit 1.2); of each round: median %.2f, least "
      "%.2f\n",
      rate, alerts, ratio, bench::median(ratios), bench::percentile(ratios, 0));
  return max_ratio > 0 && ratio > max_ratio ? 1 : 0;
}
