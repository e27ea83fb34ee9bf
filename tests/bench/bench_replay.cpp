// `tiercel replay` over a file of recorded traffic, with one thread and with all cores, beside a
// bare simdjson DOM parse of the same events in bodies of 400. They alternate, and medians
// count. Beside what the clock says stands the processor time of a run, user's and system's,
// which depends less on who else uses the machine: from it comes the ratio for one core. A first
// run of each, not measured, must print as many alerts as the rules give here.
//
//   bench_replay [--megabytes N] [--rounds N] [--min-ratio R] [--folder DIR]
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <simdjson.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench_arguments.h"
#include "bench_support.h"
#include "temp_dir.h"

namespace {

using namespace tiercel;

constexpr std::size_t kEventsOfBody = 400;
constexpr double kMegabyte = 1e6;
constexpr double kGigabyte = 1e9;

struct Arguments {
  std::size_t megabytes = 512;
  std::size_t rounds = 5;
  double min_ratio = 0;
  std::string folder;
};

struct Time {
  double wall = 0;
  double processor = 0;
};

// What was measured of one way to read the events, round for round.
struct Column {
  std::string name;
  std::vector<std::string> arguments;
  std::vector<double> wall{};
  std::vector<double> processor{};
};

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}

// The program, its standard output there.
pid_t start(const std::vector<std::string>& arguments, int out) {
  std::vector<char*> words;
  for (const std::string& argument : arguments) {
    words.push_back(const_cast<char*>(argument.c_str()));
  }
  words.push_back(nullptr);
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::dup2(out, STDOUT_FILENO);
    ::execv(words[0], words.data());
    ::_exit(127);
  }
  return pid;
}

// Waits for its end; the processor's seconds that it took.
double finish(pid_t pid) {
  int status = 0;
  rusage usage{};
  if (pid < 0 || ::wait4(pid, &status, 0, &usage) != pid || status != 0) {
    std::fprintf(stderr, "replay did not end well: %d\n", status);
    std::exit(1);
  }
  return seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime);
}

// The program to its end, its alerts to /dev/null.
Time run(const std::vector<std::string>& arguments) {
  static const int kNull = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
  const double begin = bench::now();
  const double processor = finish(start(arguments, kNull));
  return {bench::now() - begin, processor};
}

// How many lines it prints.
std::size_t lines_of(const std::vector<std::string>& arguments) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) {
    std::fputs("no pipe\n", stderr);
    std::exit(1);
  }
  const pid_t pid = start(arguments, ends[1]);
  ::close(ends[1]);
  std::vector<char> chunk(std::size_t{64} << 10U);
  std::size_t lines = 0;
  for (ssize_t got = 1; got > 0;) {
    got = ::read(ends[0], chunk.data(), chunk.size());
    lines += static_cast<std::size_t>(
        std::count(chunk.begin(), chunk.begin() + std::max<ssize_t>(got, 0), '\n'));
  }
  ::close(ends[0]);
  (void)finish(pid);
  return lines;
}

Time parse_bodies(const std::vector<bench::Body>& bodies, std::size_t times) {
  static simdjson::dom::parser parser;
  const double wall = bench::now();
  const double processor = bench::thread_seconds();
  for (std::size_t time = 0; time < times; ++time) {
    for (const bench::Body& body : bodies) {
      if (parser.parse(body.bytes.data(), body.size, false).error() != simdjson::SUCCESS) {
        std::fputs("simdjson refuses a recorded body\n", stderr);
        std::exit(1);
      }
    }
  }
  return {bench::now() - wall, bench::thread_seconds() - processor};
}

