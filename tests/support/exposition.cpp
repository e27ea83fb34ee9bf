#include "exposition.h"

#include <cmath>
#include <cstdlib>
#include <limits>
#include <optional>
#include <set>

namespace tiercel::support {

namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

// A name from the front of `text`; empty where none stands there.
std::string take_name(std::string_view& text, bool may_have_colon) {
  std::size_t end = 0;
  while (end < text.size() && (is_letter(text[end]) || (may_have_colon && text[end] == ':') ||
                               (end != 0 && text[end] >= '0' && text[end] <= '9'))) {
    ++end;
  }
  std::string name(text.substr(0, end));
  text.remove_prefix(end);
  return name;
}

bool take(std::string_view& text, char c) {
  const bool is_there = text.starts_with(c);
  text.remove_prefix(is_there ? 1 : 0);
  return is_there;
}

std::optional<std::string> take_quoted(std::string_view& text) {
  if (!take(text, '"')) {
    return std::nullopt;
  }
  std::string out;
  while (!text.empty()) {
    const char c = text.front();
    text.remove_prefix(1);
    if (c == '"') {
      return out;
    }
    if (c != '\\') {
      out += c;
      continue;
    }
    if (text.empty()) {
      return std::nullopt;
    }
    const char escaped = text.front();
    text.remove_prefix(1);
    if (escaped != '\\' && escaped != '"' && escaped != 'n') {
      return std::nullopt;
    }
    out += escaped == 'n' ? '\n' : escaped;
  }
  return std::nullopt;
}

std::optional<double> number_of(const std::string& text) {
  if (text == "+Inf" || text == "-Inf" || text == "NaN") {
    return text == "NaN"    ? std::numeric_limits<double>::quiet_NaN()
           : text == "+Inf" ? std::numeric_limits<double>::infinity()
                            : -std::numeric_limits<double>::infinity();
  }
  // No blanks, hexadecimal or words, which strtod would take too.
  if (text.empty() || text.find_first_not_of("0123456789+-.eE") != std::string::npos) {
    return std::nullopt;
  }
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  return *end == '\0' ? std::optional(value) : std::nullopt;
}

std::string without(const std::string& name, std::string_view suffix) {
  return name.ends_with(suffix) ? name.substr(0, name.size() - suffix.size()) : name;
}

class Reader {
 public:
  Scrape read(std::string_view text) {
    if (!text.ends_with('\n')) {
      complain("the last line has no end");
    }
    while (!text.empty()) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      ++line_;
      take_line(text.substr(0, end));
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    for (const auto& [name, family] : scrape_.families) {
      check(name, family);
    }
    return std::move(scrape_);
  }

 private:
  void complain(const std::string& what) {
    scrape_.mistakes.push_back("line " + std::to_string(line_) + ": " + what);
  }

  void take_line(std::string_view line) {
    if (line.starts_with("# HELP ")) {
      take_head(line.substr(7), "HELP");
    } else if (line.starts_with("# TYPE ")) {
      take_head(line.substr(7), "TYPE");
    } else if (line.empty() || line.starts_with('#')) {
      complain("neither sample nor HELP nor TYPE");
    } else {
      take_sample(line);
    }
  }

  void take_head(std::string_view rest, std::string_view what) {
    const std::string name = take_name(rest, true);
    if (name.empty() || !take(rest, ' ') || rest.empty()) {
      complain(std::string(what) + " names no metric, or says nothing");
      return;
    }
    if (name != family_) {
      if (!scrape_.families.try_emplace(name).second) {
        complain("the family " + name + " is not in one piece");
      }
      family_ = name;
    }
    ScrapedFamily& family = scrape_.families[name];
    std::string& text = what == "HELP" ? family.help : family.type;
    if (!text.empty() || !family.samples.empty()) {
      complain(std::string(what) + " of " + name + " stands twice or behind samples");
    }
    text = rest;
    const bool is_type = rest == "counter" || rest == "gauge" || rest == "histogram";
    if (what == "TYPE" && !is_type) {
      complain("unknown type " + std::string(rest));
    }
  }

