#include <algorithm>

#include "redact_chars.h"
#include "redact_names.h"
#include "redact_plain.h"

// Credentials in XML, and those before the @ of an address.

namespace tiercel::alert {

namespace {

constexpr std::size_t kNone = std::string_view::npos;

// The value of the attribute name= or key= in the tag that `before` ends in.
std::string_view attribute_name(std::string_view before) {
  before = before.substr(before.size() - std::min(before.size(), 2 * kMostName));
  const std::size_t tag = before.rfind('<');
  if (tag == kNone) {
    return {};
  }
  before.remove_prefix(tag);
  for (const std::string_view attribute : {" name=", " key=", " id="}) {
    const std::size_t at = before.find(attribute);
    const std::size_t quote = at == kNone ? kNone : before.find_first_of("\"'", at);
    if (quote != kNone && quote <= at + attribute.size() + 1) {
      const std::string_view rest = before.substr(quote + 1);
      return rest.substr(0, rest.find_first_of("\"'\\"));
    }
  }
  return {};
}

}  // namespace

// <password>…</password>, <property name="db.password">…</property>
void PlainRedactor::tag() {
  const std::size_t first = std::max(copied_, at_ > 2 * kMostName ? at_ - 2 * kMostName : 0);
  const std::string_view before = text_.substr(first, at_ - first);
  const std::size_t open = before.rfind('<');
  ++at_;
  if (open == kNone) {
    return;
  }
  std::size_t name_end = open + 1;
  while (name_end < before.size() && (is_name_char(before[name_end]) || before[name_end] == ':')) {
    ++name_end;
  }
  if (!is_credential_name(before.substr(open + 1, name_end - open - 1)) &&
      !is_credential_name(attribute_name(before))) {
    return;
  }
  const std::size_t end = find_end(at_, "<");
  if (end > at_ && (text_.substr(end).starts_with("</") || scope_.lenient)) {
    mask(at_, end);
  }
}

// <add key="ApiKey" value="…"/>
bool PlainRedactor::is_named_attribute(std::string_view name, std::size_t begin) const {
  return name == "value" && is_credential_name(attribute_name(text_.substr(0, begin)));
}

// user:password@tcp(host), as programs in Go write it; scott/tiger@ behind jdbc:oracle:thin:
void PlainRedactor::data_source() {
  const std::string_view rest = text_.substr(at_);
  const bool go = rest.starts_with("@tcp(") || rest.starts_with("@unix(") || rest.starts_with("@(");
  std::size_t begin = at_;
  const std::size_t first = std::max(copied_, at_ > kMostName ? at_ - kMostName : 0);
  while (begin > first && !is_space(text_[begin - 1]) && !is_quote(text_[begin - 1]) &&
         text_[begin - 1] != '=') {
    --begin;
  }
  const std::string_view user = text_.substr(begin, at_ - begin);
  const bool oracle = user.starts_with("jdbc:oracle:");
  const std::size_t sign = go ? user.find(':') : oracle ? user.find('/') : kNone;
  if (sign != kNone) {
    mask(begin + sign + 1, begin + user.size());
  }
  ++at_;
}

}  // namespace tiercel::alert
