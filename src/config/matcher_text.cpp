#include <algorithm>

#include "routing_parts.h"
#include "scalar.h"

namespace tiercel::config {

namespace {

using Operator = MatcherSettings::Operator;

constexpr std::size_t kMostMatchers = 100;
constexpr std::size_t kMostValues = 1000;

bool is_blank(char c) { return c == ' ' || c == '\t'; }

bool is_name_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '.' || c == ':' || c == '-' || c == '/';
}

// Takes matchers from the front of a text; what is wrong is in error().
class MatcherScanner {
 public:
  explicit MatcherScanner(std::string_view text) : rest_(text) {
    skip_blanks();
    while (!rest_.empty() && is_blank(rest_.back())) {
      rest_.remove_suffix(1);
    }
    if (rest_.size() >= 2 && rest_.front() == '{' && rest_.back() == '}') {
      rest_ = rest_.substr(1, rest_.size() - 2);
    }
  }

  bool scan(std::vector<MatcherSettings>& out) {
    while (true) {
      MatcherSettings matcher;
      std::string value;
      if (!take_name(matcher.name) || !take_operator(matcher.op) || !take_value(value)) {
        return false;
      }
      matcher.values.push_back(std::move(value));
      out.push_back(std::move(matcher));
      skip_blanks();
      if (rest_.empty()) {
        return true;
      }
      if (rest_.front() != ',') {
        return fail("holds '" + std::string(rest_) + "' behind the value");
      }
      rest_.remove_prefix(1);
      skip_blanks();
      if (rest_.empty()) {
        return true;  // a comma at the end is Alertmanager's habit
      }
    }
  }

  [[nodiscard]] const std::string& error() const { return error_; }

 private:
  bool fail(std::string message) {
    error_ = std::move(message);
    return false;
  }

  void skip_blanks() {
    while (!rest_.empty() && is_blank(rest_.front())) {
      rest_.remove_prefix(1);
    }
  }

  // A name, an argument in brackets behind it; or any text in quotes.
  bool take_name(std::string& name) {
    skip_blanks();
    if (rest_.starts_with('"')) {
      return take_quoted(name) && (!name.empty() || fail("has an empty name"));
    }
    std::size_t length = 0;
    while (length < rest_.size() && is_name_char(rest_[length])) {
      ++length;
    }
    if (length < rest_.size() && rest_[length] == '[') {
      const std::size_t close = rest_.find(']', length);
      if (close == std::string_view::npos) {
        return fail("has no ']' to its '['");
      }
      length = close + 1;
    }
    if (length == 0) {
      return fail("does not begin with a name");
    }
    name = rest_.substr(0, length);
    rest_.remove_prefix(length);
    return true;
  }

  bool take_operator(Operator& op) {
    skip_blanks();
    if (rest_.starts_with("=~")) {
      op = Operator::kRegex;
    } else if (rest_.starts_with("!~")) {
      op = Operator::kNotRegex;
    } else if (rest_.starts_with("!=")) {
      op = Operator::kNotEqual;
    } else if (rest_.starts_with('=') && !rest_.starts_with("==")) {
      op = Operator::kEqual;
      rest_.remove_prefix(1);
      return true;
    } else {
      return fail("has none of the operators =, !=, =~ and !~ behind its name");
    }
    rest_.remove_prefix(2);
    return true;
  }

  bool take_value(std::string& value) {
    skip_blanks();
    if (rest_.starts_with('"')) {
      return take_quoted(value);
    }
    std::string_view bare = rest_.substr(0, rest_.find(','));
    rest_.remove_prefix(bare.size());
    while (!bare.empty() && is_blank(bare.back())) {
      bare.remove_suffix(1);
    }
    if (bare.find('"') != std::string_view::npos) {
      return fail("has a quote inside a value that does not begin with one");
    }
    value = bare;
    return true;
  }

  // A backslash keeps a quote and a backslash, and makes a newline of n. Before anything
  // else it stands for itself, so that regular expressions need no second one.
  bool take_quoted(std::string& out) {
    out.clear();
    for (std::size_t at = 1; at < rest_.size(); ++at) {
      const char c = rest_[at];
      if (c == '"') {
        rest_.remove_prefix(at + 1);
        return true;
      }
      const char next = c == '\\' && at + 1 < rest_.size() ? rest_[at + 1] : '\0';
      if (next == '"' || next == '\\' || next == 'n') {
        out += next == 'n' ? '\n' : next;
        ++at;
      } else {
        out += c;
      }
    }
    return fail("has no closing quote");
  }

