#include "request_uri.h"

#include <algorithm>

namespace tiercel::audit {

namespace {

constexpr std::string_view kHostPunctuation = "!$&'()*+,;=:[]<>\"-_.~";
constexpr std::string_view kUserPunctuation = "-._:~!$&'()*+,;=%@";

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }
bool is_host_character(char c) {
  return is_letter(c) || is_digit(c) || kHostPunctuation.find(c) != std::string_view::npos;
}

// The value of a hex digit, or -1.
int hex_value(char c) {
  if (is_digit(c)) {
    return c - '0';
  }
  if (c >= 'a' && c <= 'f') {
    return c - 'a' + 10;
  }
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

// The byte that the escape at `at` stands for, or -1 when it is malformed.
int escaped_byte(std::string_view text, std::size_t at) {
  if (at + 2 >= text.size()) {
    return -1;
  }
  const int high = hex_value(text[at + 1]);
  const int low = hex_value(text[at + 2]);
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

bool has_good_escapes(std::string_view text) {
  for (std::size_t at = text.find('%'); at != std::string_view::npos; at = text.find('%', at + 3)) {
    if (escaped_byte(text, at) < 0) {
      return false;
    }
  }
  return true;
}

// In a host only bytes above 0x7F may be escaped, and the percent sign of a zone; in
// a zone any byte that could stand there unescaped, and a blank.
bool is_good_host(std::string_view text, bool zone) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c != '%') {
      if (static_cast<unsigned char>(c) < 0x80 && !is_host_character(c)) {
        return false;
      }
      continue;
    }
    const int byte = escaped_byte(text, at);
    const bool allowed =
        byte >= 0x80 || byte == '%' ||
        (zone && byte >= 0 && (byte == ' ' || is_host_character(static_cast<char>(byte))));
    if (!allowed || (zone && byte >= 0x80)) {
      return false;
    }
    at += 2;
  }
  return true;
}

bool is_good_port(std::string_view text) {
  return text.empty() || (text[0] == ':' && std::all_of(text.begin() + 1, text.end(), is_digit));
}

bool is_good_host_and_port(std::string_view host) {
  if (!host.starts_with('[')) {
    const std::size_t colon = host.rfind(':');
    return (colon == std::string_view::npos || is_good_port(host.substr(colon))) &&
           is_good_host(host, false);
  }
  const std::size_t close = host.rfind(']');
  if (close == std::string_view::npos || !is_good_port(host.substr(close + 1))) {
    return false;
  }
  const std::size_t zone = host.substr(0, close).find("%25");
  if (zone == std::string_view::npos) {
    return is_good_host(host, false);
  }
  return is_good_host(host.substr(0, zone), false) &&
         is_good_host(host.substr(zone, close - zone), true) &&
         is_good_host(host.substr(close), false);
}

bool is_good_authority(std::string_view authority) {
  const std::size_t at = authority.rfind('@');
  if (at == std::string_view::npos) {
    return is_good_host_and_port(authority);
  }
  const std::string_view user = authority.substr(0, at);
  const bool good_user = std::all_of(user.begin(), user.end(), [](char c) {
    return is_letter(c) || is_digit(c) || kUserPunctuation.find(c) != std::string_view::npos;
  });
  return good_user && has_good_escapes(user) && is_good_host_and_port(authority.substr(at + 1));
}

// The length of "scheme:" at the start, 0 without one; nullopt for a leading colon.
std::optional<std::size_t> scheme_length(std::string_view uri) {
  for (std::size_t at = 0; at < uri.size(); ++at) {
    const char c = uri[at];
    if (is_letter(c)) {
      continue;
    }
    if (c == ':') {
      return at == 0 ? std::nullopt : std::optional<std::size_t>(at + 1);
    }
    const bool inside = is_digit(c) || c == '+' || c == '-' || c == '.';
    if (!inside || at == 0) {
      return 0;
    }
  }
  return 0;
}

// What stands between scheme and query.
bool is_good_rest(std::string_view rest, bool has_scheme) {
  if (!rest.starts_with('/')) {
    if (has_scheme) {
      return true;  // opaque, not looked into
    }
    if (rest.substr(0, rest.find('/')).find(':') != std::string_view::npos) {
      return false;
    }
  }
  if (rest.starts_with("//") && (has_scheme || !rest.starts_with("///"))) {
    const std::size_t slash = rest.find('/', 2);
    const std::string_view authority =
        rest.substr(2, slash == std::string_view::npos ? slash : slash - 2);
    if (!is_good_authority(authority)) {
      return false;
    }
    rest = slash == std::string_view::npos ? std::string_view{} : rest.substr(slash);
  }
  return has_good_escapes(rest);
}

// A name or value of the query as it is read: `+` a blank, escapes decoded.
class Decoder {
 public:
  explicit Decoder(std::string_view text) : text_(text) {}
  [[nodiscard]] bool at_end() const { return at_ == text_.size(); }
  char next() {
    const char c = text_[at_];
    if (c == '%') {
      const int byte = escaped_byte(text_, at_);
      at_ += 3;
      return static_cast<char>(byte);
    }
    ++at_;
    return c == '+' ? ' ' : c;
  }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
};

bool reads_as(std::string_view written, std::string_view name) {
  Decoder decoder(written);
  for (const char c : name) {
    if (decoder.at_end() || decoder.next() != c) {
      return false;
    }
  }
  return decoder.at_end();
}

std::string_view decode(std::string_view written, base::Arena& arena) {
  if (written.find_first_of("+%") == std::string_view::npos) {
    return written;
  }
  char* const text = arena.allocate_text(written.size());
  std::size_t size = 0;
  for (Decoder decoder(written); !decoder.at_end(); ++size) {
    text[size] = decoder.next();
  }
  return {text, size};
}

}  // namespace

std::optional<std::string_view> uri_query(std::string_view uri) {
  const std::size_t hash = uri.find('#');
  if (hash != std::string_view::npos) {
    if (!has_good_escapes(uri.substr(hash + 1))) {
      return std::nullopt;
    }
    uri = uri.substr(0, hash);
  }
  if (std::any_of(uri.begin(), uri.end(), is_control)) {
    return std::nullopt;
  }
  const std::optional<std::size_t> scheme = scheme_length(uri);
  if (!scheme) {
    return std::nullopt;
  }
  const std::string_view rest = uri.substr(*scheme);
  const std::size_t mark = rest.find('?');
  if (!is_good_rest(rest.substr(0, mark), *scheme != 0)) {
    return std::nullopt;
  }
  return mark == std::string_view::npos ? std::string_view{} : rest.substr(mark + 1);
}

std::optional<std::string_view> query_parameter(std::string_view query, std::string_view name,
                                                base::Arena& arena) {
  // One bad piece, before or after the wanted one, spoils all.
  if (query.find(';') != std::string_view::npos) {
    return std::nullopt;
  }
  std::optional<std::string_view> found;
  while (!query.empty()) {
    const std::size_t end = query.find('&');
    const std::string_view piece = query.substr(0, end);
    query = end == std::string_view::npos ? std::string_view{} : query.substr(end + 1);
    if (piece.empty()) {
      continue;
    }
    const std::size_t equals = piece.find('=');
    const std::string_view written = piece.substr(0, equals);
    const std::string_view value =
        equals == std::string_view::npos ? std::string_view{} : piece.substr(equals + 1);
    if (!has_good_escapes(written) || !has_good_escapes(value)) {
      return std::nullopt;
    }
    if (!found && reads_as(written, name)) {
      found = value;
    }
  }
  return found ? std::optional(decode(*found, arena)) : std::nullopt;
}

}  // namespace tiercel::audit
