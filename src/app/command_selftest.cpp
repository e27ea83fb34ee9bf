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
#include "tiercel/http/client.h"
#include "tiercel/selftest/synthetic_event.h"
#include "tiercel/store/history.h"

#include "audit_url.h"
#include "options.h"
#include "running_daemon.h"
#include "verdicts.h"

namespace tiercel::app {

namespace {

using nlohmann::json;
using selftest::SyntheticEvent;

constexpr std::size_t kEventsOfBatch = 50;
constexpr std::string_view kMarkField = "tiercel_selftest";
constexpr std::string_view kGoesThere = "goes there";

struct OutputState {
  double delivered = 0;  // alerts, those told of in a group too
  double dead_letters = 0;
  double waiting = 0;
  bool is_failing = false;
  std::string error;
};
using OutputStates = std::map<std::string, OutputState>;

// Nothing where the daemon does not answer.
std::optional<OutputStates> output_states(const config::Settings& settings) {
  const DaemonAnswer answer = ask_daemon(settings, "/outputs");
  const json all = answer.body ? json::parse(*answer.body, nullptr, false) : json();
  if (!all.is_array()) {
    return std::nullopt;
  }
  OutputStates states;
  for (const json& one : all) {
    const auto number = [&one](const char* name) {
      const auto found = one.find(name);
      return found != one.end() && found->is_number() ? found->get<double>() : 0.0;
    };
    OutputState& state = states[one.value("name", "")];
    state.delivered = number("delivered") + number("grouped");
    state.dead_letters = number("dead_lettered") + number("dropped");
    state.waiting = number("lag_alerts");
    state.is_failing = one.contains("failing_seconds") && one["failing_seconds"].is_number();
    state.error = one.value("last_error", "");
  }
  return states;
}

// What is known of one rule's alert.
struct Outcome {
  bool is_stored = false;
  bool is_marked = false;
  std::map<std::string, std::string> verdicts;  // by output
};

class Selftest {
 public:
  Selftest(const SelftestOptions& options, CommonOptions common, config::Loaded loaded)
      : options_(options), common_(std::move(common)), loaded_(std::move(loaded)) {}

  int run() {
    base::Diagnostics diagnostics;
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
    make_events(rules.rule_set);
    if (!post()) {
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
    const json versions = json::parse(*answer.body, nullptr, false);
    const std::string hash = versions.is_object() ? versions.value("rules_hash", "") : "";
    if (hash != rules.hash()) {
      std::fprintf(stderr,
                   "Error: the daemon has other rules in force (hash %s) than this configuration "
                   "(%s): reload it, or name its configuration with -c\n",
                   hash.c_str(), rules.hash().c_str());
      return false;
    }
    return true;
  }

  void make_events(const std::shared_ptr<const engine::RuleSet>& rules) {
    const base::SystemClock clock;
    selftest::SyntheticOptions synthetic;
    // To the microsecond, as the event's text has it.
    synthetic.time = clock.now() / 1000 * 1000;
    synthetic.mark = "selftest-" + std::to_string(synthetic.time / 1'000'000);
    synthetic.context = field_context(loaded_.settings);
    mark_ = synthetic.mark;
    events_ = selftest::synthetic_events(rules, synthetic);
  }

  [[nodiscard]] http::ClientOptions client_options() const {
    http::ClientOptions client;
    client.user_agent = "tiercel-selftest";
    client.insecure = options_.ca.empty();  // its certificate need not name the address
    client.ca_cert = options_.ca;
    client.mtls = !options_.certificate.empty();
    client.client_cert = options_.certificate;
    client.client_key = options_.key.empty() ? options_.certificate : options_.key;
    client.bearer_token_file = options_.token_file;
    return client;
  }

  bool post() {
    http::Client client(client_options());
    const std::string url = audit_url(loaded_.settings);
    std::string items;
    std::size_t count = 0;
    const auto send = [&] {
      const std::string body =
          R"({"kind":"EventList","apiVersion":"audit.k8s.io/v1","metadata":{},"items":[)" + items +
          "]}\n";
      http::ClientRequest request;
      request.url = url;
      request.body = body;
      items.clear();
      count = 0;
      const auto answer = client.send(request);
      if (answer && answer->status == 200) {
        return true;
      }
      std::fprintf(
          stderr, "Error: %s does not take the events: %s\n", url.c_str(),
          answer ? ("it answered " + std::to_string(answer->status) +
                    (answer->status == 401 || answer->status == 403
                         ? ": give it what an apiserver has, --client-cert and --client-key or "
                           "--token-file"
                         : ""))
                       .c_str()
                 : base::one_line(answer.error().text()).c_str());
      return false;
    };
    for (const SyntheticEvent& event : events_) {
      if (event.event.empty()) {
        continue;
      }
      items += (items.empty() ? "" : ",") + event.event;
      if (++count == kEventsOfBatch && !send()) {
        return false;
      }
    }
    return count == 0 || send();
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
        return one.second.waiting == 0 && !one.second.is_failing &&
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
    if (now->second.waiting != 0) {
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
