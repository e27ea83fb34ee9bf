#include <algorithm>
#include <chrono>
#include <cstdio>
#include <map>
#include <string>

#include <poll.h>
#include <unistd.h>

#include "tiercel/alert/alert_view.h"
#include "tiercel/base/clock.h"
#include "tiercel/base/json_text.h"
#include "tiercel/base/priority.h"
#include "tiercel/base/utc_time.h"
#include "tiercel/store/history.h"

#include "moment.h"
#include "options.h"
#include "verdicts.h"

namespace tiercel::app {

namespace {

constexpr std::chrono::milliseconds kFollowInterval{200};
constexpr std::size_t kIdDigits = 32;

int refuse(const std::string& flag, const std::string& value, const char* help) {
  std::fprintf(stderr, "Error: %s cannot be '%s': %s\n", flag.c_str(), value.c_str(), help);
  return kUsage;
}

// What the flags ask for; a status where one of them cannot be understood.
std::optional<int> make_query(const AlertsOptions& options, std::int64_t now, store::Query& query) {
  constexpr const char* kMoment =
      "write 2026-01-02T03:04:05Z, 2026-01-02 03:04 (UTC), 2026-01-02, today, yesterday, or 2h for "
      "two hours ago";
  for (const auto& [flag, text, target] : {std::tuple{"--since", &options.since, &query.since},
                                           {"--until", &options.until, &query.until}}) {
    if (!text->empty()) {
      *target = parse_moment(*text, now);
      if (!*target) {
        return refuse(flag, *text, kMoment);
      }
    }
  }
  if (query.since && query.until && *query.since >= *query.until) {
    return refuse("--until", options.until, "it is not after --since, so nothing lies between");
  }
  if (!options.priority.empty()) {
    const auto priority = base::parse_priority(options.priority);
    if (!priority) {
      return refuse("--priority", options.priority,
                    "write one of emergency, alert, critical, error, warning, notice, "
                    "informational, debug");
    }
    query.priority = static_cast<std::uint8_t>(*priority);
  }
  for (const std::string& id : options.ids) {
    if (id.size() != kIdDigits || id.find_first_not_of("0123456789abcdef") != std::string::npos) {
      return refuse("--id", id, "write the alert_id of an alert, 32 digits of 0-9 and a-f");
    }
  }
  query.rules = options.rules;
  query.users = options.users;
  query.namespaces = options.namespaces;
  query.tags = options.tags;
  query.ids = options.ids;
  query.limit = options.limit;
  return std::nullopt;
}

// Control characters escaped; quotes, of which messages are full, as they are.
void append_message(std::string& line, std::string_view message) {
  while (!message.empty()) {
    const std::size_t quote = std::min(message.find('"'), message.size());
    base::append_json_escaped(line, message.substr(0, quote));
    line += quote < message.size() ? "\"" : "";
    message.remove_prefix(std::min(quote + 1, message.size()));
  }
}

// One line for people: date, priority, rule, message; no value can forge another line.
std::string line_of(const store::StoredAlert& alert) {
  std::string line = base::utc_text(alert.time) + " ";
  line += base::to_text(static_cast<base::Priority>(std::min<std::uint8_t>(alert.priority, 7)));
  line += " [";
  base::append_json_escaped(line, alert.rule);
  line += "] ";
  if (const auto view = alert::AlertView::parse(alert.body)) {
    append_message(line, view->message());
  }
  return line + "\n";
}

// What --count-by counts an alert under; a tag counts under each.
std::vector<std::string> groups_of(const store::StoredAlert& alert, const std::string& by) {
  if (by == "rule") {
    return {std::string(alert.rule)};
  }
  if (by == "priority") {
    return {std::string(
        base::to_text(static_cast<base::Priority>(std::min<std::uint8_t>(alert.priority, 7))))};
  }
  if (by == "user") {
    return {std::string(alert.user)};
  }
  if (by == "namespace") {
    return {std::string(alert.name_space)};
  }
  if (by == "cluster") {
    return {std::string(alert.cluster)};
  }
  if (by == "tag") {
    std::vector<std::string> tags;
    for (std::string_view rest = alert.tags; !rest.empty();) {
      const std::size_t comma = std::min(rest.find(','), rest.size());
      tags.emplace_back(rest.substr(0, comma));
      rest.remove_prefix(std::min(comma + 1, rest.size()));
    }
    return tags;
  }
  // "day" and "hour"
  return {base::utc_text(alert.time).substr(0, by == "day" ? 10 : 13)};
}

class Counts {
 public:
  explicit Counts(std::string by) : by_(std::move(by)) {}
  void take(const store::StoredAlert& alert) {
    for (std::string& group : groups_of(alert, by_)) {
      ++counts_[std::move(group)];
    }
  }
  [[nodiscard]] std::string text(bool json) const {
    std::vector<std::pair<std::string, std::uint64_t>> rows(counts_.begin(), counts_.end());
    const bool by_time = by_ == "day" || by_ == "hour";
    if (!by_time) {
      std::stable_sort(rows.begin(), rows.end(),
                       [](const auto& a, const auto& b) { return a.second > b.second; });
    }
    std::string out;
    for (const auto& [group, count] : rows) {
      if (json) {
        out += "{\"" + by_ + "\":";
        base::append_json_string(out, group);
        out += ",\"count\":" + std::to_string(count) + "}\n";
      } else {
        std::string number = std::to_string(count);
        number.insert(0, number.size() < 9 ? 9 - number.size() : 0, ' ');
        out += number + "  ";
        base::append_json_escaped(out, group.empty() ? "(none)" : group);
        out += '\n';
      }
    }
    return out;
  }

