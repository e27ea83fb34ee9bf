#include <charconv>
#include <optional>
#include <vector>

#include "merge.h"

namespace tiercel::config {

namespace {

// One step of a key: a member's name, an index, or "a new element".
struct Step {
  enum class Kind : std::uint8_t { kName, kIndex, kAppend };
  Kind kind = Kind::kName;
  std::string name;
  std::size_t index = 0;
};

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t";
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) {
    return {};
  }
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

// Takes "[n]" or "[]" from the front of `rest`.
std::optional<Step> take_index(std::string_view& rest) {
  const std::size_t close = rest.find(']');
  if (close == std::string_view::npos) {
    return std::nullopt;
  }
  const std::string_view digits = rest.substr(1, close - 1);
  rest.remove_prefix(close + 1);
  Step step;
  if (digits.empty()) {
    step.kind = Step::Kind::kAppend;
    return step;
  }
  step.kind = Step::Kind::kIndex;
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), step.index);
  if (error != std::errc{} || end != digits.data() + digits.size()) {
    return std::nullopt;
  }
  return step;
}

// Takes a name up to an unescaped dot or bracket.
std::optional<Step> take_name(std::string_view& rest) {
  constexpr std::string_view kEscapable = ".[]\\";
  Step step;
  while (!rest.empty() && rest.front() != '.' && rest.front() != '[' && rest.front() != ']') {
    if (rest.front() == '\\' && rest.size() > 1 && kEscapable.find(rest[1]) != kEscapable.npos) {
      rest.remove_prefix(1);
    }
    step.name.push_back(rest.front());
    rest.remove_prefix(1);
  }
  return step.name.empty() ? std::nullopt : std::optional<Step>(std::move(step));
}

// Cuts a key into steps; empty where the key makes no sense.
std::vector<Step> steps_of(std::string_view key) {
  std::vector<Step> steps;
  std::string_view rest = key;
  while (true) {
    std::optional<Step> name = take_name(rest);
    if (!name) {
      return {};
    }
    steps.push_back(std::move(*name));
    while (rest.starts_with('[')) {
      const std::optional<Step> index = take_index(rest);
      if (!index) {
        return {};
      }
      steps.push_back(*index);
    }
    if (rest.empty()) {
      return steps;
    }
    if (rest.front() != '.') {
      return {};
    }
    rest.remove_prefix(1);
  }
}

// Makes what is missing at `node` into what `step` needs. False below a scalar.
bool prepare(Node& node, const Step& step, Place place) {
  const Node::Kind wanted =
      step.kind == Step::Kind::kName ? Node::Kind::kMap : Node::Kind::kSequence;
  if (node.is_null()) {
    node = Node{};
    node.kind = wanted;
    node.place = place;
  }
  return node.kind == wanted;
}

Node* step_into(Node& node, const Step& step, Place place) {
  if (step.kind == Step::Kind::kName) {
    if (Node* const member = node.find(step.name)) {
      return member;
    }
    node.members.push_back({step.name, place, Node{}});
    node.members.back().value.place = place;
    return &node.members.back().value;
  }
  const std::size_t index = step.kind == Step::Kind::kAppend ? node.items.size() : step.index;
  if (index > node.items.size()) {
    return nullptr;
  }
  if (index == node.items.size()) {
    node.items.emplace_back();
    node.items.back().place = place;
  }
  return &node.items[index];
}

}  // namespace

bool split_override(std::string_view word, Place place, Override& out, Reporter& reporter) {
  const std::size_t equals = word.find('=');
  const std::string_view key =
      trimmed(word.substr(0, equals == std::string_view::npos ? word.size() : equals));
  if (equals == std::string_view::npos || key.empty()) {
    reporter.error(Code::kBadOverride, place, "-o takes KEY=VALUE",
                   {"for example: -o json_output=true"});
    return false;
  }
  out.key = key;
  out.value = trimmed(word.substr(equals + 1));
  return true;
}

void apply_override(Node& root, std::string_view key, Node value, Reporter& reporter) {
  const Place place = value.place;
  const std::vector<Step> steps = steps_of(key);
  if (steps.empty()) {
    reporter.error(Code::kBadOverride, place, "not a key: '" + std::string(key) + "'",
                   {"names joined by dots, with [n] for an element and [] for a new one"});
    return;
  }
  if (steps.size() >= kMaxDepth) {
    reporter.error(Code::kTooDeep, place, "the key has too many levels");
    return;
  }
  Node* node = &root;
  std::string path;
  for (const Step& step : steps) {
    if (!prepare(*node, step, place)) {
      reporter.error(
          Code::kBadOverride, place,
          "'" + path + "' is " + std::string(kind_text(*node)) +
              (step.kind == Step::Kind::kName ? " and has no keys" : " and has no elements"));
      return;
    }
    path += step.kind != Step::Kind::kName ? "[]" : (path.empty() ? "" : ".") + step.name;
    Node* const next = step_into(*node, step, place);
    if (next == nullptr) {
      reporter.error(Code::kBadOverride, place,
                     "index " + std::to_string(step.index) + " is past the end: the list has " +
                         std::to_string(node->items.size()) + " elements",
                     {"write [] to add one"});
      return;
    }
    node = next;
  }
  *node = std::move(value);
}

}  // namespace tiercel::config
