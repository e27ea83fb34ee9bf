#include "append_advice.h"

#include <cstddef>

#include "names.h"
#include "traced_text.h"

namespace tiercel::rules {

namespace {

// The offset after the quoted text that begins at `at`.
std::size_t after_quotes(std::string_view text, std::size_t at) {
  const char quote = text[at];
  for (++at; at < text.size(); ++at) {
    if (text[at] == quote && text[at - 1] != '\\') {
      return at + 1;
    }
  }
  return at;
}

bool is_word_at(std::string_view text, std::size_t at, std::string_view word) {
  const std::size_t end = at + word.size();
  return text.substr(at, word.size()) == word && (at == 0 || is_delimiter(text[at - 1])) &&
         (end == text.size() || is_delimiter(text[end]));
}

}  // namespace

bool has_alternatives(std::string_view condition) {
  int depth = 0;
  for (std::size_t at = 0; at < condition.size();) {
    const char c = condition[at];
    if (c == '"' || c == '\'') {
      at = after_quotes(condition, at);
      continue;
    }
    depth += c == '(' ? 1 : c == ')' ? -1 : 0;
    if (depth == 0 && c == 'o' && is_word_at(condition, at, "or")) {
      return true;
    }
    ++at;
  }
  return false;
}

bool starts_with_and(std::string_view condition) { return is_word_at(trim(condition), 0, "and"); }

}  // namespace tiercel::rules
