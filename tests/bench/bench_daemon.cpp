// The daemon as a whole, over loopback: how many events a second it takes while 5, 50 and 100 %
// of them alert and every alert is on disk before its batch is answered, and how long an alert
// takes from its POST to its line in the alert file at 4,000 events a second. What an fdatasync
// takes on the same disk is printed beside it, before and after: behind bytes that make a file
// longer, and behind bytes that lie over others, as most of the store's log do.
//
//   bench_daemon [--batches N] [--seconds S] [--folder DIR]
#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench_support.h"
#include "daemon.h"
#include "http_client.h"
#include "temp_dir.h"

namespace {

using namespace tiercel;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kEventsOfBatch = 400;
constexpr const char* kRule =
    "- rule: Bench\n  desc: d\n  condition: ka.verb = benchdelete\n"
    "  output: deleted (id=%ka.auditid user=%ka.user.name verb=%ka.verb uri=%ka.uri)\n"
    "  priority: WARNING\n  source: k8s_audit\n";

struct Arguments {
  std::size_t batches = 200;
  std::size_t seconds = 10;
  std::string folder;
};

// Recorded events with ids of their own, so that none is known already.
class Events {
 public:
  explicit Events(std::vector<std::string> lines) {
    for (std::string& line : lines) {
      const std::size_t id = line.find("\"auditID\":\"");
      const std::size_t verb = line.find("\"verb\":\"");
      if (id != std::string::npos && verb != std::string::npos && id < verb) {
        lines_.push_back(std::move(line));
      }
    }
  }

  /// A batch in which `percent` of the events alert; their ids go to `ids`.
  std::string batch(std::size_t size, std::size_t percent, std::vector<std::string>* ids) {
    std::string body = R"({"kind":"EventList","apiVersion":"audit.k8s.io/v1","items":[)";
    for (std::size_t at = 0; at < size; ++at) {
      const std::uint64_t number = ++number_;
      const bool alerts = at * 100 / size < percent;
      std::string id = "bench-" + std::to_string(number);
      body += at == 0 ? "" : ",";
      body += changed(lines_[number % lines_.size()], id, alerts);
      if (alerts && ids != nullptr) {
        ids->push_back(std::move(id));
      }
    }
    return body + "]}";
  }

 private:
  static std::string with(std::string line, const char* member, const std::string& value) {
    const std::size_t from = line.find(member) + std::strlen(member);
    return line.replace(from, line.find('"', from) - from, value);
  }
  static std::string changed(const std::string& line, const std::string& id, bool alerts) {
    std::string out = with(line, "\"auditID\":\"", id);
    return alerts ? with(std::move(out), "\"verb\":\"", "benchdelete") : out;
  }

  std::vector<std::string> lines_;
  std::atomic<std::uint64_t> number_{0};
};

struct Setup {
  explicit Setup(const std::string& folder) : folder_(folder) {
    const auto write = [this](const char* name, const std::string& text) {
      const std::string path = folder_ + "/" + name;
      std::FILE* const file = std::fopen(path.c_str(), "w");
      std::fputs(text.c_str(), file);
      std::fclose(file);
      return path;
    };
    const std::string rules = write("rules.yaml", kRule);
    const std::string config =
        write("tiercel.yaml", "rules_files: [" + rules +
                                  "]\njson_output: true\nwebserver: {listen_port: 0}\n"
                                  "file_output: {enabled: true, filename: " +
                                  alerts() +
                                  "}\n"
                                  "quarantine: {path: " +
                                  folder_ +
                                  "/quarantine}\n"
                                  "store: {path: " +
                                  folder_ + "/store, min_free: 0, min_free_percent: 0}\n");
    daemon = std::make_unique<support::Daemon>(std::vector<std::string>{"-c", config});
    if (daemon->port() == 0) {
      std::fprintf(stderr, "the daemon did not start:\n%s", daemon->log().c_str());
      std::exit(1);
    }
  }
  [[nodiscard]] std::string alerts() const { return folder_ + "/alerts.log"; }

