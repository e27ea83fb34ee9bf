#include "spread_words.h"

#include <string_view>

namespace tiercel::app {

namespace {

bool is_rules_file(std::string_view word) {
  return word.ends_with(".yaml") || word.ends_with(".yml");
}

bool is_setting(std::string_view word) { return word.find('=') != std::string_view::npos; }

}  // namespace

std::vector<std::string> spread_words(const std::vector<std::string>& words) {
  std::vector<std::string> out;
  bool (*belongs)(std::string_view) = nullptr;
  std::string letter;
  bool value_due = false;
  for (const std::string& word : words) {
    // NOLINTNEXTLINE(bugprone-branch-clone): it comes before a value, the other end after one.
    if (word == "--") {
      belongs = nullptr;
    } else if (value_due) {
      value_due = false;
    } else if (word == "-r" || word == "--rules" || word == "-o" || word == "--option") {
      letter = word;
      belongs = word == "-r" || word == "--rules" ? &is_rules_file : &is_setting;
      value_due = true;
    } else if (belongs != nullptr && !word.starts_with('-') && belongs(word)) {
      out.push_back(letter);
    } else {
      belongs = nullptr;
    }
    out.push_back(word);
  }
  return out;
}

}  // namespace tiercel::app
