// From fork to the first health check answered, with the shipped rules: over a store that does not
// exist yet, over one that holds alerts and was left cleanly, and over the same after a kill. Then
// what compiling rules takes, of which a start is made too.
//   bench_start [--starts N] [--alerts N] [--rules N] [--folder DIR]
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "bench_arguments.h"
#include "bench_setup.h"
#include "bench_support.h"
#include "bench_traffic.h"
#include "many_rules.h"
#include "temp_dir.h"

namespace {

using namespace tiercel;

enum class End { kStop, kKill };

void end(bench::Setup& setup, End how) { how == End::kStop ? setup.stop() : setup.kill(); }

double start_once(const std::string& folder, End how) {
  const double start = bench::now();
  bench::Setup setup(folder);
  support::HttpClient client(setup.port());
  if (client.exchange(support::get("/healthz")).status != 200) {
    std::fprintf(stderr, "the daemon does not answer\n");
    std::exit(1);
  }
  const double seconds = bench::now() - start;
  end(setup, how);
  return seconds;
}

void print(const char* what, const std::vector<double>& seconds) {
  std::printf("  %-32s median %6.1f ms, least %6.1f ms, most %6.1f ms\n", what,
              bench::median(seconds) * 1e3, bench::percentile(seconds, 0) * 1e3,
              bench::percentile(seconds, 1) * 1e3);
}

void fill_store(const std::string& folder, std::size_t alerts) {
  const std::vector<std::string> events = bench::quiet_events();
  bench::Setup setup(folder);
  support::HttpClient client(setup.port());
  client.set_timeout(std::chrono::seconds(60));
  bench::Request request(events, bench::kEventsOfBatch, 100);
  for (std::size_t stored = 0; stored < alerts; stored += request.alerts()) {
    request.renew();
    bench::exchange(client, request.bytes());
  }
  setup.stop();
}

double load_seconds(std::size_t count) {
  const std::string yaml = tests::many_rules(count, tests::Subject::kAll);
  const double start = bench::now();
  const engine::LoadResult loaded = engine::load_rules({{"many.yaml", yaml}}, {});
  const double seconds = bench::now() - start;
  if (loaded.rule_set == nullptr) {
    std::fputs(base::to_text(loaded.diagnostics).c_str(), stderr);
    std::exit(1);
  }
  return seconds;
}

}  // namespace

int main(int argc, char** argv) {
  std::size_t starts = 15;
  std::size_t alerts = 20'000;
  std::size_t rules = 10'000;
  std::string top;
  bench::read_arguments(
      argc, argv,
      {{"--starts", &starts}, {"--alerts", &alerts}, {"--rules", &rules}, {"--folder", &top}});
  const support::TempDir temp;
  top = top.empty() ? temp.path() : top;
  const std::string used = bench::folder_in(top, "used");
  fill_store(used, alerts);
  std::vector<double> fresh;
  std::vector<double> clean;
  std::vector<double> killed;
  (void)start_once(used, End::kStop);  // the program's pages are in memory from here on
  for (std::size_t at = 0; at < starts; ++at) {
    fresh.push_back(start_once(bench::folder_in(top, "fresh-" + std::to_string(at)), End::kKill));
    clean.push_back(start_once(used, End::kKill));
    killed.push_back(start_once(used, End::kStop));
  }
  std::printf("from fork to the first answer, shipped rules, %zu starts each (limit 150 ms)\n",
              starts);
  print("no store yet", fresh);
  const std::string of = "store of " + std::to_string(alerts) + " alerts";
  print((of + ", clean").c_str(), clean);
  print((of + ", killed").c_str(), killed);
  std::printf("rules loaded and compiled (limits: 50 in 50 ms, 10000 in 1500 ms)\n");
  for (const std::size_t count : {std::size_t{50}, rules}) {
    std::vector<double> seconds;
    for (std::size_t at = 0; at < 3; ++at) {
      seconds.push_back(load_seconds(count));
    }
    print((std::to_string(count) + " rules").c_str(), seconds);
  }
  return 0;
}
