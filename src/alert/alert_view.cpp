#include "tiercel/alert/alert_view.h"

#include <cstdint>

#include "tiercel/alert/rule_output.h"
#include "tiercel/base/json_text.h"

namespace tiercel::alert {

namespace {

// Bodies are flat but for lists, so nesting beyond this is none of ours.
constexpr int kMostDepth = 64;

// The length of the JSON string at the start of `text`, quotes included, or 0.
std::size_t string_length(std::string_view text) {
  if (text.empty() || text.front() != '"') {
    return 0;
  }
  for (std::size_t at = 1; at < text.size(); ++at) {
    if (text[at] == '\\') {
      ++at;
    } else if (text[at] == '"') {
      return at + 1;
    }
  }
  return 0;
}

// The length of the object or array at the start of `text`, or 0.
std::size_t nested_length(std::string_view text) {
  int depth = 0;
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    if (c == '"') {
      const std::size_t length = string_length(text.substr(at));
      if (length == 0) {
        return 0;
      }
      at += length;
      continue;
    }
    if (c == '{' || c == '[') {
      if (++depth > kMostDepth) {
        return 0;
      }
    } else if (c == '}' || c == ']') {
      if (--depth == 0) {
        return at + 1;
      }
    }
    ++at;
  }
  return 0;
}

std::size_t value_length(std::string_view text) {
  if (text.empty()) {
    return 0;
  }
  switch (text.front()) {
    case '"':
      return string_length(text);
    case '{':
    case '[':
      return nested_length(text);
    default:
      return std::min(text.find_first_of(",}]"), text.size());
  }
}

struct Member {
  std::string_view name;   // still escaped
  std::string_view value;  // as JSON
};

// Takes the next member from `rest`, which begins with '{' or ','.
bool next_member(std::string_view& rest, Member& member) {
  if (rest.empty() || (rest.front() != '{' && rest.front() != ',')) {
    return false;
  }
  const std::string_view from = rest.substr(1);
  const std::size_t name = string_length(from);
  if (name == 0 || name >= from.size() || from[name] != ':') {
    return false;
  }
  const std::size_t value = value_length(from.substr(name + 1));
  if (value == 0) {
    return false;
  }
  member = {from.substr(1, name - 2), from.substr(name + 1, value)};
  rest = from.substr(name + 1 + value);
  return true;
}

std::string_view inside(std::string_view json) {
  return json.size() >= 2 && json.front() == '"' ? json.substr(1, json.size() - 2)
                                                 : std::string_view{};
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  if (c >= 'a' && c <= 'f') {
    return c - 'a' + 10;
  }
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

// The four hex digits of a \u escape, or -1.
int code_unit(std::string_view text) {
  if (text.size() < 4) {
    return -1;
  }
  int unit = 0;
  for (const char c : text.substr(0, 4)) {
    const int digit = hex_digit(c);
    if (digit < 0) {
      return -1;
    }
    unit = unit * 16 + digit;
  }
  return unit;
}

char short_escape(char c) {
  switch (c) {
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return c;  // quote, backslash, slash
  }
}

// Appends what the escape at the start of `text` (behind its backslash) stands for; how
// many bytes it took, 0 where it is none.
std::size_t append_escape(std::string& out, std::string_view text) {
  if (text.empty()) {
    return 0;
  }
  if (text.front() != 'u') {
    if (std::string_view("\"\\/bfnrt").find(text.front()) == std::string_view::npos) {
      return 0;
    }
    out += short_escape(text.front());
    return 1;
  }
  const int unit = code_unit(text.substr(1));
  if (unit < 0) {
    return 0;
  }
  if (unit >= 0xD800 && unit < 0xDC00 && text.substr(5).starts_with("\\u")) {
    const int low = code_unit(text.substr(7));
    if (low >= 0xDC00 && low < 0xE000) {
      base::append_utf8(out,
                        static_cast<char32_t>(0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00)));
      return 11;
    }
  }
  const bool is_surrogate = unit >= 0xD800 && unit < 0xE000;
  base::append_utf8(out, is_surrogate ? U'\uFFFD' : static_cast<char32_t>(unit));
  return 5;
}

}  // namespace

