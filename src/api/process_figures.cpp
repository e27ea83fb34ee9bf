#include "process_figures.h"

#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <system_error>

#include <sys/resource.h>
#include <unistd.h>

namespace tiercel::api {

namespace {

double seconds_of(clockid_t clock) {
  timespec time{};
  (void)::clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

// `ticks` after the host's start. Reckoned once: it must not move when the clock is set.
double start_time(double ticks) {
  static const double kTime = seconds_of(CLOCK_REALTIME) - seconds_of(CLOCK_BOOTTIME) +
                              ticks / static_cast<double>(::sysconf(_SC_CLK_TCK));
  return kTime;
}

// The fields of /proc/self/stat behind the program's name, which may hold blanks: proc(5) counts
// from 1, and the first of these is the third.
void read_stat(ProcessFigures& out) {
  std::ifstream file("/proc/self/stat");
  std::string line{std::istreambuf_iterator<char>(file), {}};
  const std::size_t name = line.rfind(')');
  if (name == std::string::npos) {
    return;
  }
  std::istringstream rest(line.substr(name + 1));
  std::string field;
  for (int number = 3; number <= 24 && rest >> field; ++number) {
    const double value = std::strtod(field.c_str(), nullptr);
    if (number == 20) {
      out.threads = static_cast<std::uint64_t>(value);
    } else if (number == 22) {
      out.start_time = start_time(value);
    } else if (number == 23) {
      out.virtual_bytes = static_cast<std::uint64_t>(value);
    } else if (number == 24) {
      out.resident_bytes =
          static_cast<std::uint64_t>(value) * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
    }
  }
}

}  // namespace

ProcessFigures process_figures() {
  ProcessFigures out;
  out.cpu_seconds = seconds_of(CLOCK_PROCESS_CPUTIME_ID);
  read_stat(out);
  std::error_code error;
  for (std::filesystem::directory_iterator at("/proc/self/fd", error), end; !error && at != end;
       at.increment(error)) {
    ++out.open_files;
  }
  // The folder itself was open for it.
  out.open_files -= out.open_files != 0 ? 1U : 0U;
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    out.most_files = limit.rlim_cur;
  }
  return out;
}

}  // namespace tiercel::api