  std::string folder_;
  std::unique_ptr<support::Daemon> daemon;
};

void post(support::HttpClient& client, const std::string& body) {
  const int status = client.exchange(support::post("/k8s_audit", body)).status;
  if (status != 200) {
    std::fprintf(stderr, "a batch was answered %d\n", status);
    std::exit(1);
  }
}

double percentile(std::vector<double> values, double part) {
  std::sort(values.begin(), values.end());
  return values.empty() ? 0 : values[static_cast<std::size_t>(part * double(values.size() - 1))];
}

constexpr std::size_t kSyncedBlocks = 200;

// The times of an fdatasync behind each of the blocks of a file, from its beginning on.
std::vector<double> sync_times(int file) {
  const std::string block(4096, 'x');
  std::vector<double> times;
  (void)::lseek(file, 0, SEEK_SET);
  for (std::size_t at = 0; at < kSyncedBlocks; ++at) {
    (void)!::write(file, block.data(), block.size());
    const auto start = Clock::now();
    ::fdatasync(file);
    times.push_back(std::chrono::duration<double, std::milli>(Clock::now() - start).count());
  }
  return times;
}

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

void throughput(const Arguments& arguments, Events& events, const std::string& folder,
                std::size_t percent) {
  constexpr std::size_t kClients = 16;
  std::vector<std::string> bodies;
  for (std::size_t at = 0; at < arguments.batches; ++at) {
    bodies.push_back(events.batch(kEventsOfBatch, percent, nullptr));
  }
  std::size_t bytes = 0;
  for (const std::string& body : bodies) {
    bytes += body.size();
  }
  Setup setup(folder);
  std::atomic<std::size_t> next{0};
  const auto start = Clock::now();
  std::vector<std::thread> clients;
  for (std::size_t number = 0; number < kClients; ++number) {
    clients.emplace_back([&] {
      support::HttpClient client(setup.daemon->port());
      client.set_timeout(std::chrono::seconds(60));
      for (std::size_t at = next++; at < bodies.size(); at = next++) {
        post(client, bodies[at]);
      }
    });
  }
  for (std::thread& client : clients) {
    client.join();
  }
  const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
  const double count = double(bodies.size() * kEventsOfBatch);
  std::printf("%3zu %% alerting: %9.0f events/s, %7.0f alerts/s durable, %6.1f MB/s\n", percent,
              count / seconds, count * double(percent) / 100 / seconds,
              double(bytes) / seconds / 1e6);
  setup.daemon->signal(SIGKILL);
  (void)setup.daemon->wait();
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

void latency(const Arguments& arguments, Events& events, const std::string& folder) {
  constexpr std::size_t kRate = 4000;  // events a second
  constexpr std::size_t kSize = 100;
  constexpr std::size_t kPercent = 5;
  Setup setup(folder);
  std::unordered_map<std::string, Clock::time_point> sent;
  std::vector<double> answers;
  Tail tail(setup.alerts());
  support::HttpClient client(setup.daemon->port());
  client.set_timeout(std::chrono::seconds(60));
  const std::size_t batches = arguments.seconds * kRate / kSize;
  const auto begin = Clock::now();
  for (std::size_t at = 0; at < batches; ++at) {
    std::vector<std::string> ids;
    const std::string body = events.batch(kSize, kPercent, &ids);
    std::this_thread::sleep_until(begin +
                                  at * std::chrono::microseconds(1'000'000 * kSize / kRate));
    const auto start = Clock::now();
    post(client, body);
    answers.push_back(std::chrono::duration<double, std::milli>(Clock::now() - start).count());
    for (std::string& id : ids) {
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
  std::printf("  POST to answer:           p50 %.2f ms, p99 %.2f ms\n", percentile(answers, 0.5),
              percentile(answers, 0.99));
  std::printf("  POST to line in the file: p50 %.2f ms, p99 %.2f ms (%zu alerts)\n",
              percentile(times, 0.5), percentile(times, 0.99), times.size());
}

// The events of the recorded bodies, one a text.
std::vector<std::string> recorded_events() {
  std::vector<std::string> events;
  for (const bench::Body& body : bench::recorded_bodies(1)) {
    const std::string_view text = body.view();
    const std::size_t from = text.find('[') + 1;
    events.emplace_back(text.substr(from, text.rfind(']') - from));
    if (events.size() == 5000) {
      break;
    }
  }
  return events;
}

Arguments read_arguments(int argc, char** argv) {
  Arguments arguments;
  for (int at = 1; at < argc; at += 2) {
    const std::string name = argv[at];
    if (at + 1 == argc) {
      std::fprintf(stderr, "usage: bench_daemon [--batches N] [--seconds S] [--folder DIR]\n");
      std::exit(2);
    }
    if (name == "--batches") {
      arguments.batches = std::strtoul(argv[at + 1], nullptr, 10);
    } else if (name == "--seconds") {
      arguments.seconds = std::strtoul(argv[at + 1], nullptr, 10);
    } else if (name == "--folder") {
      arguments.folder = argv[at + 1];
    }
  }
  return arguments;
}

}  // namespace

int main(int argc, char** argv) {
  const Arguments arguments = read_arguments(argc, argv);
  const support::TempDir temp;
  const std::string top = arguments.folder.empty() ? temp.path() : arguments.folder;
  Events events(recorded_events());
  std::printf("build type: %s\n", TIERCEL_BUILD_TYPE);
  print_fsync(top);
  for (const std::size_t percent : {0U, 5U, 50U, 100U}) {
    const std::string folder = top + "/" + std::to_string(percent);
    (void)::mkdir(folder.c_str(), 0700);
    throughput(arguments, events, folder, percent);
  }
  const std::string folder = top + "/latency";
  (void)::mkdir(folder.c_str(), 0700);
  latency(arguments, events, folder);
  print_fsync(top);
  return 0;
}
