// What the webhook costs: batches posted over loopback to the daemon on one core, the loader on
// another, beside a bare simdjson DOM parse of the same bodies on the daemon's core. Rounds of
// both alternate, and the ratio of their medians counts; over TLS 1.3 as well, and with 1 % of
// the events alerting (-alerting) through a store of `durability: full`.
//
// Two ratios: by the wall clock, which other work on the machine lengthens; and by the time on a
// core that the daemon's process and the parsing thread took.
//
//   bench_webhook [--rounds N] [--connections N] [--batch N] [--only NAME] [--min-ratio R]
//   [--min-tls-ratio R]
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <sched.h>
#include <simdjson.h>

#include "bench_arguments.h"
#include "bench_setup.h"
#include "bench_support.h"
#include "certificates.h"
#include "http_client.h"
#include "temp_dir.h"

namespace {

using namespace tiercel;

struct Arguments {
  std::size_t rounds = 25;
  std::size_t connections = 4;
  std::size_t batch = 400;
  std::string only;  // one of the four ways, by its name
  double min_ratio = 0;
  double min_tls_ratio = 0;
};

[[noreturn]] void fail(const std::string& text) {
  std::fprintf(stderr, "%s\n", text.c_str());
  std::exit(1);
}

constexpr std::size_t kDaemonCore = 0;
constexpr std::size_t kLoaderCore = 1;

// False where the process may not run there: figures of such a machine are of another kind.
bool pin(std::size_t core) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(core, &set);
  return ::sched_setaffinity(0, sizeof(set), &set) == 0;
}

// The cores that this process may run on at its start.
const cpu_set_t& all_cores() {
  static const cpu_set_t kAll = [] {
    cpu_set_t set;
    CPU_ZERO(&set);
    (void)::sched_getaffinity(0, sizeof(set), &set);
    return set;
  }();
  return kAll;
}

bool release() { return ::sched_setaffinity(0, sizeof(cpu_set_t), &all_cores()) == 0; }

// Requests with their bodies, and the same bodies for the parser.
struct Load {
  std::vector<bench::Body> bodies;
  std::vector<std::string> requests;
  std::size_t bytes = 0;
  std::size_t events = 0;

  Load(const std::vector<std::string>& all, std::size_t batch)
      : bodies(bench::bodies_of(all, batch)), events(all.size()) {
    for (const bench::Body& body : bodies) {
      requests.push_back(support::post("/k8s_audit", body.view()));
      bytes += body.size;
    }
  }

  // So that no event is one the store has already.
  void renew(std::size_t round) {
    for (std::string& request : requests) {
      bench::number_ids(request, round);
    }
  }
};

struct Way {
  const char* name;
  bool tls;
  bool alerting;
  std::size_t threads = 1;  // on one core where it is one, else on all
};

class Target {
 public:
  explicit Target(const Way& way) : tls_(way.tls) {
    bench::SetupOptions options{.alerting_rule = false, .io_threads = way.threads};
    if (tls_) {
      const support::Certificate certificate = support::make_certificate();
      options.tls = certificate.certificate + certificate.key;
    }
    // The daemon inherits the core it may run on.
    const bool pinned = way.threads > 1 ? release() : pin(kDaemonCore);
    setup_ = std::make_unique<bench::Setup>(folder_.path(), options);
    if (!pinned) {
      std::printf("(not pinned: this process may not choose its cores)\n");
    }
  }

  [[nodiscard]] double cpu_seconds() const { return setup_->daemon().cpu_seconds(); }
  [[nodiscard]] std::string alert_file() const { return setup_->alerts(); }

  void connect(std::size_t count) {
    static const support::TlsClientOptions kTls{};
    for (std::size_t at = 0; at < count; ++at) {
      clients_.push_back(
          std::make_unique<support::HttpClient>(setup_->port(), tls_ ? &kTls : nullptr));
      clients_.back()->set_timeout(std::chrono::seconds(60));
      if (!clients_.back()->connected()) {
        fail("cannot connect: " + clients_.back()->problem());
      }
    }
  }

  // All of the load, each connection with one request under way.
  void post(const Load& load) {
    std::atomic<std::size_t> next{0};
    std::vector<std::thread> threads;
    for (const auto& client : clients_) {
      threads.emplace_back([&load, &next, &client] {
        for (std::size_t at = next++; at < load.requests.size(); at = next++) {
          const int status = client->exchange(load.requests[at]).status;
          if (status != 200) {
            fail("a batch was answered " + std::to_string(status));
          }
        }
      });
    }
    for (std::thread& thread : threads) {
      thread.join();
    }
  }

