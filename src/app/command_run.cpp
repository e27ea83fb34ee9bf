#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <thread>

#include <malloc.h>
#include <sys/resource.h>
#include <unistd.h>

#include "tiercel/api/reports.h"
#include "tiercel/audit/decode.h"
#include "tiercel/base/log.h"

#include "application.h"
#include "known_names.h"
#include "notify.h"
#include "signals.h"

namespace tiercel::app {

namespace {

// How long the main thread sleeps at most: outputs that block are seen by it.
constexpr std::chrono::milliseconds kLook{1000};
// How often to look whether the input has ended, where that ends the run.
constexpr std::chrono::milliseconds kInputWait{100};

// glibc moves its threshold up to the largest block that was freed, 32 MiB at most, and from then
// on keeps such blocks: some large bodies would leave their memory with the process for good, in
// the arena of each io thread. What is as large as this goes back as soon as it is free; below it
// lies an ordinary batch, whose memory is reused and not faulted in again for each.
void bound_kept_memory() {
#ifdef __GLIBC__
  constexpr int kLargeBlock = 4 << 20;
  ::mallopt(M_MMAP_THRESHOLD, kLargeBlock);
  ::mallopt(M_TRIM_THRESHOLD, 2 * kLargeBlock);
#endif
}

// A connection is a descriptor, and a shell's usual bound is below what limits.max_connections
// allows: as many as the system lets us have without being root.
void raise_file_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
  }
}

void configure_logging(const config::Settings& settings) {
  base::LogOptions log;
  log.level = settings.log.level;
  log.to_stderr = settings.log.to_stderr;
  log.to_syslog = settings.log.to_syslog;
  log.json = settings.log.format == config::LogSettings::Format::kJson;
  log.iso_time = settings.alerts.time_format_iso_8601;
  base::configure_log(log);
}

void log_start(const config::Loaded& loaded, const engine::RuleSet& rules) {
  base::log_info(std::string("tiercel ") + TIERCEL_VERSION + ", answers as Falco " +
                 api::kFalcoVersion + "; JSON kernel " +
                 std::string(audit::BatchDecoder::kernel()));
  for (const std::string& file : loaded.files) {
    base::log_info("configuration: " + file);
  }
  base::log_info("rules: " + std::to_string(rules.rules().size()) + " in force of " +
                 std::to_string(rules.loaded().size()) + " loaded, " +
                 std::to_string(rules.predicate_count()) + " distinct checks, hash " +
                 rules.hash());
}

int fail(const base::Error& error) {
  std::fprintf(stderr, "Error: %s\n", error.text().c_str());
  return kError;
}

base::Result<void> write_pidfile(const std::string& path) {
  if (path.empty()) {
    return {};
  }
  std::ofstream file(path, std::ios::trunc);
  file << ::getpid();
  file.close();
  if (!file) {
    return base::Error{"pidfile", "cannot write the pid file: name another with --pidfile", path};
  }
  return {};
}

bool reads_standard_input_only(const config::Settings& settings) {
  const auto ports = config::listeners(settings);
  return settings.pipe_sources.stdin_enabled && !settings.pipe_sources.socket_enabled &&
         !settings.file_source.enabled &&
         std::all_of(ports.begin(), ports.end(),
                     [](const auto& port) { return port.audit_paths.empty(); });
}

// Waits for signals until one of them, -M, or the end of all input ends the run.
void serve(const RunOptions& options, const Signals& signals, Application& application,
           bool may_end_by_itself) {
  const auto watchdog = watchdog_interval();
  const auto start = std::chrono::steady_clock::now();
  while (true) {
    auto wait = std::min(watchdog.value_or(kLook), kLook);
    if (may_end_by_itself) {
      if (application.has_read_all()) {
        base::log_info("all input was read: finishing");
        return;
      }
      wait = std::min(wait, kInputWait);
    }
    if (options.seconds != 0) {
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
          start + std::chrono::seconds(options.seconds) - std::chrono::steady_clock::now());
      if (left.count() <= 0) {
        return;
      }
      wait = std::min(wait, left + std::chrono::milliseconds{1});
    }
    const int number = signals.wait(wait);
    notify_alive();
    application.look();
    if (number == SIGHUP) {
      notify_reloading();
      application.reload();
      notify_ready(application.status());
    } else if (number == SIGUSR1) {
      application.reopen_outputs();
    } else if (number != 0) {
      base::log_info(std::string(number == SIGINT ? "SIGINT" : "SIGTERM") +
                     ": finishing what was accepted");
      return;
    }
  }
}

}  // namespace

int run_command(const RunOptions& options) {
  bound_kept_memory();
  raise_file_limit();
  const Signals signals;
  RunOptions effective = options;
  if (!effective.common.config) {
    effective.common.config = kDefaultConfig;
  }
  base::Diagnostics diagnostics;
  config::Loaded loaded = load_config(effective.common, config::Purpose::kRun, diagnostics);
  if (diagnostics.has_errors()) {
    print_diagnostics(diagnostics);
    if (!options.common.config) {
      std::fputs("That is the default; -c names another configuration.\n", stderr);
    }
    return kError;
  }
  configure_logging(loaded.settings);
  engine::LoadResult rules =
      load_all(effective.common, loaded.settings, Bodies::kStored, diagnostics);
  std::shared_ptr<const output::Routing> routing =
      compile_routing(loaded.settings.routing, loaded.settings.outputs, diagnostics);
  warn_of_unknown_names(loaded.settings, rules.rule_set.get(), diagnostics);
  print_diagnostics(diagnostics);
  if (rules.rule_set == nullptr || routing == nullptr) {
    return kError;
  }
  log_start(loaded, *rules.rule_set);
  if (options.dry_run) {
    return kSuccess;
  }

  const bool may_end = reads_standard_input_only(loaded.settings);
  auto created = Application::create(effective, std::move(loaded), std::move(rules.rule_set),
                                     std::move(routing));
  if (!created) {
    return fail(created.error());
  }
  Application& application = **created;
  if (const auto started = application.start(); !started) {
    return fail(started.error());
  }
  if (const auto written = write_pidfile(options.pidfile); !written) {
    return fail(written.error());
  }
  notify_ready(application.status());
  serve(options, signals, application, may_end);
  notify_stopping(application.longest_stop());
  const bool is_clean = application.stop();
  base::log_info("ended:" + application.summary());
  if (!is_clean) {
    // The writer hangs in a system call that nothing can end but the end of the process.
    std::_Exit(kError);
  }
  return kSuccess;
}

}  // namespace tiercel::app
