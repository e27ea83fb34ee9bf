// The daemon as a whole, over loopback: how many events a second it takes while 5, 50 and 100 %
// of them alert and every alert is on disk before its batch is answered, and how long an alert
// takes from its POST to its line in the alert file at 4,000 events a second. What an fdatasync
// takes on the same disk is printed beside it, before and after: behind bytes that make a file
// longer, and behind bytes that lie over others, as most of the store's log do.
//
//   bench_daemon [--batches N] [--seconds S] [--folder DIR]
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

#include "bench_arguments.h"
#include "bench_disk.h"
#include "bench_setup.h"
#include "bench_support.h"
#include "bench_traffic.h"
#include "temp_dir.h"

namespace {

using namespace tiercel;
using Clock = std::chrono::steady_clock;

struct Arguments {
  std::size_t batches = 200;
  std::size_t seconds = 10;
  std::string folder;
};

void throughput(const Arguments& arguments, const std::vector<std::string>& events,
                const std::string& folder, std::size_t percent) {
  constexpr std::size_t kClients = 16;
  std::vector<bench::Request> requests;
  std::size_t bytes = 0;
  for (std::size_t at = 0; at < arguments.batches; ++at) {
    requests.emplace_back(events, bench::kEventsOfBatch, double(percent));
    bytes += requests.back().bytes().size();
  }
  bench::Setup setup(folder, {.shipped_rules = false});
  std::atomic<std::size_t> next{0};
  const auto start = Clock::now();
  std::vector<std::thread> clients;
  for (std::size_t number = 0; number < kClients; ++number) {
    clients.emplace_back([&] {
      support::HttpClient client(setup.port());
      client.set_timeout(std::chrono::seconds(60));
      for (std::size_t at = next++; at < requests.size(); at = next++) {
        bench::exchange(client, requests[at].bytes());
      }
    });
  }
  for (std::thread& client : clients) {
    client.join();
  }
  const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
  const double count = double(requests.size() * bench::kEventsOfBatch);
  std::printf("%3zu %% alerting: %9.0f events/s, %7.0f alerts/s durable, %6.1f MB/s\n", percent,
              count / seconds, count * double(percent) / 100 / seconds,
              double(bytes) / seconds / 1e6);
  setup.kill();
}

// Follows the alert file and notes when each alert's line was there.
class Tail {
 public:
  explicit Tail(std::string path) : path_(std::move(path)), thread_([this] { run(); }) {}
  ~Tail() {
    stopping_ = true;
    thread_.join();
  }
  Tail(const Tail&) = delete;
  Tail& operator=(const Tail&) = delete;

  std::unordered_map<std::string, Clock::time_point> seen;  // after the destruction of the thread

  void finish(std::size_t wanted) {
    const auto until = Clock::now() + std::chrono::seconds(30);
    while (count_ < wanted && Clock::now() < until) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    stopping_ = true;
  }

 private:
  void run() {
    int file = -1;
    std::string rest;
    std::vector<char> room(1 << 20);
    while (!stopping_) {
      if (file < 0) {
        file = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC);
      }
      const ssize_t got = file < 0 ? 0 : ::read(file, room.data(), room.size());
      if (got <= 0) {
        std::this_thread::sleep_for(std::chrono::microseconds(50));
        continue;
      }
      const auto now = Clock::now();
      rest.append(room.data(), static_cast<std::size_t>(got));
      for (std::size_t end = rest.find('\n'); end != std::string::npos; end = rest.find('\n')) {
        const std::size_t id = rest.find("(id=");
        if (id < end) {
          seen.emplace(rest.substr(id + 4, rest.find(' ', id) - id - 4), now);
          ++count_;
        }
        rest.erase(0, end + 1);
      }
    }
    if (file >= 0) {
      ::close(file);
    }
  }

  std::string path_;
  std::atomic<bool> stopping_{false};
  std::atomic<std::size_t> count_{0};
  std::thread thread_;
};

void latency(const Arguments& arguments, const std::vector<std::string>& events,
             const std::string& folder) {
  constexpr std::size_t kRate = 4000;  // events a second
  constexpr std::size_t kSize = 100;
  constexpr std::size_t kPercent = 5;
  bench::Setup setup(folder, {.shipped_rules = false});
  std::unordered_map<std::string, Clock::time_point> sent;
  std::vector<double> answers;
  Tail tail(setup.alerts());
  support::HttpClient client(setup.port());
  client.set_timeout(std::chrono::seconds(60));
  const std::size_t batches = arguments.seconds * kRate / kSize;
  const auto begin = Clock::now();
  for (std::size_t at = 0; at < batches; ++at) {
    const bench::Request request(events, kSize, kPercent);
    std::this_thread::sleep_until(begin +
                                  at * std::chrono::microseconds(1'000'000 * kSize / kRate));
    const auto start = Clock::now();
    bench::exchange(client, request.bytes());
    answers.push_back(std::chrono::duration<double, std::milli>(Clock::now() - start).count());
    for (std::string& id : request.ids()) {
      sent.emplace(std::move(id), start);
    }
  }
  tail.finish(sent.size());
  std::vector<double> times;
  for (const auto& [id, start] : sent) {
    const auto line = tail.seen.find(id);
    if (line == tail.seen.end()) {
      std::fprintf(stderr, "no line for %s\n", id.c_str());
      std::exit(1);
    }
    times.push_back(std::chrono::duration<double, std::milli>(line->second - start).count());
  }
  std::printf("at %zu events/s in POSTs of %zu, %zu %% alerting, durability full:\n", kRate, kSize,
              kPercent);
  std::printf("  POST to answer:           p50 %.2f ms, p99 %.2f ms\n",
              bench::percentile(answers, 0.5), bench::percentile(answers, 0.99));
  std::printf("  POST to line in the file: p50 %.2f ms, p99 %.2f ms (%zu alerts)\n",
              bench::percentile(times, 0.5), bench::percentile(times, 0.99), times.size());
}

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments;
  bench::read_arguments(argc, argv,
                        {{"--batches", &arguments.batches},
                         {"--seconds", &arguments.seconds},
                         {"--folder", &arguments.folder}});
  const support::TempDir temp;
  const std::string top = arguments.folder.empty() ? temp.path() : arguments.folder;
  const std::vector<std::string> events = bench::quiet_events();
  std::printf("build type: %s\n", TIERCEL_BUILD_TYPE);
  bench::print_fsync(top);
  for (const std::size_t percent : {0U, 5U, 50U, 100U}) {
    throughput(arguments, events, bench::folder_in(top, std::to_string(percent)), percent);
  }
  latency(arguments, events, bench::folder_in(top, "latency"));
  bench::print_fsync(top);
  return 0;
}
