#include <algorithm>
#include <array>

#include "redact_chars.h"
#include "redact_names.h"
#include "redact_plain.h"

// Credentials in XML, and those before the @ of an address.

namespace tiercel::alert {

namespace {

constexpr std::size_t kNone = std::string_view::npos;

constexpr CharSet kUserBegins(" \t\r\n\"'`=");
constexpr CharSet kAttributeEnds("\"'\\");

// The value of the first attribute name=, else key=, else id= in the tag that `before` ends in.
std::string_view attribute_name(std::string_view before) {
  constexpr std::array<std::string_view, 3> kAttributes{" name", " key", " id"};
  before = before.substr(before.size() - std::min(before.size(), 2 * kMostName));
  const std::size_t tag = before.rfind('<');
  if (tag == kNone) {
    return {};
  }
  before.remove_prefix(tag);
  std::size_t best = kAttributes.size();
  std::size_t value = 0;
  for (std::size_t at = before.find('='); at != kNone; at = before.find('=', at + 1)) {
    const std::string_view name = before.substr(0, at);
    const std::string_view behind = before.substr(at + 1, 2);
    const std::size_t quote = behind.find_first_of("\"'");
    for (std::size_t row = 0; quote != kNone && row < best; ++row) {
      if (name.ends_with(kAttributes[row])) {
        best = row;
        value = at + quote + 2;
      }
    }
  }
  const std::string_view rest = before.substr(value);
  return best == kAttributes.size() ? std::string_view{}
                                    : rest.substr(0, kAttributeEnds.find(rest, 0));
}

}  // namespace

// <password>…</password>, <property name="db.password">…</property>
void PlainRedactor::tag() {
  const std::size_t first = std::max(copied_, at_ > 2 * kMostName ? at_ - 2 * kMostName : 0);
  const std::size_t from = std::max(first, tag_seen_);
  const std::size_t open = text_.substr(from, at_ - from).rfind('<');
  tag_seen_ = at_;
  if (open != kNone) {
    tag_ = from + open;
    std::size_t end = tag_ + 1;
    while (end < at_ && (is_name_char(text_[end]) || text_[end] == ':')) {
      ++end;
    }
    tag_named_ = is_credential_name(text_.substr(tag_ + 1, end - tag_ - 1));
  }
  ++at_;
  if (tag_ == kNone || tag_ < first) {
    return;
  }
  if (!tag_named_ && !is_credential_name(attribute_name(text_.substr(tag_, at_ - 1 - tag_)))) {
    return;
  }
  const std::size_t end = std::min(text_.find('<', at_), text_.size());
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
  if (!go && !oracle_) {
    oracle_ = text_.find("jdbc:oracle:") != kNone;
  }
  if (!go && !*oracle_) {
    ++at_;
    return;
  }
  std::size_t begin = at_;
  const std::size_t first = std::max(copied_, at_ > kMostName ? at_ - kMostName : 0);
  while (begin > first && !kUserBegins.has(text_[begin - 1])) {
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
