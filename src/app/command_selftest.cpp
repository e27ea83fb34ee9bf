#include <algorithm>
#include <chrono>
#include <cstdio>
#include <map>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <nlohmann/json.hpp>

#include "tiercel/alert/alert_view.h"
#include "tiercel/alert/rule_output.h"
#include "tiercel/base/clock.h"
#include "tiercel/base/one_line.h"
#include "tiercel/selftest/synthetic_event.h"
#include "tiercel/store/history.h"

#include "audit_url.h"
#include "checked_json.h"
#include "options.h"
#include "output_states.h"
#include "running_daemon.h"
#include "selftest_port.h"
#include "verdicts.h"

namespace tiercel::app {

namespace {

using nlohmann::json;
using selftest::SyntheticEvent;

constexpr std::string_view kMarkField = "tiercel_selftest";
constexpr std::string_view kGoesThere = "goes there";

// What is known of one rule's alert.
struct Outcome {
  bool is_stored = false;
  bool is_marked = false;
  store::Position position = 0;
  std::map<std::string, std::string> verdicts;  // by output
};

class Selftest {
 public:
  Selftest(const SelftestOptions& options, CommonOptions common, config::Loaded loaded)
      : options_(options), common_(std::move(common)), loaded_(std::move(loaded)) {}

  int run() {
    base::Diagnostics diagnostics;
    for (const RuleOutOfForce& one : rules_out_of_force(loaded_.settings)) {
      std::fprintf(stderr, "Note: rule '%s' is disabled until %s, and not tested\n",
                   base::one_line(one.rule).c_str(), one.until.c_str());
      common_.disabled_rules.push_back(one.rule);
    }
    const engine::LoadResult rules =
        load_all(common_, loaded_.settings, Bodies::kStored, diagnostics);
    if (rules.rule_set == nullptr) {
      print_diagnostics(diagnostics);
      return kError;
    }
    if (!is_same_as_the_daemon(*rules.rule_set)) {
      return kError;
    }
    const auto before = output_states(loaded_.settings);
    verdicts_ = Verdicts::load(common_);
    if (!before || verdicts_ == nullptr) {
      std::fputs("Error: the daemon does not say how its outputs are\n", stderr);
      return kError;
    }
    SelftestPort port(options_, audit_url(loaded_.settings));
    const auto identity = port.ask_identity();
    if (!identity) {
      return kError;
    }
    make_events(rules.rule_set, *identity);
    if (!port.post(events_)) {
      return kError;
    }
    wait_for_alerts();
    const OutputStates after = wait_for_outputs(*before);
    return report(*before, after);
  }

 private:
  // Events made for other rules than those in force would prove nothing.
  [[nodiscard]] bool is_same_as_the_daemon(const engine::RuleSet& rules) const {
    const DaemonAnswer answer = ask_daemon(loaded_.settings, "/versions");
    if (!answer.body) {
      std::fprintf(stderr, "Error: %s\n",
                   answer.asked.empty()
                       ? "the configuration has neither a fixed admin port nor a socket to ask "
                         "the daemon on (admin.enabled, admin.listen_port, admin.socket)"
                       : no_answer_text(answer).c_str());
      return false;
    }
    const std::string hash = text(json::parse(*answer.body, nullptr, false), "rules_hash");
    if (hash.empty()) {
      std::fprintf(stderr, "Error: %s answers what no tiercel would\n", answer.asked.c_str());
      return false;
    }
    if (hash != rules.hash()) {
      std::fprintf(stderr,
                   "Error: the daemon has other rules in force (hash %s) than this configuration "
                   "(%s): reload it, or name its configuration with -c\n",
                   hash.c_str(), rules.hash().c_str());
      return false;
    }
    return true;
  }

  // The port names by their token or certificate those who have one, and rules see that name.
  void make_events(const std::shared_ptr<const engine::RuleSet>& rules,
                   const std::string& identity) {
    const base::SystemClock clock;
    selftest::SyntheticOptions synthetic;
    // To the microsecond, as the event's text has it.
    synthetic.time = clock.now() / 1000 * 1000;
    synthetic.mark = "selftest-" + std::to_string(synthetic.time / 1'000'000);
    synthetic.context = field_context(loaded_.settings);
    synthetic.context.cluster = identity;
    synthetic.context.cluster_is_proved = !identity.empty();
    mark_ = synthetic.mark;
    events_ = selftest::synthetic_events(rules, synthetic);
  }

