#include "indent.h"

#include <algorithm>
#include <cstring>

namespace tiercel::audit {

namespace {

constexpr std::size_t kLongest = std::size_t{64} << 20U;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// The length of the string literal at the start, quotes included; 0 if not strict.
std::size_t string_length(std::string_view json) {
  for (std::size_t at = 1; at < json.size(); ++at) {
    const char c = json[at];
    if (c == '"') {
      return at + 1;
    }
    if (static_cast<unsigned char>(c) < 0x20) {
      return 0;
    }
    if (c != '\\') {
      continue;
    }
    ++at;
    if (at == json.size()) {
      return 0;
    }
    if (json[at] == 'u') {
      for (int digit = 0; digit < 4; ++digit) {
        ++at;
        if (at == json.size() || !is_hex(json[at])) {
          return 0;
        }
      }
    } else if (std::strchr("\"\\/bfnrt", json[at]) == nullptr || json[at] == '\0') {
      return 0;
    }
  }
  return 0;
}

std::size_t skip_digits(std::string_view text, std::size_t at) {
  while (at < text.size() && is_digit(text[at])) {
    ++at;
  }
  return at;
}

bool is_number(std::string_view text) {
  std::size_t at = text.starts_with('-') ? 1 : 0;
  const std::size_t whole = skip_digits(text, at);
  if (whole == at || (text[at] == '0' && whole > at + 1)) {
    return false;
  }
  at = whole;
  if (at < text.size() && text[at] == '.') {
    const std::size_t end = skip_digits(text, at + 1);
    if (end == at + 1) {
      return false;
    }
    at = end;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    at += at < text.size() && (text[at] == '+' || text[at] == '-') ? 1U : 0U;
    const std::size_t end = skip_digits(text, at);
    if (end == at) {
      return false;
    }
    at = end;
  }
  return at == text.size();
}

// The length of the scalar at the start; 0 if not strict.
std::size_t scalar_length(std::string_view json) {
  if (json[0] == '"') {
    return string_length(json);
  }
  const std::size_t length = std::min(json.find_first_of(" \t\r\n,]}"), json.size());
  const std::string_view word = json.substr(0, length);
  const bool known = word == "true" || word == "false" || word == "null" || is_number(word);
  return known ? length : 0;
}

// Counts what a Writer would write.
class Counter {
 public:
  void put(std::string_view text) { size_ += text.size(); }
  void line(std::size_t depth) { size_ += 1 + 2 * depth; }
  [[nodiscard]] bool is_full() const { return size_ > kLongest; }
  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  std::size_t size_ = 0;
};

class Writer {
 public:
  explicit Writer(char* text) : end_(text) {}
  void put(std::string_view text) {
    std::memcpy(end_, text.data(), text.size());
    end_ += text.size();
  }
  void line(std::size_t depth) {
    *end_ = '\n';
    std::memset(end_ + 1, ' ', 2 * depth);
    end_ += 1 + 2 * depth;
  }
  [[nodiscard]] bool is_full() const { return false; }

 private:
  char* end_;
};

// Writes the document's tokens in their new places. That brackets, commas and colons
// stand where they may was checked when the event was decoded.
template <class Out>
bool indent(std::string_view json, Out& out) {
  std::size_t depth = 0;
  bool opened = false;  // the last token was an opening bracket
  while (!json.empty() && !out.is_full()) {
    const char c = json[0];
    std::size_t length = 1;
    if (is_blank(c)) {
      json.remove_prefix(1);
      continue;
    }
    const bool closes = c == '}' || c == ']';
    if (closes) {
      depth -= depth > 0 ? 1U : 0U;
    }
    if (opened != closes) {  // an empty container stays on its line
      out.line(depth);
    }
    opened = c == '{' || c == '[';
    if (c == ':') {
      out.put(": ");
    } else if (c == ',') {
      out.put(",");
      out.line(depth);
    } else if (opened || closes) {
      depth += opened ? 1U : 0U;
      out.put(json.substr(0, 1));
    } else {
      length = scalar_length(json);
      if (length == 0) {
        return false;
      }
      out.put(json.substr(0, length));
    }
    json.remove_prefix(length);
  }
  return !out.is_full();
}

}  // namespace

std::optional<std::string_view> indent_json(std::string_view json, base::Arena& arena) {
  Counter counter;
  if (!indent(json, counter)) {
    return std::nullopt;
  }
  char* const text = arena.allocate_text(counter.size());
  Writer writer(text);
  indent(json, writer);
  return std::string_view(text, counter.size());
}

}  // namespace tiercel::audit
