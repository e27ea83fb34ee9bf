// How long one batch takes at half of what one connection can bring to one io thread. Batches are
// due at even distances, whatever became of those before: a late one's waiting is counted from
// when it was due, apart from its service, which is from its POST to its answer. First batches in
// which nothing alerts, then 1 % of the events, each batch waiting for its commit, beside what an
// fdatasync takes on the same disk.
// A bare simdjson DOM parse of the same batches at the same moments stands beside it: what the
// machine allows. What the daemon's threads ran, and how long they had to wait for a processor,
// tells a slow daemon from a busy machine. A p99.9 is that of all rounds together, and printed only
// where it stands on a thousand batches and more.
//   bench_latency [--seconds S] [--rounds N] [--max-service MS] [--folder DIR]
// Ends with 1 where p99.9 of service without alerts is over --max-service, or not to be told.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <string>
#include <thread>
#include <vector>

#include <simdjson.h>

#include "bench_arguments.h"
#include "bench_disk.h"
#include "bench_setup.h"
#include "bench_support.h"
#include "bench_traffic.h"
#include "temp_dir.h"

namespace {

using namespace tiercel;
using Clock = std::chrono::steady_clock;

struct Times {
  std::vector<double> service;  // milliseconds
  std::vector<double> waiting;
};

double milliseconds(Clock::duration time) {
  return std::chrono::duration<double, std::milli>(time).count();
}

// Batches a second, one behind the other without pause.
double most(support::HttpClient& client, std::vector<bench::Request>& requests, double seconds) {
  const auto begin = Clock::now();
  std::size_t count = 0;
  double passed = 0;
  for (; passed < seconds; passed = milliseconds(Clock::now() - begin) / 1e3) {
    bench::Request& request = requests[count++ % requests.size()];
    request.renew();
    bench::exchange(client, request.bytes());
  }
  return double(count) / passed;
}

Times paced(support::HttpClient& client, std::vector<bench::Request>& requests, double rate,
            double seconds) {
  Times times;
  const auto distance =
      std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(1 / rate));
  const auto begin = Clock::now() + distance;
  const auto count = static_cast<std::size_t>(std::max(1.0, seconds * rate));
  for (std::size_t at = 0; at < count; ++at) {
    bench::Request& request = requests[at % requests.size()];
    request.renew();
    const auto due = begin + at * distance;
    std::this_thread::sleep_until(due);
    const auto start = Clock::now();
    bench::exchange(client, request.bytes());
    times.service.push_back(milliseconds(Clock::now() - start));
    times.waiting.push_back(milliseconds(start - due));
  }
  return times;
}

// The bare parse of the same bodies, as paced.
std::vector<double> parsed(const std::vector<std::string>& events, double rate, double seconds) {
  const std::vector<bench::Body> bodies = bench::bodies_of(events, bench::kEventsOfBatch);
  simdjson::dom::parser parser;
  for (const bench::Body& body : bodies) {  // warm, as the daemon is
    (void)parser.parse(body.bytes.data(), body.size, false);
  }
  std::vector<double> times;
  const auto distance =
      std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(1 / rate));
  const auto begin = Clock::now() + distance;
  const auto count = static_cast<std::size_t>(std::max(1.0, seconds * rate));
  for (std::size_t at = 0; at < count; ++at) {
    const bench::Body& body = bodies[at % bodies.size()];
    std::this_thread::sleep_until(begin + at * distance);
    const auto start = Clock::now();
    simdjson::dom::element root;
    if (parser.parse(body.bytes.data(), body.size, false).get(root) != simdjson::SUCCESS) {
      std::fprintf(stderr, "simdjson refuses a recorded body\n");
      std::exit(1);
    }
    times.push_back(milliseconds(Clock::now() - start));
  }
  return times;
}

constexpr std::size_t kFewestForThousandth = 1000;

void print(const char* what, const std::vector<double>& times) {
  std::string thousandth = "too few for p99.9";
  if (times.size() >= kFewestForThousandth) {
    thousandth.resize(40);
    thousandth.resize(static_cast<std::size_t>(std::snprintf(
        thousandth.data(), thousandth.size(), "p99.9 %6.2f ms", bench::percentile(times, 0.999))));
  }
  std::printf("    %-8s p50 %6.2f ms, p99 %6.2f ms, %s, most %6.2f ms\n", what,
              bench::percentile(times, 0.5), bench::percentile(times, 0.99), thousandth.c_str(),
              bench::percentile(times, 1));
}

void append(std::vector<double>& all, const std::vector<double>& more) {
  all.insert(all.end(), more.begin(), more.end());
}

// p99.9 of service over all rounds.
double measure(const std::vector<std::string>& events, const std::string& folder, double percent,
               double seconds, std::size_t rounds) {
  bench::Setup setup(folder, {.io_threads = 1});
  support::HttpClient client(setup.port());
  client.set_timeout(std::chrono::seconds(60));
  std::vector<bench::Request> requests;
  for (int at = 0; at < 20; ++at) {
    requests.emplace_back(events, bench::kEventsOfBatch, percent);
  }
  (void)most(client, requests, 0.2);  // warm
  const double rate = most(client, requests, std::min(1.0, seconds));
  std::printf("%.0f %% alerting: one connection brings %.0f events/s at most; at half of it:\n",
              percent, rate * bench::kEventsOfBatch);
  Times all;
  std::vector<double> all_parsed;
  for (std::size_t round = 0; round < rounds; ++round) {
    const bench::CpuTime before = setup.cpu();
    const Times times = paced(client, requests, rate / 2, seconds);
    const bench::CpuTime after = setup.cpu();
    const double count = double(times.service.size());
    std::printf("  round %zu, %.0f batches, each %.2f ms of CPU and %.2f ms of waiting for one\n",
                round + 1, count, (after.running - before.running) / count * 1e3,
                (after.waiting - before.waiting) / count * 1e3);
    print("service", times.service);
    print("waiting", times.waiting);
    append(all.service, times.service);
    append(all.waiting, times.waiting);
    if (percent == 0) {
      const std::vector<double> parse_times = parsed(events, rate / 2, seconds);
      print("parse", parse_times);
      append(all_parsed, parse_times);
    }
  }
  std::printf("  all rounds, %zu batches%s\n", all.service.size(),
              percent > 0 ? "" : " (limit of service: p99.9 2 ms)");
  print("service", all.service);
  print("waiting", all.waiting);
  if (percent == 0) {
    print("parse", all_parsed);
  }
  return all.service.size() < kFewestForThousandth ? std::numeric_limits<double>::max()
                                                   : bench::percentile(all.service, 0.999);
}

}  // namespace

int main(int argc, char** argv) {
  double seconds = 5;
  std::size_t rounds = 3;
  double max_service = 0;
  std::string top;
  bench::read_arguments(argc, argv,
                        {{"--seconds", &seconds},
                         {"--rounds", &rounds},
                         {"--max-service", &max_service},
                         {"--folder", &top}});
  const support::TempDir temp;
  top = top.empty() ? temp.path() : top;
  const std::vector<std::string> events = bench::quiet_events();
  const double quiet = measure(events, bench::folder_in(top, "quiet"), 0, seconds, rounds);
  (void)measure(events, bench::folder_in(top, "alerting"), 1, seconds, rounds);
  bench::print_fsync(top);
  return max_service > 0 && quiet > max_service ? 1 : 0;
}