  // What is acknowledged is stored, unless the store runs in memory.
  void wait_for_alerts() {
    store::Query query;
    for (const SyntheticEvent& event : events_) {
      if (!event.event.empty()) {
        query.ids.push_back(alert::to_text(event.alert));
      }
    }
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(options_.timeout);
    while (!query.ids.empty() && outcomes_.size() < query.ids.size()) {
      auto history = store::History::open(loaded_.settings.store.path);
      if (history) {
        (void)(*history)->query(query, [this](const store::StoredAlert& alert) {
          take_stored(alert);
          return true;
        });
      } else {
        store_problem_ = history.error().text();
      }
      if (std::chrono::steady_clock::now() >= until) {
        return;
      }
      if (outcomes_.size() < query.ids.size()) {
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
      }
    }
  }

  void take_stored(const store::StoredAlert& alert) {
    Outcome& outcome = outcomes_[alert::to_text(alert::AlertId{alert.id})];
    outcome.is_stored = true;
    outcome.position = alert.position;
    const auto view = alert::AlertView::parse(alert.body);
    // A text alert has the mark in front of its message; JSON without its output_fields has a
    // member of its own.
    outcome.is_marked = (view && view->field_text(kMarkField) == mark_) ||
                        (view && view->selftest == mark_) ||
                        (!view && alert.body.find(alert::kSelftestMark) != std::string_view::npos);
    outcome.verdicts = verdicts_->of(alert);
  }

  // How many alerts an output should get.
  [[nodiscard]] double expected_at(const std::string& output) const {
    return static_cast<double>(
        std::count_if(outcomes_.begin(), outcomes_.end(), [&output](const auto& one) {
          const auto verdict = one.second.verdicts.find(output);
          return verdict != one.second.verdicts.end() && verdict->second.starts_with(kGoesThere);
        }));
  }
  // Whether its alerts of the test are behind it, whatever has come since.
  [[nodiscard]] bool is_past_them(const std::string& output, const OutputState& now) const {
    return std::all_of(outcomes_.begin(), outcomes_.end(), [&](const auto& one) {
      const auto verdict = one.second.verdicts.find(output);
      return verdict == one.second.verdicts.end() || !verdict->second.starts_with(kGoesThere) ||
             one.second.position <= now.cursor;
    });
  }
  [[nodiscard]] static double delivered_since(const std::string& output, const OutputStates& before,
                                              const OutputState& now) {
    const auto then = before.find(output);
    return now.delivered - (then == before.end() ? 0 : then->second.delivered);
  }

