#include "scalar.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <span>

#include "tiercel/base/json_text.h"
#include "tiercel/base/nearest.h"

namespace tiercel::config {

namespace {

struct BooleanWord {
  std::string_view lower;
  std::string_view capitalised;
  std::string_view upper;
  bool value;
};

constexpr std::array<BooleanWord, 8> kBooleanWords{{{"true", "True", "TRUE", true},
                                                    {"false", "False", "FALSE", false},
                                                    {"yes", "Yes", "YES", true},
                                                    {"no", "No", "NO", false},
                                                    {"on", "On", "ON", true},
                                                    {"off", "Off", "OFF", false},
                                                    {"y", "Y", "Y", true},
                                                    {"n", "N", "N", false}}};

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool looks_like_ipv4(std::string_view text) {
  return std::count(text.begin(), text.end(), '.') == 3 && is_digit(text.front()) &&
         std::all_of(text.begin(), text.end(), [](char c) { return is_digit(c) || c == '.'; });
}

bool is_plain(std::string_view text) {
  if (text.empty() || parse_boolean(text) || text == "null" || text == "Null" || text == "NULL") {
    return false;
  }
  if (looks_like_ipv4(text)) {
    return true;
  }
  return (is_letter(text.front()) || text.front() == '/') &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return is_letter(c) || is_digit(c) || c == '_' || c == '.' || c == '/' || c == '-';
         });
}

}  // namespace

std::optional<bool> parse_boolean(std::string_view text) {
  for (const BooleanWord& word : kBooleanWords) {
    if (text == word.lower || text == word.capitalised || text == word.upper) {
      return word.value;
    }
  }
  return std::nullopt;
}

Integer parse_integer(std::string_view text) {
  const bool negative = text.starts_with('-');
  std::string_view digits = text;
  if (negative || text.starts_with('+')) {
    digits.remove_prefix(1);
  }
  int base = 10;
  if (digits.starts_with("0x") || digits.starts_with("0X")) {
    base = 16;
    digits.remove_prefix(2);
  } else if (digits.size() > 1 && digits.front() == '0') {
    base = 8;
    digits.remove_prefix(1);
  }
  Integer integer;
  const char* const last = digits.data() + digits.size();
  const auto [end, error] = std::from_chars(digits.data(), last, integer.value, base);
  if (end != last || (error != std::errc{} && error != std::errc::result_out_of_range)) {
    return integer;
  }
  if (negative && integer.value != 0) {
    integer.kind = Integer::Kind::kNegative;
  } else {
    integer.kind = error == std::errc{} ? Integer::Kind::kFits : Integer::Kind::kTooLarge;
  }
  return integer;
}

std::string json_text(std::string_view text) {
  std::string out;
  base::append_json_string(out, text);
  return out;
}

std::string yaml_text(std::string_view text) {
  return is_plain(text) ? std::string(text) : json_text(text);
}

Reporter::Notes nearest_note(std::string_view name, std::initializer_list<std::string_view> known) {
  const std::string_view near =
      base::nearest_name(name, std::span<const std::string_view>(known.begin(), known.size()));
  return near.empty() ? Reporter::Notes{}
                      : Reporter::Notes{"did you mean '" + std::string(near) + "'?"};
}

const std::string* take_text(const Node& node, std::string_view what, Reporter& reporter) {
  if (node.is_scalar()) {
    return &node.text;
  }
  reporter.error(Code::kWrongType, node.place,
                 std::string(what) + " takes a text, not " + std::string(kind_text(node)));
  return nullptr;
}

std::optional<bool> take_boolean(const Node& node, std::string_view what, Reporter& reporter) {
  const std::optional<bool> value = node.is_scalar() ? parse_boolean(node.text) : std::nullopt;
  if (!value) {
    reporter.error(Code::kWrongType, node.place, std::string(what) + " takes true or false");
  }
  return value;
}

bool check_members(const Node& node, std::string_view what,
                   std::initializer_list<std::string_view> known, Reporter& reporter) {
  if (!node.is_map()) {
    reporter.error(Code::kWrongType, node.place,
                   std::string(what) + " is a map, not " + std::string(kind_text(node)));
    return false;
  }
  for (const Member& member : node.members) {
    if (reporter.is_full()) {
      break;
    }
    if (std::find(known.begin(), known.end(), member.key) == known.end()) {
      reporter.error(Code::kUnknownKey, member.place,
                     std::string(what) + " has no key '" + member.key + "'",
                     nearest_note(member.key, known));
    }
  }
  return true;
}

}  // namespace tiercel::config
