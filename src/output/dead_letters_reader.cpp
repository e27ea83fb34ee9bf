#include <optional>

#include "tiercel/alert/alert_view.h"
#include "tiercel/output/dead_letters.h"

#include "line_reader.h"

namespace tiercel::output {

namespace {

bool skip(std::string_view& rest, std::string_view text) {
  if (!rest.starts_with(text)) {
    return false;
  }
  rest.remove_prefix(text.size());
  return true;
}

// Takes the inside of a JSON string and the quote that ends it.
std::optional<std::string> take_string(std::string_view& rest) {
  for (std::size_t at = 0; at < rest.size(); ++at) {
    if (rest[at] == '\\') {
      ++at;
    } else if (rest[at] == '"') {
      std::string text = alert::unescape_json(rest.substr(0, at));
      rest.remove_prefix(at + 1);
      return text;
    }
  }
  return std::nullopt;
}

// Whether `json` is one object from its first byte to its last, as far as braces and strings
// tell: a line torn by a crash is not.
bool is_whole_object(std::string_view json) {
  std::size_t depth = 0;
  bool is_in_string = false;
  for (std::size_t at = 0; at < json.size(); ++at) {
    const char c = json[at];
    if (is_in_string) {
      at += c == '\\' ? 1U : 0U;
      is_in_string = c != '"';
    } else if (c == '"') {
      is_in_string = true;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if (c == '}' || c == ']') {
      if (depth == 0 || (--depth == 0 && at + 1 != json.size())) {
        return false;
      }
    }
  }
  return json.starts_with('{') && depth == 0 && !is_in_string;
}

}  // namespace

// The members stand in the order in which we write them; whatever else is no letter of ours.
std::optional<DeadLetter> parse_dead_letter(std::string_view line) {
  DeadLetter letter;
  const auto text_member = [&line](std::string_view name, std::string& out) {
    if (!skip(line, name)) {
      return false;
    }
    std::optional<std::string> text = take_string(line);
    if (!text) {
      return false;
    }
    out = *std::move(text);
    return true;
  };
  if (!text_member(R"({"output":")", letter.output) ||
      !text_member(R"(,"reason":")", letter.reason) ||
      !text_member(R"(,"failed_at":")", letter.failed_at) || !skip(line, R"(,"alert":)") ||
      !line.ends_with('}')) {
    return std::nullopt;
  }
  line.remove_suffix(1);
  if (is_whole_object(line)) {
    letter.alert = line;
  } else if (skip(line, "\"")) {
    std::optional<std::string> text = take_string(line);
    if (!text || !line.empty()) {
      return std::nullopt;
    }
    letter.alert = *std::move(text);
  } else {
    return std::nullopt;
  }
  letter.alert += '\n';
  return letter;
}

base::Result<DeadLetterCount> read_dead_letters(
    const std::string& path, const std::function<bool(const DeadLetter&)>& take) {
  DeadLetterCount count;
  auto read = read_lines(path, [&](std::string_view line) {
    if (line.empty()) {
      return true;
    }
    const std::optional<DeadLetter> letter = parse_dead_letter(line);
    if (!letter) {
      ++count.unreadable;
      return true;
    }
    ++count.read;
    return take(*letter);
  });
  if (!read) {
    return read.error();
  }
  return count;
}

}  // namespace tiercel::output
