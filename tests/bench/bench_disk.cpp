#include "bench_disk.h"

#include <chrono>
#include <cstdio>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

#include "bench_support.h"

namespace tiercel::bench {

namespace {

constexpr std::size_t kSyncedBlocks = 200;

// The times of an fdatasync behind each of the blocks of a file, from its beginning on.
std::vector<double> sync_times(int file) {
  const std::string block(4096, 'x');
  std::vector<double> times;
  (void)::lseek(file, 0, SEEK_SET);
  for (std::size_t at = 0; at < kSyncedBlocks; ++at) {
    (void)!::write(file, block.data(), block.size());
    const double start = now();
    ::fdatasync(file);
    times.push_back((now() - start) * 1e3);
  }
  return times;
}

}  // namespace

void print_fsync(const std::string& folder) {
  const std::string path = folder + "/fsync";
  const int file = ::open(path.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
  for (const char* const how : {"appended", "over others"}) {
    const std::vector<double> times = sync_times(file);
    std::printf("fdatasync here of 4 KiB %-11s: p50 %.2f ms, p99 %.2f ms\n", how,
                percentile(times, 0.5), percentile(times, 0.99));
  }
  ::close(file);
  ::unlink(path.c_str());
}

}  // namespace tiercel::bench