  std::string_view rest_;
  std::string error_;
};

void read_matcher(const Node& item, std::vector<MatcherSettings>& out, Reporter& reporter) {
  const std::string* const text = take_text(item, "a matcher", reporter);
  if (text == nullptr) {
    return;
  }
  std::vector<MatcherSettings> found;
  if (const std::string wrong = parse_matchers(*text, found); !wrong.empty()) {
    reporter.error(Code::kBadValue, item.place, "the matcher '" + *text + "' " + wrong,
                   {"for example: 'ka.target.namespace!=\"kube-system\"', or "
                    "'priority=~\"critical|emergency\"'"});
    return;
  }
  for (MatcherSettings& matcher : found) {
    matcher.location = reporter.locate(item.place);
    out.push_back(std::move(matcher));
  }
}

void read_match(const Node& node, std::vector<MatcherSettings>& out, Reporter& reporter) {
  if (!node.is_map()) {
    reporter.error(Code::kWrongType, node.place,
                   "'match' is a map of names and values, not " + std::string(kind_text(node)),
                   {"for example: match: {tag: [k8s, network], namespace: kube-system}"});
    return;
  }
  for (const Member& member : node.members) {
    MatcherSettings matcher;
    matcher.name = member.key;
    matcher.location = reporter.locate(member.place);
    const std::string what = "'match." + member.key + "'";
    if (member.value.is_scalar()) {
      matcher.values.push_back(member.value.text);  // may be empty: the field is absent
    } else {
      matcher.values = take_texts(member.value, what, reporter);
    }
    if (matcher.values.size() > kMostValues) {
      reporter.error(Code::kOutOfBounds, member.place, what + " has more than 1000 values");
    }
    out.push_back(std::move(matcher));
  }
}

}  // namespace

std::string parse_matchers(std::string_view text, std::vector<MatcherSettings>& out) {
  MatcherScanner scanner(text);
  return scanner.scan(out) ? std::string{} : scanner.error();
}

std::vector<std::string> take_texts(const Node& node, std::string_view what, Reporter& reporter) {
  std::vector<std::string> texts;
  if (node.is_scalar()) {
    texts.push_back(node.text);
  } else if (node.is_sequence()) {
    for (const Node& item : node.items) {
      const std::string* const text =
          take_text(item, "an element of " + std::string(what), reporter);
      if (text == nullptr) {
        return {};
      }
      texts.push_back(*text);
    }
  } else {
    reporter.error(Code::kWrongType, node.place,
                   std::string(what) + " takes a text or a list of texts, not " +
                       std::string(kind_text(node)));
    return {};
  }
  if (texts.empty() || std::find(texts.begin(), texts.end(), "") != texts.end()) {
    reporter.error(
        Code::kBadValue, node.place,
        std::string(what) + (texts.empty() ? " is an empty list" : " holds an empty text"),
        {"leave the key out where nothing is to be said"});
    return {};
  }
  return texts;
}

void read_matchers(const Node& map, std::vector<MatcherSettings>& out, Reporter& reporter) {
  if (const Node* const matchers = map.find("matchers"); matchers && !matchers->is_null()) {
    if (matchers->is_scalar()) {
      read_matcher(*matchers, out, reporter);
    } else if (matchers->is_sequence()) {
      for (const Node& item : matchers->items) {
        if (reporter.is_full()) {
          return;
        }
        read_matcher(item, out, reporter);
      }
    } else {
      reporter.error(Code::kWrongType, matchers->place,
                     "'matchers' is a list of texts, not " + std::string(kind_text(*matchers)),
                     {"for example: matchers: ['rule=\"Attach/Exec Pod\"']; a map goes into "
                      "'match'"});
    }
  }
  if (const Node* const match = map.find("match"); match && !match->is_null()) {
    read_match(*match, out, reporter);
  }
  if (out.size() > kMostMatchers) {
    reporter.error(Code::kOutOfBounds, map.place, "there are more than 100 matchers");
  }
}

void read_output_names(const Node& map, std::vector<std::string>& out, Reporter& reporter) {
  const Node* given = nullptr;
  for (const std::string_view key : {"outputs", "output", "receiver"}) {
    const Node* const node = map.find(key);
    if (node == nullptr || node->is_null()) {
      continue;
    }
    if (given != nullptr) {
      reporter.error(Code::kConflict, node->place,
                     "'outputs', 'output' and 'receiver' mean the same; write one of them");
      return;
    }
    given = node;
    out = take_texts(*node, "'" + std::string(key) + "'", reporter);
  }
}

}  // namespace tiercel::config
