#include <algorithm>

#include "tiercel/alert/redactor.h"

#include "redact_engine.h"
#include "redact_names.h"
#include "redact_prefilter.h"
#include "redact_surrogates.h"

// A text inside a text is scanned one level deeper; RedactScope bounds levels and cost.
// NOLINTBEGIN(misc-no-recursion)

namespace tiercel::alert {

namespace {

constexpr std::size_t kNone = std::string_view::npos;
constexpr std::string_view kEscapedAmpersand = "\\u0026";

int hex_digit(char c) {
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// Broken escapes stay as they are.
std::string percent_decoded(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '%' && at + 2 < text.size() && hex_digit(text[at + 1]) >= 0 &&
        hex_digit(text[at + 2]) >= 0) {
      out += static_cast<char>(hex_digit(text[at + 1]) * 16 + hex_digit(text[at + 2]));
      at += 2;
    } else {
      out += c == '+' ? ' ' : c;
    }
  }
  return out;
}

// The mask stays readable.
void append_percent_encoded(std::string& out, std::string_view text,
                            std::string_view kept = "-._~[]/:@,") {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  for (const char c : text) {
    const bool alnum = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    if (alnum || (c != '\0' && kept.find(c) != kNone)) {
      out += c;
    } else if (c == ' ') {
      out += '+';
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += '%';
      out += kHex[byte >> 4U];
      out += kHex[byte & 0xFU];
    }
  }
}

bool is_argument(std::string_view name) {
  return name == "command" || name == "cmd" || name == "arg" || name == "args";
}

/// The parameters of a query, one after the other.
class QueryRedactor {
 public:
  QueryRedactor(std::string_view query, const RedactScope& scope) : query_(query), scope_(scope) {
    arguments_.is_word = true;
  }

  bool run(std::string& out) {
    std::size_t from = 0;
    while (from <= query_.size()) {
      advance(plain_, "&", from);
      advance(escaped_, kEscapedAmpersand, from);
      const std::size_t end = std::min({plain_, escaped_, query_.size()});
      parameter(query_.substr(from, end - from));
      const std::size_t separator = end == escaped_ ? kEscapedAmpersand.size() : 1;
      if (end < query_.size()) {
        out_.append(query_, end, separator);
      }
      from = end + separator;
    }
    if (changed_) {
      out = std::move(out_);
    }
    return changed_;
  }

 private:
  // Searched for again only when it has been passed: the whole stays linear.
  void advance(std::size_t& found, std::string_view separator, std::size_t from) const {
    if (found != kNone && found < from) {
      found = query_.find(separator, from);
    }
  }

  void parameter(std::string_view text) {
    const std::size_t sign = text.find('=');
    if (sign == kNone) {
      out_ += text;
      return;
    }
    const std::string name = percent_decoded(text.substr(0, sign));
    const std::string value = percent_decoded(text.substr(sign + 1));
    out_ += text.substr(0, sign + 1);
    std::string masked;
    ArgumentState own;
    own.is_word = true;
    JsonVerdict verdict;
    if (is_credential_name(name) && is_worth_masking(value)) {
      out_ += kMask;
      changed_ = true;
    } else if (redact_any(value, scope_, is_argument(name) ? arguments_ : own, verdict, masked)) {
      append_percent_encoded(out_, masked);
      changed_ = true;
    } else {
      out_ += text.substr(sign + 1);
    }
  }

  std::string_view query_;
  RedactScope scope_;
  std::size_t plain_ = query_.find('&');
  std::size_t escaped_ = query_.find(kEscapedAmpersand);
  ArgumentState arguments_;
  bool changed_ = false;
  std::string out_;
};

}  // namespace

bool redact_percent_encoded(std::string_view text, const RedactScope& scope, std::string& out) {
  const std::string decoded = percent_decoded(text);
  std::string masked;
  // What is masked already is no news.
  if (!redact_value(decoded, scope, masked) || masked == decoded) {
    return false;
  }
  out.clear();
  append_percent_encoded(out, masked, "-._~[]/:@,;=&?");
  return true;
}

bool redact_uri(std::string_view text, bool query_only, const RedactScope& scope,
                std::string& out) {
  const std::size_t mark = query_only ? 0 : text.find('?');
  if (mark == kNone) {
    return redact_shapes(text, scope, out);
  }
  const bool may_be_data = scope.secret && text.find('{') != kNone;
  if (!scope.lenient && !may_be_data && !may_hold_credential(text)) {
    return false;
  }
  if (!scope.take(text.size())) {
    out = kMask;
    return true;
  }
  const auto mended = without_surrogates(text);
  text = mended ? std::string_view(*mended) : text;
  const std::size_t behind = query_only ? 0 : text.find('?') + 1;
  std::string path;
  std::string query;
  const bool path_changed = redact_shapes(text.substr(0, behind), scope, path);
  const bool query_changed = QueryRedactor(text.substr(behind), scope.inner()).run(query);
  if (!path_changed && !query_changed) {
    return false;
  }
  out = path_changed ? std::move(path) : std::string(text.substr(0, behind));
  out += query_changed ? std::string_view(query) : text.substr(behind);
  return true;
}

}  // namespace tiercel::alert

// NOLINTEND(misc-no-recursion)
