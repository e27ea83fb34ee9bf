#include <algorithm>
#include <array>
#include <cstdio>

#include "tiercel/api/cost_report.h"
#include "tiercel/base/one_line.h"

namespace tiercel::api {

namespace {

// Longer names and checks are cut, or the last column would be found by nobody.
constexpr std::size_t kWidestName = 48;
constexpr std::size_t kWidestCheck = 96;
constexpr std::size_t kMostNames = 3;

std::string format(const char* form, double number) {
  std::array<char, 48> text{};
  const int length = std::snprintf(text.data(), text.size(), form, number);
  return {text.data(), static_cast<std::size_t>(std::max(length, 0))};
}

// Characters, as far as UTF-8 tells.
std::size_t width(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

std::string cut(std::string_view text, std::size_t widest) {
  std::string line = base::one_line(text);
  if (width(line) <= widest) {
    return line;
  }
  std::size_t length = 0;
  for (std::size_t seen = 0; length < line.size(); ++length) {
    if ((static_cast<unsigned char>(line[length]) & 0xC0U) != 0x80U && ++seen > widest - 3) {
      break;
    }
  }
  return line.substr(0, length) + "...";
}

std::string left(const std::string& text, std::size_t to) {
  return text + std::string(to - std::min(to, width(text)), ' ');
}

std::string right(const std::string& text, std::size_t to) {
  return std::string(to - std::min(to, width(text)), ' ') + text;
}

std::string head(const CostReport& report) {
  std::string text = count_text(report.rule_count) + (report.rule_count == 1 ? " rule" : " rules") +
                     " in force, rule set " + cut(report.hash, kWidestName) + ", for " +
                     duration_text(report.seconds * 1e9) + "\n";
  if (report.events == 0) {
    text += "no event was measured yet: about one in " + count_text(report.sample_every) + " is\n";
  } else {
    text += count_text(report.events) + " events measured: " + duration_text(report.nanoseconds) +
            " an event to evaluate, " + percent_text(report.index_share) +
            " of it to find the rules to try\n";
  }
  if (report.memory && report.rule_count != 0) {
    const auto memory = static_cast<double>(*report.memory);
    text += "the rules hold " + bytes_text(memory) + " of memory, " +
            bytes_text(memory / static_cast<double>(report.rule_count)) + " each\n";
  } else if (!report.memory) {
    text += "how much memory they hold is not known: ask tiercel check\n";
  }
  return text;
}

std::string rule_table(const CostReport& report) {
  std::size_t widest = 4;
  for (const CostReport::Rule& rule : report.rules) {
    widest = std::max(widest, width(cut(rule.name, kWidestName)));
  }
  std::string text = "\n  share  each try  tried on     matches  a minute  rule\n";
  for (const CostReport::Rule& rule : report.rules) {
    const bool is_tried = rule.tried != 0;
    text += right(is_tried ? percent_text(rule.share) : "-", 7) +
            right(is_tried ? duration_text(rule.nanoseconds) : "-", 10) +
            right(is_tried ? percent_text(share_of(rule.tried, report.events)) : "-", 10) +
            right(count_text(rule.matches), 12) +
            right(count_text(static_cast<std::uint64_t>(rule.matches_a_minute)), 10) + "  ";
    const std::string name = cut(rule.name, kWidestName);
    text += rule.finding.empty() ? name : left(name, widest) + "  " + base::one_line(rule.finding);
    text += "\n";
  }
  if (report.rules.size() < report.rule_count) {
    text +=
        "and " + count_text(report.rule_count - report.rules.size()) + " more rules: see --top\n";
  }
  return text;
}

std::string check_table(const CostReport& report) {
  if (report.checks.empty()) {
    return {};
  }
  std::string text = "\n  share     each     asked      true  check\n";
  for (const CostReport::Check& check : report.checks) {
    text += right(percent_text(check.share), 7) + right(duration_text(check.nanoseconds), 9) +
            right(percent_text(share_of(check.evaluations, report.events)), 10) +
            right(percent_text(share_of(check.held, check.evaluations)), 10) + "  " +
            cut(check.text, kWidestCheck) + "  (";
    const std::size_t shown = std::min(check.rules.size(), kMostNames);
    for (std::size_t at = 0; at < shown; ++at) {
      text += (at == 0 ? "" : ", ") + cut(check.rules[at], kWidestName);
    }
    if (check.rule_count > shown) {
      text += ", and " + count_text(check.rule_count - shown) + " more rules";
    }
    text += ")\n";
  }
  return text;
}

}  // namespace

std::string bytes_text(double bytes) {
  return bytes < 1e6 ? format("%.1f KB", bytes / 1e3) : format("%.1f MB", bytes / 1e6);
}

std::string duration_text(double nanoseconds) {
  struct Unit {
    double nanoseconds;
    const char* name;
  };
  constexpr std::array<Unit, 6> kUnits{
      {{86'400e9, " d"}, {3'600e9, " h"}, {60e9, " min"}, {1e9, " s"}, {1e6, " ms"}, {1e3, " us"}}};
  for (const Unit& unit : kUnits) {
    // What would be rounded up to the next unit is written in that.
    if (nanoseconds >= unit.nanoseconds * 0.9995) {
      const double number = nanoseconds / unit.nanoseconds;
      return format(number < 9.95 ? "%.1f" : "%.0f", number) + unit.name;
    }
  }
  return format("%.0f ns", nanoseconds);
}

std::string count_text(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t at = text.size(); at > 3;) {
    at -= 3;
    text.insert(at, ",");
  }
  return text;
}

std::string percent_text(double share) {
  const double percent = share * 100;
  return format(percent < 9.95 ? "%.1f %%" : "%.0f %%", percent);
}

std::string cost_text(const CostReport& report) {
  return head(report) + rule_table(report) + check_table(report);
}

}  // namespace tiercel::api
