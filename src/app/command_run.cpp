#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <thread>
#include <utility>

#include <malloc.h>
#include <sys/resource.h>
#include <unistd.h>

#include "tiercel/api/reports.h"
#include "tiercel/audit/decode.h"
#include "tiercel/base/log.h"
#include "tiercel/base/units.h"

#include "application.h"
#include "inherited_sockets.h"
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

// Files that went on changing: what was read of them may be half of what was written. What is good
// runs until they are read again.
void tell_unsteady(const Reading& reading) {
  base::Diagnostics diagnostics;
  base::Diagnostic change = unsteady_files();
  if (reading.is_good()) {
    change.severity = base::Severity::kWarning;
  } else {
    change.notes.clear();
    change.notes.emplace_back("the mistakes above may come of that: start again once they rest");
  }
  diagnostics.add(std::move(change));
  print_diagnostics(diagnostics);
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

// Only while all go on: a daemon whose threads hang is blind, and nobody else would notice.
void feed_watchdog(Application& application, std::chrono::milliseconds interval,
                   std::string& stalled) {
  std::string what = application.stalled(interval);
  if (what.empty()) {
    notify_alive();
  } else if (what != stalled) {
    base::log(base::LogLevel::kCritical,
              what + " has not come round for " + base::to_text(interval) +
                  ": the service manager's watchdog is not fed until it does");
  }
  stalled = std::move(what);
}

// Waits for signals until one of them, -M, or the end of all input ends the run.
void serve(const RunOptions& options, const Signals& signals, Application& application,
           bool may_end_by_itself) {
  const auto watchdog = watchdog_interval();
  const auto start = std::chrono::steady_clock::now();
  std::string stalled;
  while (true) {
    auto wait = std::min(watchdog.value_or(kLook), std::min(kLook, application.pause()));
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
    if (watchdog) {
      feed_watchdog(application, *watchdog, stalled);
    }
    application.look();
    std::string why;
    if (number == SIGHUP) {
      why = "SIGHUP";
    } else if (number == 0) {
      why = application.wants_reload();
    }
    if (!why.empty()) {
      notify_reloading();
      if (number == SIGHUP) {
        application.reload_all(why);
      } else {
        application.reload(why);
      }
      notify_ready(application.status());
    }
    if (number == SIGHUP) {
      continue;
    }
    if (number == SIGUSR1) {
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
  // While there is one thread: this changes the environment.
  InheritedSockets sockets = InheritedSockets::take();
  RunOptions effective = options;
  if (!effective.common.config) {
    effective.common.config = kDefaultConfig;
  }
  Reading reading = read_everything(effective.common, {});
  if (!reading.has_config) {
    print_diagnostics(reading.diagnostics);
    if (!reading.is_steady) {
      tell_unsteady(reading);
    }
    if (!options.common.config) {
      std::fputs("That is the default; -c names another configuration.\n", stderr);
    }
    return kError;
  }
  configure_logging(reading.loaded.settings);
  print_diagnostics(reading.diagnostics);
  if (!reading.is_steady) {
    tell_unsteady(reading);
  }
  if (!reading.is_good()) {
    return kError;
  }
  log_start(reading.loaded, *reading.rules.rule_set);
  if (options.dry_run) {
    return kSuccess;
  }

  const bool may_end = reads_standard_input_only(reading.loaded.settings);
  auto created = Application::create(effective, std::move(reading));
  if (!created) {
    return fail(created.error());
  }
  Application& application = **created;
  if (const auto started = application.start(std::move(sockets)); !started) {
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