  bool take_labels(std::string_view& line, Sample& sample) {
    if (!take(line, '{')) {
      return true;
    }
    while (true) {
      const std::string name = take_name(line, false);
      if (name.empty() || !take(line, '=')) {
        return false;
      }
      const auto value = take_quoted(line);
      if (!value || !sample.labels.emplace(name, *value).second) {
        return false;
      }
      if (take(line, '}')) {
        return true;
      }
      if (!take(line, ',')) {
        return false;
      }
    }
  }

  void take_sample(std::string_view line) {
    Sample sample;
    sample.name = take_name(line, true);
    if (sample.name.empty() || !take_labels(line, sample) || !take(line, ' ')) {
      complain("no sample: " + std::string(line));
      return;
    }
    const auto value = number_of(std::string(line));
    if (!value) {
      complain("no number: " + std::string(line));
      return;
    }
    sample.value = *value;
    const std::string& type = scrape_.families[family_].type;
    std::string base = sample.name;
    if (type == "histogram") {
      base = without(without(without(base, "_bucket"), "_sum"), "_count");
    }
    if (base != family_) {
      complain(sample.name + " stands in the family " + family_);
      return;
    }
    if (!seen_.emplace(sample.name, sample.labels).second) {
      complain("the series " + sample.name + " stands twice");
    }
    scrape_.families[family_].samples.push_back(std::move(sample));
  }

  void check(const std::string& name, const ScrapedFamily& family) {
    if (family.help.empty() || family.type.empty()) {
      complain(name + " has no HELP or no TYPE");
    }
    if (name.ends_with("_total") != (family.type == "counter")) {
      complain(name + " is a " + family.type);
    }
    if (family.type == "histogram") {
      check_histogram(name, family);
      return;
    }
    for (const Sample& sample : family.samples) {
      if (std::isnan(sample.value) || (family.type == "counter" && sample.value < 0)) {
        complain(name + " is no number, or falls below 0");
      }
    }
  }

  void check_histogram(const std::string& name, const ScrapedFamily& family) {
    struct Series {
      double last_bound = -std::numeric_limits<double>::infinity();
      double last_count = 0;
      std::optional<double> count;
      std::optional<double> sum;
    };
    std::map<std::map<std::string, std::string>, Series> all;
    for (const Sample& sample : family.samples) {
      auto labels = sample.labels;
      const auto bound = labels.find("le");
      if (sample.name == name + "_bucket" && bound != labels.end()) {
        const double le = number_of(bound->second).value_or(-1);
        labels.erase(bound);
        Series& series = all[labels];
        if (le <= series.last_bound || sample.value < series.last_count) {
          complain(name + " has buckets out of order");
        }
        series.last_bound = le;
        series.last_count = sample.value;
      } else if (sample.name == name + "_count") {
        all[labels].count = sample.value;
      } else if (sample.name == name + "_sum") {
        all[labels].sum = sample.value;
      } else {
        complain(sample.name + " is no part of a histogram");
      }
    }
    for (const auto& [labels, series] : all) {
      if (!series.sum || series.count != series.last_count || !std::isinf(series.last_bound)) {
        complain(name + " does not add up");
      }
    }
  }

  Scrape scrape_;
  std::size_t line_ = 0;
  std::string family_;
  std::set<std::pair<std::string, std::map<std::string, std::string>>> seen_;
};

}  // namespace

double Scrape::value(const std::string& name,
                     const std::map<std::string, std::string>& labels) const {
  for (const auto& [family_name, family] : families) {
    for (const Sample& sample : family.samples) {
      if (sample.name == name && sample.labels == labels) {
        return sample.value;
      }
    }
  }
  return std::numeric_limits<double>::quiet_NaN();
}

Scrape read_exposition(std::string_view text) { return Reader().read(text); }

}  // namespace tiercel::support
