#include "reading.h"

#include <thread>
#include <utility>

#include "tiercel/base/clock.h"

#include "deliveries.h"
#include "known_names.h"

namespace tiercel::app {

namespace {

// Whoever writes all the time is told of, and tried again later.
constexpr int kMostReadings = 10;

// What was written a moment ago, and is not being written any more, has an older time a moment
// later.
FileStamps settled(const LoadedPaths& paths) {
  FileStamps stamps = FileStamps::of(paths);
  if (stamps.is_fresh(base::SystemClock().now())) {
    std::this_thread::sleep_for(FileStamps::kStep);
    stamps = FileStamps::of(paths);
  }
  return stamps;
}

Reading read_once(const CommonOptions& options) {
  Reading reading;
  reading.disabled_rules = options.disabled_rules;
  base::Diagnostics& diagnostics = reading.diagnostics;
  reading.loaded = load_config(options, config::Purpose::kRun, diagnostics);
  reading.paths = loaded_paths(options, reading.loaded.settings);
  reading.has_config = !diagnostics.has_errors();
  if (!reading.has_config) {
    return reading;
  }
  const config::Settings& settings = reading.loaded.settings;
  reading.files = read_rules(options, settings, diagnostics);
  reading.rules = compile_rules(options, settings, Bodies::kStored, reading.files, diagnostics);
  reading.routing = compile_routing(settings.routing, settings.outputs, diagnostics);
  warn_of_unknown_names(settings, reading.rules.rule_set.get(), diagnostics);
  return reading;
}

}  // namespace

base::Diagnostic unsteady_files() {
  base::Diagnostic mistake;
  mistake.code = "files_change";
  mistake.message =
      "the files of the configuration or the rules went on changing while they were read";
  mistake.notes.emplace_back("they are read again in a second");
  return mistake;
}

Reading read_everything(const CommonOptions& options, LoadedPaths known) {
  if (known.config.empty()) {
    // At the start only the configuration knows what is to be read.
    base::Diagnostics again;
    known = loaded_paths(options, load_config(options, config::Purpose::kRun, again).settings);
  }
  for (int count = 1;; ++count) {
    const FileStamps before = settled(known);
    const bool is_fresh = before.is_fresh(base::SystemClock().now());
    Reading reading = read_once(options);
    reading.stamps = FileStamps::of(reading.paths);
    reading.is_steady = reading.stamps == before && !is_fresh;
    if (reading.is_steady || count == kMostReadings) {
      return reading;
    }
    known = reading.paths;
  }
}

}  // namespace tiercel::app