std::string unescape_json(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t backslash = std::min(text.find('\\', at), text.size());
    out.append(text, at, backslash - at);
    if (backslash == text.size()) {
      break;
    }
    const std::size_t taken = append_escape(out, text.substr(backslash + 1));
    if (taken == 0) {
      out += '\\';
    }
    at = backslash + 1 + taken;
  }
  return out;
}

std::string json_value_text(std::string_view json) {
  if (json == "null") {
    return {};
  }
  if (!json.empty() && json.front() == '"') {
    return unescape_json(inside(json));
  }
  if (json.empty() || json.front() != '[') {
    return std::string(json);
  }
  std::string out;
  std::string_view rest = json.substr(1);
  while (!rest.empty() && rest.front() != ']') {
    const std::size_t length = value_length(rest);
    if (length == 0) {
      break;
    }
    const std::string_view element = rest.substr(0, length);
    out += element.front() == '"' ? unescape_json(inside(element)) : std::string(element);
    rest.remove_prefix(length);
    if (!rest.empty() && rest.front() == ',') {
      out += ',';
      rest.remove_prefix(1);
    }
  }
  return out;
}

std::optional<AlertView> AlertView::parse(std::string_view body) {
  AlertView view;
  Member member;
  while (next_member(body, member)) {
    const std::string_view text = inside(member.value);
    if (member.name == "alert_id") {
      view.alert_id = text;
    } else if (member.name == "apiserver") {
      view.apiserver = text;
    } else if (member.name == "hostname") {
      view.hostname = text;
    } else if (member.name == "output") {
      view.output = text;
    } else if (member.name == "output_fields") {
      view.output_fields = member.value;
    } else if (member.name == "priority") {
      view.priority = text;
    } else if (member.name == "rule") {
      view.rule = text;
    } else if (member.name == "rules_hash") {
      view.rules_hash = text;
    } else if (member.name == "tiercel_selftest") {
      view.selftest = text;
    } else if (member.name == "source") {
      view.source = text;
    } else if (member.name == "tags") {
      view.tags = member.value;
    } else if (member.name == "time") {
      view.time = text;
    }
  }
  if (!body.starts_with("}") || view.rule.empty() || view.priority.empty()) {
    return std::nullopt;
  }
  return view;
}

void AlertView::append_text(std::string& out, bool escape) const {
  // What JSON escapes is what a text line escapes, so those bytes need no work at all.
  if (escape || output.find('\\') == std::string_view::npos) {
    out += output;
  } else {
    out += unescape_json(output);
  }
}

std::string AlertView::message() const {
  if (output.empty() && !selftest.empty()) {
    return std::string(kSelftestMark) + unescape_json(rule);
  }
  // `TIME: PRIORITY `; the time holds no blank.
  std::string_view rest = output;
  const std::size_t blank = rest.find(": ");
  if (blank != std::string_view::npos && rest.substr(blank + 2).starts_with(priority)) {
    rest.remove_prefix(std::min(blank + 2 + priority.size() + 1, rest.size()));
  }
  return unescape_json(rest);
}

bool AlertView::next_field(std::string_view& rest, std::string& name, std::string_view& value) {
  Member member;
  if (!next_member(rest, member)) {
    return false;
  }
  name = unescape_json(member.name);
  value = member.value;
  return true;
}

std::string AlertView::field_json(std::string_view name) const {
  std::string found;
  for_each_field([&](std::string_view candidate, std::string_view value) {
    if (candidate == name) {
      found = value;
    }
    return found.empty();
  });
  return found;
}

std::optional<std::string> AlertView::field_text(std::string_view name) const {
  const std::string json = field_json(name);
  if (json.empty() || json == "null") {
    return std::nullopt;
  }
  return json_value_text(json);
}

std::vector<std::string> AlertView::tag_list() const {
  std::vector<std::string> list;
  std::string_view rest = tags;
  while (!rest.empty() && (rest.front() == '[' || rest.front() == ',')) {
    rest.remove_prefix(1);
    const std::size_t length = string_length(rest);
    if (length == 0) {
      break;
    }
    list.push_back(unescape_json(inside(rest.substr(0, length))));
    rest.remove_prefix(length);
  }
  return list;
}

}  // namespace tiercel::alert
