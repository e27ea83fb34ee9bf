#include "status_blind.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "tiercel/base/cut_utf8.h"

#include "checked_json.h"
#include "counted.h"
#include "time_text.h"

namespace tiercel::app {

namespace {

using Json = nlohmann::ordered_json;

// Of each list; a control plane has three or five apiservers.
constexpr std::size_t kMostLines = 6;
constexpr std::size_t kLongestReason = 200;

/// What is said of one thing, with commas between.
class Words {
 public:
  void add(const std::string& what) { text_ += (text_.empty() ? "" : ", ") + what; }
  void add_count(std::uint64_t number, std::string_view one, const char* what) {
    if (number != 0) {
      add(counted(number, one) + " " + what);
    }
  }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
};

std::string shortened(const std::string& text) {
  const std::string_view kept = base::cut_utf8(text, kLongestReason);
  return std::string(kept) + (kept.size() < text.size() ? "..." : "");
}

std::string joined(const std::vector<std::string>& lines) {
  std::string out;
  for (std::size_t at = 0; at < std::min(lines.size(), kMostLines); ++at) {
    out += "  " + lines[at] + "\n";
  }
  if (lines.size() > kMostLines) {
    out += "  and " + counted(lines.size() - kMostLines, "more apiserver") +
           ": tiercel status --json\n";
  }
  return out;
}

std::string wrong_now(const Json& one) {
  Words words;
  if (is_true(one, "is_silent")) {
    words.add("SILENT for " + time_text(number(one, "silent_seconds")));
  }
  if (is_true(one, "has_clock_skew")) {
    words.add("its clock is ahead by " + time_text(number(one, "clock_ahead_seconds")));
  }
  if (is_true(one, "is_late")) {
    words.add("its newest events come " + time_text(number(one, "least_delay_seconds")) + " late");
  }
  return words.text();
}

// Counted since it was first heard of.
std::string wrong_so_far(const Json& one) {
  Words words;
  words.add_count(number(one, "truncated_events"), "event", "truncated");
  words.add_count(number(one, "quarantined_events"), "event", "quarantined");
  const std::uint64_t repeated = number(one, "repeated_batches");
  if (repeated != 0) {
    words.add(api::count_text(repeated) + (repeated == 1 ? " batch" : " batches") + " came twice");
  }
  return words.text();
}

// Those that something is wrong with now come first.
std::string apiserver_lines(const Json& status) {
  std::vector<std::string> now;
  std::vector<std::string> so_far;
  for (const Json& one : member(status, "apiservers")) {
    const std::string is = wrong_now(one);
    const std::string was = wrong_so_far(one);
    if (is.empty() && was.empty()) {
      continue;
    }
    std::string line = "apiserver " + text(one, "address");
    if (const std::string cluster = text(one, "cluster"); !cluster.empty()) {
      line += " (" + cluster + ")";
    }
    line += ": " + is;
    line += is.empty() || was.empty() ? "" : ", ";
    line += was;
    (is.empty() ? so_far : now).push_back(std::move(line));
  }
  now.insert(now.end(), so_far.begin(), so_far.end());
  return joined(now);
}

// "3 audit errors (buffered 2, webhook 1)"; nothing where there is none.
std::string error_words(const Json& errors) {
  std::uint64_t sum = 0;
  Words plugins;
  for (const auto& [plugin, count] : errors.items()) {
    const std::uint64_t of_plugin = number(errors, plugin.c_str());
    sum += of_plugin;
    if (of_plugin != 0) {
      plugins.add(base::one_line(plugin) + " " + api::count_text(of_plugin));
    }
  }
  return sum == 0 ? "" : counted(sum, "audit error") + " (" + shortened(plugins.text()) + ")";
}

// Its own counters, since its start.
std::string counter_lines(const Json& reconciliation) {
  std::vector<std::string> lines;
  for (const Json& one : member(reconciliation, "apiservers")) {
    Words words;
    if (const std::string error = text(one, "last_error"); !error.empty()) {
      words.add("CANNOT BE READ: " + shortened(error));
    }
    const Json& errors = member(one, "errors");
    if (const std::string said = errors.is_object() ? error_words(errors) : ""; !said.empty()) {
      words.add(said);
    }
    words.add_count(number(one, "rejected_requests"), "request", "of users refused for it");
    if (!words.text().empty()) {
      lines.push_back(shortened(text(one, "url")) + ": " + words.text());
    }
  }
  return joined(lines);
}

}  // namespace

std::string blind_lines(const Json& status) {
  const Json& reconciliation = member(status, "reconciliation");
  std::string lines = apiserver_lines(status);
  if (const auto missing = number(reconciliation, "missing_events")) {
    lines += "  " + counted(missing, "event") + " MISSING, by the apiservers' own counters\n";
  }
  return lines + counter_lines(reconciliation);
}

}  // namespace tiercel::app
