// Memory of the daemon with the shipped rules: idle, then the most it held (VmHWM) while
// connections post large batches without pause, then, where asked for, over a long run at a steady
// rate, watched once a second.
//   bench_memory [--seconds S] [--connections N] [--megabytes M] [--io-threads N] [--soak S]
//                [--rate EVENTS] [--alerting PERCENT] [--max-idle MB] [--max-peak MB]
//                [--folder DIR]
// Without --alerting each load comes twice: nothing of it alerts, then 1 %.
// Ends with 1 where a limit that was given is passed.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "bench_arguments.h"
#include "bench_setup.h"
#include "bench_support.h"
#include "bench_traffic.h"
#include "temp_dir.h"

namespace {

using namespace tiercel;
using std::chrono::seconds;

constexpr std::size_t kSoakConnections = 4;

struct Arguments {
  std::size_t seconds = 10;
  std::size_t connections = 8;
  std::size_t megabytes = 10;
  std::size_t io_threads = 0;
  std::size_t soak = 0;
  std::size_t rate = 20'000;
  double alerting = -1;
  double max_idle = 0;
  double max_peak = 0;
  std::string folder;
};

double megabytes(std::uint64_t bytes) { return double(bytes) / 1e6; }

bool is_within(const char* what, double value, double limit) {
  if (limit > 0 && value > limit) {
    std::printf("%s: %.1f MB are more than %.0f MB\n", what, value, limit);
    return false;
  }
  return true;
}

// A batch of about so many bytes.
bench::Request large_request(const std::vector<std::string>& events, std::size_t size,
                             double percent) {
  const bench::Request one(events, bench::kEventsOfBatch, 0);
  return {events, size * bench::kEventsOfBatch / one.bytes().size(), percent};
}

// Over the first seconds without anything to do.
double idle(const Arguments& arguments, const std::string& folder) {
  bench::Setup setup(folder, {.io_threads = arguments.io_threads});
  std::uint64_t most = 0;
  for (int at = 0; at < 10; ++at) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    most = std::max(most, setup.daemon().memory());
  }
  std::printf("idle: %.1f MB (limit 40)\n", megabytes(most));
  return megabytes(most);
}

double peak(const Arguments& arguments, const std::vector<std::string>& events,
            const std::string& folder, double percent) {
  bench::Setup setup(folder, {.io_threads = arguments.io_threads});
  std::atomic<std::uint64_t> bytes{0};
  const auto until = std::chrono::steady_clock::now() + seconds(arguments.seconds);
  std::vector<std::thread> clients;
  for (std::size_t number = 0; number < arguments.connections; ++number) {
    clients.emplace_back([&] {
      bench::Request request = large_request(events, arguments.megabytes * 1'000'000, percent);
      support::HttpClient client(setup.port());
      client.set_timeout(seconds(60));
      do {
        request.renew();
        bench::exchange(client, request.bytes());
        bytes += request.bytes().size();
      } while (std::chrono::steady_clock::now() < until);
    });
  }
  for (std::thread& client : clients) {
    client.join();
  }
  const double most = megabytes(setup.daemon().peak_memory());
  std::printf(
      "%zu connections, batches of %zu MB, %.0f %% alerting, %zu s: peak %.1f MB (limit 200), %.1f "
      "MB behind it, %.0f MB/s\n",
      arguments.connections, arguments.megabytes, percent, arguments.seconds, most,
      megabytes(setup.daemon().memory()), megabytes(bytes) / double(arguments.seconds));
  return most;
}

void soak(const Arguments& arguments, const std::vector<std::string>& events,
          const std::string& folder, double percent) {
  bench::Setup setup(folder, {.io_threads = arguments.io_threads});
  std::vector<double> samples;
  double rate = 0;
  {
    // One connection that waits for each commit brings 50 batches a second at most.
    std::deque<bench::SteadyLoad> loads;
    for (std::size_t number = 0; number < kSoakConnections; ++number) {
      std::vector<bench::Request> requests;
      for (int at = 0; at < 5; ++at) {
        requests.emplace_back(events, bench::kEventsOfBatch, percent);
      }
      loads.emplace_back(setup.port(), std::move(requests), arguments.rate / kSoakConnections);
    }
    const auto begin = std::chrono::steady_clock::now();
    for (std::size_t at = 1; at <= arguments.soak; ++at) {
      std::this_thread::sleep_until(begin + seconds(at));
      samples.push_back(megabytes(setup.daemon().memory()));
    }
    for (const bench::SteadyLoad& load : loads) {
      rate += double(load.events()) / double(arguments.soak);
    }
  }
  const auto third = static_cast<std::ptrdiff_t>(samples.size() / 3);
  const double first = bench::median({samples.begin(), samples.begin() + std::max(third, 1L)});
  const double last = bench::median({samples.end() - std::max(third, 1L), samples.end()});
  std::printf(
      "%zu s at %.0f events/s, %.0f %% alerting: median of the first third %.1f MB, of the last "
      "%.1f MB, growth %+.1f MB; most %.1f MB\n",
      arguments.soak, rate, percent, first, last, last - first,
      *std::max_element(samples.begin(), samples.end()));
}

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments;
  bench::read_arguments(argc, argv,
                        {{"--seconds", &arguments.seconds},
                         {"--connections", &arguments.connections},
                         {"--megabytes", &arguments.megabytes},
                         {"--io-threads", &arguments.io_threads},
                         {"--soak", &arguments.soak},
                         {"--rate", &arguments.rate},
                         {"--alerting", &arguments.alerting},
                         {"--max-idle", &arguments.max_idle},
                         {"--max-peak", &arguments.max_peak},
                         {"--folder", &arguments.folder}});
  const support::TempDir temp;
  const std::string top = arguments.folder.empty() ? temp.path() : arguments.folder;
  const std::vector<std::string> events = bench::quiet_events();
  bool good = is_within("idle", idle(arguments, bench::folder_in(top, "idle")), arguments.max_idle);
  std::vector<double> percents{0, 1};
  if (arguments.alerting >= 0) {
    percents = {arguments.alerting};
  }
  for (const double percent : percents) {
    const std::string folder = bench::folder_in(top, "peak-" + std::to_string(percent));
    good = (arguments.seconds == 0 ||
            is_within("peak", peak(arguments, events, folder, percent), arguments.max_peak)) &&
           good;
  }
  for (const double percent : percents) {
    if (arguments.soak != 0) {
      soak(arguments, events, bench::folder_in(top, "soak-" + std::to_string(percent)), percent);
    }
  }
  return good ? 0 : 1;
}