  // Until each output has delivered what it should, or the time is over.
  [[nodiscard]] OutputStates wait_for_outputs(const OutputStates& before) const {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(options_.timeout);
    OutputStates states = before;
    while (true) {
      if (auto now = output_states(loaded_.settings)) {
        states = std::move(*now);
      }
      const bool is_done = std::all_of(states.begin(), states.end(), [&](const auto& one) {
        return is_past_them(one.first, one.second) && !one.second.is_failing &&
               delivered_since(one.first, before, one.second) >= expected_at(one.first);
      });
      if (is_done || std::chrono::steady_clock::now() >= until) {
        return states;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
  }

  // Why an output cannot be said to have delivered; empty where it has.
  [[nodiscard]] std::string complaint_of(const std::string& name, const OutputStates& before,
                                         const OutputStates& after) const {
    const auto now = after.find(name);
    if (now == after.end()) {
      return "is not running";
    }
    const auto then = before.find(name);
    const double letters = then == before.end() ? 0 : then->second.dead_letters;
    if (now->second.is_failing) {
      return "fails: " + base::one_line(now->second.error);
    }
    if (now->second.dead_letters > letters) {
      return "put alerts among its dead letters meanwhile";
    }
    if (!is_past_them(name, now->second)) {
      return "has not delivered it yet";
    }
    const double delivered = std::max(0.0, delivered_since(name, before, now->second));
    const double expected = expected_at(name);
    return delivered < expected
               ? "has delivered " + std::to_string(static_cast<std::uint64_t>(delivered)) + " of " +
                     std::to_string(static_cast<std::uint64_t>(expected)) +
                     " alerts of the test: does the daemon have other routes or silences in force, "
                     "was it restarted?"
               : "";
  }

  [[nodiscard]] json judge(const SyntheticEvent& event, const OutputStates& before,
                           const OutputStates& after) const {
    json line = {{"rule", event.rule}, {"outputs", json::object()}};
    if (event.event.empty()) {
      line["result"] = event.is_off ? "off" : "untested";
      line["detail"] = event.problem;
      return line;
    }
    const auto found = outcomes_.find(alert::to_text(event.alert));
    line["alert_id"] = alert::to_text(event.alert);
    if (found == outcomes_.end()) {
      line["result"] = "failed";
      line["detail"] = "its alert is not in the store" +
                       (store_problem_.empty() ? std::string() : ": " + store_problem_);
      return line;
    }
    bool is_good = found->second.is_marked;
    bool is_delivered = false;
    if (!is_good) {
      line["detail"] = "its alert does not carry the mark of the test";
    }
    for (const auto& [name, verdict] : found->second.verdicts) {
      std::string text = verdict;
      if (verdict.starts_with(kGoesThere)) {
        const std::string complaint = complaint_of(name, before, after);
        text = complaint.empty() ? "delivered" + verdict.substr(kGoesThere.size()) : complaint;
        is_good = is_good && complaint.empty();
        is_delivered = is_delivered || complaint.empty();
      }
      line["outputs"][name] = text;
    }
    if (is_good && !is_delivered) {
      line["detail"] = "nobody is told of it: no output takes it";
    }
    line["result"] = !is_good ? "failed" : is_delivered ? "passed" : "stored";
    return line;
  }

  int report(const OutputStates& before, const OutputStates& after) const {
    std::map<std::string, int> counts;
    std::string text;
    for (const SyntheticEvent& event : events_) {
      const json line = judge(event, before, after);
      const auto result = line["result"].get<std::string>();
      ++counts[result];
      if (options_.json) {
        text += line.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
        continue;
      }
      text += result + "\t" + event.rule;
      if (line.contains("detail")) {
        text += "\t" + line["detail"].get<std::string>();
      }
      for (const auto& [name, verdict] : line["outputs"].items()) {
        text += "\t" + name + ": " + verdict.get<std::string>();
      }
      text += "\n";
    }
    if (print(text) != kSuccess) {
      return kError;
    }
    std::fprintf(stderr,
                 "%zu rules: %d passed, %d failed, %d stored only, %d untested, %d switched off; "
                 "mark %s\n",
                 events_.size(), counts["passed"], counts["failed"], counts["stored"],
                 counts["untested"], counts["off"], mark_.c_str());
    if (counts["failed"] != 0) {
      return kError;
    }
    return counts["untested"] == 0 && counts["stored"] == 0 ? kSuccess : kUnreadable;
  }

  const SelftestOptions& options_;
  CommonOptions common_;
  config::Loaded loaded_;
  std::unique_ptr<Verdicts> verdicts_;
  std::string mark_;
  std::vector<SyntheticEvent> events_;
  std::map<std::string, Outcome> outcomes_;  // by alert id
  std::string store_problem_;
};

}  // namespace

int selftest_command(const SelftestOptions& options) {
  base::Diagnostics diagnostics;
  CommonOptions common = options.common;
  if (!common.config) {
    common.config = kDefaultConfig;
  }
  config::Loaded loaded = load_config(common, config::Purpose::kOffline, diagnostics);
  if (diagnostics.has_errors()) {
    print_diagnostics(diagnostics);
    return kError;
  }
  if (audit_url(loaded.settings).empty()) {
    std::fputs("Error: the configuration has no fixed port that takes audit batches\n", stderr);
    return kError;
  }
  return Selftest(options, std::move(common), std::move(loaded)).run();
}

}  // namespace tiercel::app
