#include <algorithm>

#include "tiercel/alert/redactor.h"

#include "redact_chars.h"
#include "redact_engine.h"

namespace tiercel::alert {

namespace {

constexpr std::size_t kNone = std::string_view::npos;

// Behind the colon of the key `name` at the start of `text`, in quotes or not; 0 when another
// stands there.
std::size_t behind_key(std::string_view text, std::string_view name) {
  const bool quoted = !text.empty() && is_quote(text.front());
  std::size_t at = quoted ? 1 : 0;
  if (!text.substr(at).starts_with(name)) {
    return 0;
  }
  at += name.size();
  at += quoted && at < text.size() && text[at] == text.front() ? 1U : 0U;
  at = text.find_first_not_of(" \t", at);
  return at != kNone && text[at] == ':' ? at + 1 : 0;
}

constexpr CharSet kTagEnds(" \t\n");

// Whether a line says `kind: Secret`, with or without quotes or a tag.
bool names_secret(std::string_view text) {
  constexpr std::string_view kKind = "kind";
  // Behind the last tag, and where that ends.
  std::size_t behind_tag = 0;
  std::size_t tag_end = 0;
  for (std::size_t at = text.find(kKind); at != kNone; at = text.find(kKind, at + 1)) {
    const std::size_t begin = at > 0 && is_quote(text[at - 1]) ? at - 1 : at;
    const std::size_t colon = behind_key(text.substr(begin), kKind);
    std::size_t value = text.find_first_not_of(" \t", begin + colon);
    if (value != kNone && text[value] == '!') {
      if (value >= tag_end) {
        tag_end = kTagEnds.find(text, value);
        behind_tag = text.find_first_not_of(" \t", tag_end);
      }
      value = behind_tag;
    }
    value += value != kNone && is_quote(text[value]) ? 1U : 0U;
    if (colon != 0 && value != kNone && text.substr(value).starts_with("Secret")) {
      return true;
    }
  }
  return false;
}

/// Goes through a manifest line by line; inside `data:` each line that is further in is
/// masked, behind its key where it has one.
class YamlSecret {
 public:
  YamlSecret(std::string_view text, bool any_data) : text_(text), any_data_(any_data) {}

  bool run(std::string& out) {
    std::size_t from = 0;
    while (from < text_.size()) {
      const std::size_t end = std::min(text_.find('\n', from), text_.size());
      line(from, end);
      from = end + 1;
    }
    if (!changed_) {
      return false;
    }
    out_.append(text_, copied_);
    out = std::move(out_);
    return true;
  }

 private:
  void mask(std::size_t begin, std::size_t end) {
    while (end > begin && text_[end - 1] == '\r') {
      --end;
    }
    begin = std::min(text_.find_first_not_of(" \t", begin), end);
    if (begin == end) {
      return;
    }
    out_.append(text_, copied_, begin - copied_);
    out_ += kMask;
    copied_ = end;
    changed_ = true;
  }

  // Behind `data:` or `stringData:` at the start of `text`, if it counts.
  [[nodiscard]] std::size_t data_key(std::string_view text) const {
    const std::size_t string_data = behind_key(text, "stringData");
    return string_data != 0 || !any_data_ ? string_data : behind_key(text, "data");
  }

  void line(std::size_t begin, std::size_t end) {
    // A list item's key stands behind the dash.
    const std::size_t word = std::min(text_.find_first_not_of(" \t-", begin), end);
    if (word == end) {
      return;
    }
    const std::size_t indent = word - begin;
    if (inside_ && indent > indent_) {
      const std::string_view rest = text_.substr(word, end - word);
      const std::size_t colon = rest.find(": ");
      const bool bare_key = rest.ends_with(':') || rest.ends_with(":\r");
      const bool block = block_indent_ != kNone && indent > block_indent_;
      if (block || (colon == kNone && !bare_key)) {
        mask(word, end);
      } else if (!bare_key) {
        block_indent_ = indent;
        mask(word + colon + 2, end);
      }
      return;
    }
    inside_ = false;
    block_indent_ = kNone;
    const std::size_t key = data_key(text_.substr(word, end - word));
    if (key != 0) {
      inside_ = true;
      indent_ = indent;
      mask(word + key, end);
    }
  }

  std::string_view text_;
  bool any_data_;
  bool inside_ = false;
  std::size_t indent_ = 0;
  std::size_t block_indent_ = kNone;  // of the key whose value may go on
  std::size_t copied_ = 0;
  bool changed_ = false;
  std::string out_;
};

}  // namespace

bool redact_yaml_secret(std::string_view text, const RedactScope& scope, std::string& out) {
  const bool string_data = text.find("stringData") != kNone;
  if (!string_data && text.find("data") == kNone) {
    return false;
  }
  // Where the text may be cut, its kind may have stood behind the data.
  const bool unknown = (scope.lenient && text.find("kind") == kNone) || scope.secret;
  const bool secret = unknown || names_secret(text);
  return (string_data || secret) && YamlSecret(text, secret).run(out);
}

}  // namespace tiercel::alert
