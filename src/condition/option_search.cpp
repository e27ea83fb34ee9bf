#include "option_search.h"

namespace tiercel::condition {

std::vector<FoundOption> find_options(std::span<const std::string_view> words,
                                      std::string_view known) {
  std::vector<FoundOption> found;
  for (std::size_t at = 0; at < words.size(); ++at) {
    std::string_view word = words[at];
    if (word == "--") {
      break;
    }
    if (word.size() < 2 || word.front() != '-') {
      continue;
    }
    word.remove_prefix(1);
    while (!word.empty()) {
      const char letter = word.front();
      word.remove_prefix(1);
      const std::size_t row = letter == ':' ? std::string_view::npos : known.find(letter);
      if (row == std::string_view::npos) {
        continue;
      }
      const bool takes_value = known.substr(row + 1).starts_with(':');
      if (!takes_value) {
        found.push_back({letter, {}});
      } else if (!word.empty()) {
        found.push_back({letter, word});
        word = {};
      } else if (at + 1 < words.size()) {
        found.push_back({letter, words[++at]});
      }
    }
  }
  return found;
}

}  // namespace tiercel::condition