  void stop() {
    clients_.clear();
    setup_->stop();
  }

 private:
  support::TempDir folder_;
  bool tls_;
  std::unique_ptr<bench::Setup> setup_;
  std::vector<std::unique_ptr<support::HttpClient>> clients_;
};

struct Rounds {
  std::vector<double> wall;
  std::vector<double> cpu;
};

void parse(const Load& load, simdjson::dom::parser& parser, Rounds& rounds) {
  const double wall = bench::now();
  const double cpu = bench::thread_seconds();
  for (const bench::Body& body : load.bodies) {
    simdjson::dom::element root;
    if (parser.parse(body.bytes.data(), body.size, false).get(root) != simdjson::SUCCESS) {
      fail("simdjson refuses a recorded body");
    }
  }
  rounds.cpu.push_back(bench::thread_seconds() - cpu);
  rounds.wall.push_back(bench::now() - wall);
}

// Not those of tiercel about itself: batches that come again are told of.
std::size_t lines_of(const std::string& path) {
  std::size_t lines = 0;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    lines += line.find("\"source\":\"tiercel\"") == std::string::npos ? 1U : 0U;
  }
  return lines;
}

// The ratio by the wall clock.
double measure(const Way& way, Load& load, std::size_t alerts, const Arguments& arguments) {
  Target target(way);
  (void)pin(kLoaderCore);
  target.connect(arguments.connections);
  simdjson::dom::parser parser;
  Rounds bare;
  Rounds ours;
  for (std::size_t round = 0; round < arguments.rounds + 1; ++round) {
    (void)pin(kDaemonCore);
    parse(load, parser, bare);
    (void)pin(kLoaderCore);
    if (way.alerting) {
      load.renew(round + 1);
    }
    const double cpu = target.cpu_seconds();
    const double wall = bench::now();
    target.post(load);
    ours.wall.push_back(bench::now() - wall);
    ours.cpu.push_back(target.cpu_seconds() - cpu);
    if (round == 0) {  // both sides warm
      bare = ours = {};
    }
  }
  target.stop();
  const std::size_t wanted = alerts * (arguments.rounds + 1);
  if (const std::size_t found = lines_of(target.alert_file()); found != wanted) {
    fail(std::to_string(found) + " alerts instead of " + std::to_string(wanted));
  }
  const double wall = bench::median(ours.wall);
  const double ratio = bench::median(bare.wall) / wall;
  std::printf("%-14s %7.0f MB/s %9.0f events/s  ratio %.3f by the clock, %.3f by core time\n",
              way.name, double(load.bytes) / wall / 1e6, double(load.events) / wall, ratio,
              bench::median(bare.cpu) / bench::median(ours.cpu));
  std::fflush(stdout);
  return ratio;
}

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments;
  bench::read_arguments(argc, argv,
                        {{"--rounds", &arguments.rounds},
                         {"--connections", &arguments.connections},
                         {"--batch", &arguments.batch},
                         {"--only", &arguments.only},
                         {"--min-ratio", &arguments.min_ratio},
                         {"--min-tls-ratio", &arguments.min_tls_ratio}});
  (void)all_cores();
  const bench::Sorted traffic = bench::sorted_events();
  Load quiet(traffic.quiet, arguments.batch);
  Load alerting(bench::with_share(traffic, 1), arguments.batch);
  const std::size_t alerts =
      bench::replayed(alerting.bodies, bench::shipped_rules(engine::Matching::kFirst)).alerts;
  std::printf("machine    %s\nkernel     %s\n", bench::machine().c_str(),
              simdjson::get_active_implementation()->name().c_str());
  std::printf("input      %zu events, %.1f MB, %zu bodies of %zu, %zu connections, %zu rounds\n",
              quiet.events, double(quiet.bytes) / 1e6, quiet.bodies.size(), arguments.batch,
              arguments.connections, arguments.rounds);
  bool reached = true;
  const auto run = [&](const Way& way, double wanted) {
    if (arguments.only.empty() || arguments.only == way.name) {
      const double ratio = way.alerting ? measure(way, alerting, alerts, arguments)
                                        : measure(way, quiet, 0, arguments);
      reached = reached && ratio >= wanted;
    }
  };
  run({"http", false, false}, arguments.min_ratio);
  run({"tls", true, false}, arguments.min_tls_ratio);
  run({"http-alerting", false, true}, 0);
  run({"tls-alerting", true, true}, 0);
  // More threads must cost no more time on a core for each event.
  run({"http-4-threads", false, false, 4}, 0);
  return reached ? 0 : 1;
}
