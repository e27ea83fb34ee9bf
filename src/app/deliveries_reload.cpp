#include <algorithm>
#include <thread>
#include <utility>

#include "tiercel/base/log.h"
#include "tiercel/config/codes.h"

#include "deliveries.h"
#include "file_stamps.h"

namespace tiercel::app {

namespace {

// For the delivery in hand of an output that is exchanged, and for what an output that goes can
// still deliver.
constexpr std::chrono::milliseconds kPatience{5000};

}  // namespace

/// What a reload makes of the outputs.
struct Deliveries::Change {
  RunningList next;       ///< all, in the order of the configuration
  RunningList kept;       ///< of those that run
  RunningList kept_as;    ///< as the configuration has them now, in the same order
  RunningList added;      ///< of `next`
  RunningList exchanged;  ///< of those that run
  RunningList instead;    ///< of `next`, in the order of `exchanged`
  RunningList removed;    ///< of those that run
};

std::string recipe_of(const config::Schema& schema, const config::Settings& settings,
                      const config::NamedOutput& output) {
  std::string recipe = output.kind;
  const std::string prefix = output.section + ".";
  for (const config::Option& option : schema.options()) {
    if (!option.path().starts_with(prefix) || option.name() == "format") {
      continue;
    }
    recipe += "\n" + option.path() + "=" + option.value_json();
    // A certificate or a key that was replaced makes another output.
    const auto* const path = std::get_if<std::string*>(&option.target());
    if (path != nullptr && option.is_file() && !(*path)->empty()) {
      recipe += " " + FileStamps::of(**path).text();
    }
  }
  return recipe + "\n" + dead_letter_path(settings, output.name) + "\n" +
         std::to_string(settings.dead_letter.max_size.bytes) + "\n" +
         std::to_string(settings.outputs.timeout.count());
}

Deliveries::Change Deliveries::change_to(config::Settings& settings) const {
  Change change;
  const config::Schema schema = config::describe(settings);
  RunningList before = all();
  for (const config::NamedOutput& output : settings.outputs.list) {
    if (!output.enabled) {
      continue;
    }
    auto described = describe(schema, settings, output);
    const auto found = std::find_if(before.begin(), before.end(), [&output](const auto& one) {
      return one->config.name == output.name;
    });
    if (found == before.end()) {
      change.added.push_back(described);
    } else if ((*found)->recipe == described->recipe) {
      change.kept.push_back(*found);
      change.kept_as.push_back(std::exchange(described, *found));
      before.erase(found);
    } else {
      change.exchanged.push_back(*found);
      change.instead.push_back(described);
      before.erase(found);
    }
    change.next.push_back(std::move(described));
  }
  change.removed = std::move(before);
  return change;
}

base::Diagnostic Deliveries::refusal(const config::NamedOutput& output, const base::Error& error) {
  base::Diagnostic mistake;
  mistake.code = to_text(config::Code::kBadValue);
  mistake.location = output.location;
  mistake.message = error.text();
  return mistake;
}

bool Deliveries::check(const RunningList& outputs, base::Diagnostics& diagnostics) {
  config::OutputSettings settings;
  for (const auto& one : outputs) {
    settings.list.push_back(one->config);
  }
  const std::size_t before = diagnostics.count(base::Severity::kError);
  check_outputs(settings, diagnostics);
  return diagnostics.count(base::Severity::kError) == before;
}

base::Result<void> Deliveries::begin(Running& running) {
  auto runner = make_runner(running);
  if (auto started = runner->start(); !started) {
    return cannot_start(running.config, started.error());
  }
  const base::MutexLock lock(mutex_);
  running.runner = std::move(runner);
  return {};
}

// All at once: each has the whole time.
void Deliveries::end_all(const RunningList& outputs, bool deliver) {
  std::vector<std::thread> waits;
  std::vector<char> is_clean(outputs.size(), 1);
  for (std::size_t at = 0; at < outputs.size(); ++at) {
    waits.emplace_back([&, at] {
      output::OutputRunner& runner = *outputs[at]->runner;
      is_clean[at] = (deliver ? runner.stop(kPatience) : runner.hand_over(kPatience)) ? 1 : 0;
    });
  }
  for (std::size_t at = 0; at < outputs.size(); ++at) {
    waits[at].join();
    std::unique_ptr<output::OutputRunner> ended;
    {
      const base::MutexLock lock(mutex_);
      ended = std::move(outputs[at]->runner);
    }
    if (is_clean[at] == 0) {
      base::log_warning("output '" + outputs[at]->config.name +
                        "' was in a delivery that did not end; its alerts may come twice");
      left_behind_.push_back(std::move(ended));
    }
  }
}

bool Deliveries::begin_all(const RunningList& outputs, RunningList& begun,
                           base::Diagnostics& diagnostics) {
  for (const auto& one : outputs) {
    if (const auto started = begin(*one); !started) {
      diagnostics.add(refusal(one->config, started.error()));
      return false;
    }
    begun.push_back(one);
  }
  return true;
}

void Deliveries::begin_again(const RunningList& outputs) {
  for (const auto& one : outputs) {
    if (const auto again = begin(*one); !again) {
      base::log_error(again.error().text() +
                      "; it delivers nothing until that is mended and reloaded, its alerts wait in "
                      "the store");
      const base::MutexLock lock(mutex_);
      one->recipe.clear();  // another than any that is to come
      one->runner = make_runner(*one);
    }
  }
}

// Nothing can fail from here on but the store, and then it is late only.
void Deliveries::take_over(Change& change, std::shared_ptr<const output::Routing> routing) {
  routing_.publish(std::move(routing));
  {
    const base::MutexLock lock(mutex_);
    for (std::size_t at = 0; at < change.kept.size(); ++at) {
      Running& running = *change.kept[at];
      running.config = change.kept_as[at]->config;
      running.options = change.kept_as[at]->options;
      running.runner->set_format(running.options.format);
    }
    running_ = change.next;
  }
  const auto names_of = [](const RunningList& outputs) {
    std::vector<std::string> names;
    for (const auto& one : outputs) {
      names.push_back(one->config.name);
    }
    return names;
  };
  // Not before the routes that know the new ones: what they do not lead to it, one would pass.
  const auto changed = store_.change_outputs(names_of(change.added), names_of(change.removed));
  if (!changed) {
    base::log_error(changed.error().text());
  }
  for (const auto& one : change.added) {
    base::log_info("output '" + one->config.name + "' is new: it gets what is stored from now on");
  }
  for (const auto& one : change.removed) {
    base::log_info("output '" + one->config.name +
                   "' is gone from the configuration: it has ended");
  }
  for (const auto& one : change.instead) {
    base::log_info("output '" + one->config.name + "' has changed and was begun again");
  }
}

bool Deliveries::reload(config::Settings& settings, std::shared_ptr<const output::Routing> routing,
                        base::Diagnostics& diagnostics) {
  Change change = change_to(settings);
  if (!check(change.added, diagnostics) || !check(change.instead, diagnostics)) {
    return false;
  }
  // First those that go: what comes in their place may write the same file. They still have the
  // routes that know them.
  end_all(change.removed, true);
  end_all(change.exchanged, false);
  RunningList begun;
  // New ones find nothing to read until the store knows them.
  if (!begin_all(change.instead, begun, diagnostics) ||
      !begin_all(change.added, begun, diagnostics)) {
    end_all(begun, false);
    begin_again(change.exchanged);
    begin_again(change.removed);
    return false;
  }
  take_over(change, std::move(routing));
  return true;
}

}  // namespace tiercel::app
