#include <algorithm>
#include <array>
#include <utility>

#include "tiercel/alert/redactor.h"

#include "redact_chars.h"
#include "redact_engine.h"

// The quarantine: bytes that may be anything.

namespace tiercel::alert {

namespace {

using std::string_view_literals::operator""sv;

constexpr std::size_t kNone = std::string_view::npos;

// gzip, zlib, zstd, bzip2, xz, and the protocol buffers of Kubernetes: no pattern is seen
// through these.
bool is_opaque(std::string_view bytes) {
  constexpr std::array kMagic{"\x1f\x8b"sv, "\x28\xb5\x2f\xfd"sv, "BZh"sv,      "\xfd\x37zXZ"sv,
                              "\x78\x01"sv, "\x78\x9c"sv,         "\x78\xda"sv, "k8s\0"sv};
  return std::any_of(kMagic.begin(), kMagic.end(),
                     [&](std::string_view magic) { return bytes.starts_with(magic); });
}

// UTF-16 and UTF-32: most characters of a JSON text have a zero byte in them.
bool is_wide(std::string_view bytes) {
  const auto zeros = static_cast<std::size_t>(std::count(bytes.begin(), bytes.end(), '\0'));
  return zeros * 3 > bytes.size();
}

void drop_zeros(std::string& bytes) { std::erase(bytes, '\0'); }

// Where the beginning is missing, the text up to the first bracket that closes what it does not
// open belongs to an object that nothing is known of.
std::size_t unknown_head(std::string_view bytes) {
  const std::size_t first = bytes.find_first_not_of(" \t\r\n");
  if (first == kNone || bytes[first] == '{' || bytes[first] == '[') {
    return 0;
  }
  std::size_t depth = 0;
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    const char c = bytes[at];
    if (c == '{' || c == '[') {
      ++depth;
    } else if (c == '}' || c == ']') {
      if (depth == 0) {
        return at;
      }
      --depth;
    }
  }
  return 0;
}

// Behind a colon, or where a value was cut, up to the quote that ends it: values of unknown keys.
void mask_head(std::string& bytes, std::size_t head) {
  std::string masked;
  std::size_t copied = 0;
  const std::string_view text = std::string_view(bytes).substr(0, head);
  bool is_value = true;
  for (std::size_t at = 0; at < text.size();) {
    const bool opens = at == 0 || text[at] == '"';
    if (!opens) {
      is_value = text[at] == ':' || (is_value && text[at] != ',');
      ++at;
      continue;
    }
    const std::size_t begin = at == 0 && text[at] != '"' ? 0 : at + 1;
    std::size_t end = text.find('"', begin);
    while (end != kNone && end > begin && text[end - 1] == '\\') {
      end = text.find('"', end + 1);
    }
    end = std::min(end, text.size());
    const bool is_key = end + 1 < text.size() && text[end + 1] == ':';
    if (is_value && !is_key && end > begin) {
      masked.append(text, copied, begin - copied);
      masked += kMask;
      copied = end;
    }
    is_value = false;
    at = end + 1;
  }
  masked.append(text, copied);
  bytes.replace(0, head, masked);
}

// The word that the cut goes through: what it would have been cannot be told.
void mask_tail(std::string& bytes) {
  constexpr std::size_t kLeast = 8;
  const auto is_part = [](char c) {
    return is_alnum(c) || c == '_' || c == '-' || c == '+' || c == '=' ||
           static_cast<unsigned char>(c) >= 0x80;
  };
  std::size_t begin = bytes.size();
  while (begin > 0 && is_part(bytes[begin - 1])) {
    --begin;
  }
  if (bytes.size() - begin >= kLeast) {
    bytes.replace(begin, std::string::npos, kMask);
  }
}

void mask_patterns(std::string& bytes) {
  std::size_t budget = RedactScope::budget_for(bytes.size());
  RedactScope scope;
  scope.lenient = true;
  scope.budget = &budget;
  JsonVerdict verdict;
  std::string masked;
  if (redact_json(bytes, scope, verdict, masked)) {
    bytes = std::move(masked);
  }
  if (verdict.well_formed) {
    return;
  }
  // A second look that trusts neither quotes nor brackets.
  ArgumentState state;
  if (redact_yaml_secret(bytes, scope, masked)) {
    bytes = std::move(masked);
  }
  if (redact_plain(bytes, scope, state, masked)) {
    bytes = std::move(masked);
  }
  if (redact_percent_words(bytes, scope, masked)) {
    bytes = std::move(masked);
  }
  mask_tail(bytes);
}

}  // namespace

void mask_bytes(std::string& bytes) {
  if (is_opaque(bytes)) {
    bytes = kMask;
    return;
  }
  if (is_wide(bytes)) {
    drop_zeros(bytes);
  }
  if (const std::size_t head = unknown_head(bytes); head != 0) {
    mask_head(bytes, head);
  }
  mask_patterns(bytes);
}

}  // namespace tiercel::alert