class Files {
 public:
  // The same events as lines and as lists of 400, `times` over, each time with other ids.
  Files(const std::string& folder, const std::vector<std::string>& events, std::size_t times)
      : lines(folder + "/lines.jsonl"), lists(folder + "/lists.jsonl") {
    std::FILE* const line_file = std::fopen(lines.c_str(), "w");
    std::FILE* const list_file = std::fopen(lists.c_str(), "w");
    if (line_file == nullptr || list_file == nullptr) {
      std::fprintf(stderr, "cannot write in %s\n", folder.c_str());
      std::exit(1);
    }
    for (std::size_t time = 0; time < times; ++time) {
      std::vector<std::string> changed = events;
      for (std::size_t at = 0; at < changed.size(); ++at) {
        bench::number_ids(changed[at], time * changed.size() + at);
        changed[at] += '\n';
        std::fwrite(changed[at].data(), 1, changed[at].size(), line_file);
        changed[at].pop_back();
      }
      for (const bench::Body& body : bench::bodies_of(changed, kEventsOfBody)) {
        std::fwrite(body.bytes.data(), 1, body.size, list_file);
      }
    }
    std::fclose(list_file);
    if (std::fclose(line_file) != 0) {
      std::fprintf(stderr, "cannot write %s\n", lines.c_str());
      std::exit(1);
    }
  }

  std::string lines;
  std::string lists;
};

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments;
  bench::read_arguments(argc, argv,
                        {{"--megabytes", &arguments.megabytes},
                         {"--rounds", &arguments.rounds},
                         {"--min-ratio", &arguments.min_ratio},
                         {"--folder", &arguments.folder}});
  const support::TempDir temp;
  const std::vector<std::string> events = bench::recorded_events();
  const std::vector<bench::Body> bodies = bench::bodies_of(events, kEventsOfBody);
  std::size_t bytes = 0;
  for (const bench::Body& body : bodies) {
    bytes += body.size;
  }
  const std::size_t times =
      std::max<std::size_t>(1, arguments.megabytes * std::size_t{1'000'000} / bytes);
  const double size = static_cast<double>(bytes) * static_cast<double>(times);
  const Files files(arguments.folder.empty() ? temp.path() : arguments.folder, events, times);

  const std::vector<std::string> replay{TIERCEL_BINARY, "replay", "-q", "-r",
                                        TIERCEL_SOURCE_DIR "/rules/k8s_audit_rules.yaml"};
  const auto with = [&](const std::string& file, unsigned threads) {
    std::vector<std::string> all = replay;
    all.insert(all.end(), {"--threads", std::to_string(threads), file});
    return all;
  };
  const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
  const std::string all_cores = std::to_string(cores) + " threads";
  std::vector<Column> columns{{"dom parse", {}},
                              {"lines, 1 thread", with(files.lines, 1)},
                              {"lines, " + all_cores, with(files.lines, cores)},
                              {"lists, 1 thread", with(files.lists, 1)},
                              {"lists, " + all_cores, with(files.lists, cores)}};
  const std::size_t alerts =
      times * bench::replayed(bodies, bench::shipped_rules(engine::Matching::kFirst)).alerts;
  if (alerts == 0) {
    std::fputs("no rule matches any of the recorded events\n", stderr);
    return 1;
  }
  for (const Column& column : columns) {
    const std::size_t lines = column.arguments.empty() ? alerts : lines_of(column.arguments);
    if (lines != alerts) {
      std::fprintf(stderr, "%s: %zu alerts printed instead of %zu\n", column.name.c_str(), lines,
                   alerts);
      return 1;
    }
  }
  for (std::size_t round = 0; round < arguments.rounds; ++round) {
    for (Column& column : columns) {
      const Time time =
          column.arguments.empty() ? parse_bodies(bodies, times) : run(column.arguments);
      column.wall.push_back(time.wall);
      column.processor.push_back(time.processor);
    }
  }

  const std::size_t count = events.size() * times;
  std::printf("machine    %s\ninput      %.0f MB, %zu events, %zu alerts (%.0f %%), all printed\n",
              bench::machine().c_str(), size / kMegabyte, count, alerts,
              static_cast<double>(alerts) / static_cast<double>(count) * 100);
  const double dom = bench::median(columns[0].processor);
  double worst = 1;
  for (const Column& column : columns) {
    const double processor = bench::median(column.processor);
    worst = std::min(worst, dom / processor);
    std::printf("%-17s %6.0f MB/s  %.2f s of processor a GB  %.3f of the parse on a core\n",
                column.name.c_str(), size / bench::median(column.wall) / kMegabyte,
                processor / size * kGigabyte, dom / processor);
  }
  return worst >= arguments.min_ratio ? 0 : 1;
}
