#include "item.h"

#include <algorithm>
#include <array>

namespace tiercel::rules {

namespace {

std::string quoted(std::string_view text) {
  std::string out("'");
  out += text;
  out += '\'';
  return out;
}

char to_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// All lower, all upper, or upper then lower.
bool has_plain_case(std::string_view text) {
  const auto is_upper = [](char c) { return c >= 'A' && c <= 'Z'; };
  const std::string_view rest = text.substr(1);
  const bool rest_upper = std::all_of(rest.begin(), rest.end(), is_upper);
  const bool rest_lower = std::none_of(rest.begin(), rest.end(), is_upper);
  return rest_lower || (rest_upper && is_upper(text.front()));
}

}  // namespace

std::optional<bool> parse_boolean(std::string_view text) {
  struct Word {
    std::string_view text;
    bool value;
  };
  static constexpr std::array<Word, 8> kWords{{{"y", true},
                                               {"n", false},
                                               {"yes", true},
                                               {"no", false},
                                               {"true", true},
                                               {"false", false},
                                               {"on", true},
                                               {"off", false}}};
  if (text.empty() || !has_plain_case(text)) {
    return std::nullopt;
  }
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(), to_lower);
  for (const Word& word : kWords) {
    if (word.text == lower) {
      return word.value;
    }
  }
  return std::nullopt;
}

std::string_view kind_name(const Node& node) {
  switch (node.kind) {
    case Node::Kind::kNull:
      return "nothing";
    case Node::Kind::kScalar:
      return "a text";
    case Node::Kind::kSequence:
      return "a sequence";
    case Node::Kind::kMap:
      return "a map";
  }
  return "a value";
}

void Item::report(Code code, Origin origin, std::string message, Reporter::Texts notes) {
  failed_ = failed_ || row_of(code).severity == base::Severity::kError;
  reporter_.report(code, origin, std::move(message), within_, std::move(notes));
}

void Item::require(std::initializer_list<std::string_view> keys) {
  std::string missing;
  for (const std::string_view key : keys) {
    if (!has(key)) {
      missing += (missing.empty() ? "" : ", ") + quoted(key);
    }
  }
  if (!missing.empty()) {
    report(Code::kMissingKey, node_->origin, "missing: " + missing);
  }
}

void Item::warn_unknown_keys(std::span<const std::string_view> known) {
  const std::vector<std::string_view> names(known.begin(), known.end());
  for (const Member& member : node_->members) {
    if (std::find(known.begin(), known.end(), member.key) == known.end()) {
      Reporter::Texts notes = suggestion(member.key, names);
      if (member.key == "<<") {
        notes = {"the merge key is not understood in rules files; repeat the keys"};
      }
      report(Code::kUnknownKey, member.key_origin,
             "unknown key " + quoted(member.key) + "; it is ignored", std::move(notes));
    }
  }
}

bool Item::check_not_null(const Member& member) {
  if (!member.value->is_null()) {
    return true;
  }
  report(Code::kEmptyValue, member.key_origin, quoted(member.key) + " has no value");
  return false;
}

NodePtr Item::text(std::string_view key) {
  const Member* member = find(key);
  if (member == nullptr || !check_not_null(*member)) {
    return nullptr;
  }
  if (!member->value->is_scalar()) {
    report(Code::kWrongShape, member->value->origin,
           quoted(key) + " must be a text, not " + std::string(kind_name(*member->value)));
    return nullptr;
  }
  if (member->value->text.empty()) {
    report(Code::kEmptyValue, member->value->origin, quoted(key) + " must not be empty");
    return nullptr;
  }
  return member->value;
}

NodePtr Item::optional_text(std::string_view key) {
  const Member* member = find(key);
  if (member == nullptr || member->value->is_null() ||
      (member->value->is_scalar() && member->value->text.empty())) {
    return nullptr;
  }
  return text(key);
}

std::optional<bool> Item::boolean(std::string_view key) {
  const Member* member = find(key);
  if (member == nullptr || !check_not_null(*member)) {
    return std::nullopt;
  }
  const std::optional<bool> value =
      member->value->is_scalar() ? parse_boolean(member->value->text) : std::nullopt;
  if (!value) {
    report(Code::kBadValue, member->value->origin, quoted(key) + " must be true or false");
  }
  return value;
}

NodePtr Item::sequence(std::string_view key) {
  const Member* member = find(key);
  if (member == nullptr || !check_not_null(*member)) {
    return nullptr;
  }
  if (!member->value->is_sequence()) {
    report(Code::kWrongShape, member->value->origin,
           quoted(key) + " must be a sequence, not " + std::string(kind_name(*member->value)),
           {"write '" + std::string(key) + ": [a, b]'"});
    return nullptr;
  }
  return member->value;
}

std::optional<std::vector<NodePtr>> Item::texts(std::string_view key) {
  const NodePtr all = sequence(key);
  if (all == nullptr) {
    return std::nullopt;
  }
  bool good = true;
  for (const NodePtr& item : all->items) {
    if (!item->is_scalar()) {
      report(
          item->is_null() ? Code::kEmptyValue : Code::kWrongShape, item->origin,
          "an entry of " + quoted(key) + " must be a text, not " + std::string(kind_name(*item)));
      good = false;
    }
  }
  return good ? std::optional(all->items) : std::nullopt;
}

}  // namespace tiercel::rules
