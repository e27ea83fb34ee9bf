#include "pattern_sample.h"

#include <algorithm>
#include <charconv>
#include <vector>

namespace tiercel::selftest {

namespace {

constexpr int kMostDepth = 32;
constexpr std::size_t kMostRepeats = 64;
constexpr std::size_t kMostText = 4096;

class Sampler {
 public:
  Sampler(std::string_view pattern, Choices& choices) : rest_(pattern), choices_(choices) {}

  // One of `a|b|c`, up to a closing parenthesis or the end. All are read, one is kept.
  std::string alternatives() {  // NOLINT(misc-no-recursion)
    std::vector<std::string> all{sequence()};
    while (!rest_.empty() && rest_.front() == '|') {
      rest_.remove_prefix(1);
      all.push_back(sequence());
    }
    return all[choices_.of(all.size())];
  }

 private:
  std::string sequence() {  // NOLINT(misc-no-recursion)
    std::string out;
    while (!rest_.empty() && rest_.front() != '|' && rest_.front() != ')') {
      const std::string atom = next_atom();
      const std::size_t times = repeats();
      for (std::size_t time = 0; time < times && out.size() < kMostText; ++time) {
        out += atom;
      }
    }
    return out;
  }

  std::string next_atom() {  // NOLINT(misc-no-recursion)
    const char c = take();
    switch (c) {
      case '(':
        return group();
      case '[':
        return bracket();
      case '.':
        return "x";
      case '^':
      case '$':
        return {};
      case '\\':
        return rest_.empty() ? std::string() : escaped(take());
      default:
        return {c};
    }
  }

  std::string group() {            // NOLINT(misc-no-recursion)
    if (rest_.starts_with("?")) {  // (?:…), (?i)
      while (!rest_.empty() && rest_.front() != ':' && rest_.front() != ')') {
        rest_.remove_prefix(1);
      }
      if (rest_.starts_with(":")) {
        rest_.remove_prefix(1);
      }
    }
    std::string out = ++depth_ > kMostDepth ? std::string() : alternatives();
    --depth_;
    if (!rest_.empty() && rest_.front() == ')') {
      rest_.remove_prefix(1);
    }
    return out;
  }

  static std::string escaped(char c) {
    switch (c) {
      case 'd':
        return "0";
      case 'w':
      case 'S':
      case 'D':
        return "a";
      case 's':
        return " ";
      case 'b':
      case 'B':
      case 'A':
      case 'z':
        return {};
      case 'n':
        return "\n";
      case 't':
        return "\t";
      default:
        return {c};
    }
  }

  // The first character of a class; of a negated one, one that is not in it.
  std::string bracket() {
    const bool is_negated = rest_.starts_with("^");
    if (is_negated) {
      rest_.remove_prefix(1);
    }
    std::string named;
    const std::size_t end = end_of_bracket();
    std::string_view inside = rest_.substr(0, end);
    rest_.remove_prefix(std::min(end + 1, rest_.size()));
    if (!is_negated) {
      if (inside.starts_with("[:")) {
        return inside.starts_with("[:digit:]") ? "0" : inside.starts_with("[:space:]") ? " " : "a";
      }
      if (inside.starts_with("\\") && inside.size() > 1) {
        return escaped(inside[1]);
      }
      return inside.empty() ? std::string() : std::string(1, inside.front());
    }
    for (const char c : std::string_view("a0-x_Z/.")) {
      if (inside.find(c) == std::string_view::npos && !in_range(inside, c)) {
        return {c};
      }
    }
    return "~";
  }

  static bool in_range(std::string_view inside, char c) {
    for (std::size_t at = 0; at + 2 < inside.size(); ++at) {
      if (inside[at + 1] == '-' && inside[at] <= c && c <= inside[at + 2]) {
        return true;
      }
    }
    return false;
  }

  [[nodiscard]] std::size_t end_of_bracket() const {
    std::size_t at = rest_.starts_with("]") ? 1 : 0;
    for (; at < rest_.size() && rest_[at] != ']'; ++at) {
      if (rest_.substr(at).starts_with("[:")) {
        const std::size_t close = rest_.find(":]", at);
        at = close == std::string_view::npos ? at : close + 1;
      } else if (rest_[at] == '\\') {
        ++at;
      }
    }
    return at;
  }

  std::size_t repeats() {
    std::size_t times = 1;
    while (!rest_.empty()) {
      if (rest_.front() == '*' || rest_.front() == '?') {
        times = 0;
        rest_.remove_prefix(1);
      } else if (rest_.front() == '+') {
        rest_.remove_prefix(1);
      } else if (rest_.front() == '{' && rest_.size() > 1 && rest_[1] >= '0' && rest_[1] <= '9') {
        std::from_chars(rest_.data() + 1, rest_.data() + rest_.size(), times);
        rest_.remove_prefix(std::min(rest_.find('}'), rest_.size() - 1) + 1);
      } else {
        break;
      }
    }
    return std::min(times, kMostRepeats);
  }

  char take() {
    const char c = rest_.front();
    rest_.remove_prefix(1);
    return c;
  }

  std::string_view rest_;
  Choices& choices_;
  int depth_ = 0;
};

}  // namespace

std::string sample_of_regex(std::string_view pattern, Choices& choices) {
  return Sampler(pattern, choices).alternatives();
}

std::string sample_of_glob(std::string_view pattern) {
  std::string out;
  for (std::size_t at = 0; at < pattern.size(); ++at) {
    const char c = pattern[at];
    if (c == '\\' && at + 1 < pattern.size()) {
      out += pattern[++at];
    } else if (c == '?') {
      out += 'x';
    } else if (c == '[' && pattern.find(']', at) != std::string_view::npos) {
      out += pattern[at + 1] == '!' || pattern[at + 1] == '^' ? '~' : pattern[at + 1];
      at = pattern.find(']', at);
    } else if (c != '*') {
      out += c;
    }
  }
  return out;
}

}  // namespace tiercel::selftest