 private:
  std::string by_;
  std::map<std::string, std::uint64_t> counts_;
};

// Writes alerts as they come; false once nobody reads them any more.
class Printer {
 public:
  Printer(bool json, const Verdicts* verdicts) : json_(json), verdicts_(verdicts) {}
  bool take(const store::StoredAlert& alert) {
    std::string text = json_ ? std::string(alert.body) : line_of(alert);
    if (verdicts_ != nullptr) {
      text = json_ ? verdicts_->json(alert) : text + verdicts_->text(alert);
    }
    is_good_ = is_good_ && std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
    return is_good_;
  }
  bool flush() {
    is_good_ = is_good_ && std::fflush(stdout) == 0;
    return is_good_;
  }

 private:
  bool json_;
  const Verdicts* verdicts_;
  bool is_good_ = true;
};

int fail(const base::Error& error) {
  std::fprintf(stderr, "Error: %s\n", error.text().c_str());
  return kError;
}

// The store of the configuration, or the folder that was named.
std::optional<std::string> store_path(const AlertsOptions& options) {
  if (!options.store.empty()) {
    return options.store;
  }
  base::Diagnostics diagnostics;
  CommonOptions common = options.common;
  if (!common.config) {
    common.config = kDefaultConfig;
  }
  const config::Loaded loaded = load_config(common, config::Purpose::kOffline, diagnostics);
  if (diagnostics.has_errors()) {
    print_diagnostics(diagnostics);
    std::fputs("--store DIR names the store without a configuration.\n", stderr);
    return std::nullopt;
  }
  if (loaded.settings.store.durability == config::StoreSettings::Durability::kMemory) {
    std::fprintf(
        stderr,
        "Error: 'store.durability' is memory: the daemon holds its alerts itself, where no "
        "command can read or copy them; follow one of its outputs. `--store %s` reads what "
        "was stored there before\n",
        loaded.settings.store.path.c_str());
    return std::nullopt;
  }
  return loaded.settings.store.path;
}

std::unique_ptr<store::History> open_history(const AlertsOptions& options, int& status) {
  const auto path = store_path(options);
  if (!path) {
    status = kError;
    return nullptr;
  }
  auto history = store::History::open(*path);
  if (!history) {
    status = fail(history.error());
    return nullptr;
  }
  return std::move(*history);
}

// Tells what could not be read, each once: before the alerts what was seen on opening, behind
// them what they met. With any of it the answer is not all there is.
class Complaints {
 public:
  explicit Complaints(const store::History& history) : history_(history) { tell(); }
  void tell() {
    for (; told_ < history_.complaints().size(); ++told_) {
      std::fprintf(stderr, "Warning: %s\n", history_.complaints()[told_].c_str());
    }
  }
  [[nodiscard]] int status(int otherwise) {
    tell();
    return told_ == 0 ? otherwise : kError;
  }

 private:
  const store::History& history_;
  std::size_t told_ = 0;
};

int count(store::History& history, const store::Query& query, const AlertsOptions& options) {
  Counts counts(options.count_by);
  const auto done = history.query(query, [&counts](const store::StoredAlert& alert) {
    counts.take(alert);
    return true;
  });
  if (!done) {
    return fail(done.error());
  }
  return print(counts.text(options.json));
}

// Prints what is stored from now on, until it is ended.
int follow(store::History& history, const store::Query& query, Printer& printer,
           store::Position after, Complaints& complaints) {
  while (true) {
    complaints.tell();  // of a store made anew: before its alerts
    if (!printer.flush()) {
      break;
    }
    const auto next = history.follow(
        after, query, [&printer](const store::StoredAlert& alert) { return printer.take(alert); });
    if (!next) {
      return fail(next.error());
    }
    // In a pipe whose reader has gone nothing need be waited for.
    pollfd reader{STDOUT_FILENO, 0, 0};
    const int wait = *next == after ? static_cast<int>(kFollowInterval.count()) : 0;
    if (::poll(&reader, 1, wait) > 0 && (reader.revents & (POLLERR | POLLHUP)) != 0) {
      return kSuccess;
    }
    after = *next;
  }
  return kSuccess;
}

}  // namespace

int alerts_command(const AlertsOptions& options) {
  store::Query query;
  if (const auto status = make_query(options, base::SystemClock().now(), query)) {
    return *status;
  }
  int status = kSuccess;
  const auto history = open_history(options, status);
  if (history == nullptr) {
    return status;
  }
  Complaints complaints(*history);
  if (!options.count_by.empty()) {
    return complaints.status(count(*history, query, options));
  }
  std::unique_ptr<Verdicts> verdicts;
  if (options.verdicts && (verdicts = Verdicts::load(options.common)) == nullptr) {
    return kError;
  }
  // Before the query, so that nothing falls between the two.
  const auto end = history->end();
  if (!end) {
    return fail(end.error());
  }
  Printer printer(options.json, verdicts.get());
  const bool is_asked = !options.follow || query.since || query.limit != 0;
  if (is_asked) {
    const auto done = history->query(query, [&](const store::StoredAlert& alert) {
      // While following, what is stored after `end` is printed once, by follow().
      return (options.follow && alert.position > *end) || printer.take(alert);
    });
    if (!done) {
      return fail(done.error());
    }
  }
  if (options.follow) {
    query.since.reset();
    query.limit = 0;
    return follow(*history, query, printer, *end, complaints);
  }
  return complaints.status(printer.flush() ? kSuccess : kError);
}

int store_backup_command(const AlertsOptions& options, const std::string& folder) {
  int status = kSuccess;
  const auto history = open_history(options, status);
  if (history == nullptr) {
    return status;
  }
  Complaints complaints(*history);
  const auto copied = history->backup(folder);
  if (!copied) {
    return fail(copied.error());
  }
  return complaints.status(print(std::to_string(*copied) + " alerts copied to " + folder + "\n"));
}

}  // namespace tiercel::app
