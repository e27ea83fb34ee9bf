#include "tiercel/audit/json.h"

#include <algorithm>
#include <cstring>

#include "tiercel/audit/document.h"

namespace tiercel::audit {

namespace {

std::string_view until_nul(std::string_view text) {
  const void* const nul = std::memchr(text.data(), '\0', text.size());
  return nul == nullptr
             ? text
             : text.substr(0,
                           static_cast<std::size_t>(static_cast<const char*>(nul) - text.data()));
}

}  // namespace

bool escaped_string_equals(std::string_view raw, std::string_view text) {
  if (raw.find('\\') == std::string_view::npos) {
    return false;
  }
  // An escape is rare here; the decoded form is needed for this comparison only.
  base::Arena arena;
  return decode_string(raw, arena) == text;
}

Json::Kind Json::kind() const {
  if (document_ == nullptr) {
    return Kind::kMissing;
  }
  switch (document_->token(at_)) {
    case '{':
      return Kind::kObject;
    case '[':
      return Kind::kArray;
    case '"':
      return Kind::kString;
    case 't':
      return Kind::kTrue;
    case 'f':
      return Kind::kFalse;
    case 'n':
      // nan is a number that begins like null.
      return raw() == "null" ? Kind::kNull : Kind::kNumber;
    default:
      return Kind::kNumber;
  }
}

Json Json::member(std::string_view name) const {
  if (document_ == nullptr || document_->token(at_) != '{') {
    return {};
  }
  const Document& document = *document_;
  std::uint32_t at = at_ + 1;
  while (document.token(at) != '}') {
    if (string_equals(Json(document, at).raw_string(), name)) {
      return {document, at + 2};
    }
    at = document.after(at + 2);
    at += document.token(at) == ',' ? 1U : 0U;
  }
  return {};
}

Json Json::element(std::uint64_t index) const {
  if (document_ == nullptr || document_->token(at_) != '[') {
    return {};
  }
  const Document& document = *document_;
  std::uint32_t at = at_ + 1;
  while (document.token(at) != ']') {
    if (index == 0) {
      return {document, at};
    }
    --index;
    at = document.after(at);
    at += document.token(at) == ',' ? 1U : 0U;
  }
  return {};
}

std::string_view Json::raw() const {
  const char* const begin = document_->bytes() + document_->offset(at_);
  const char* const end = document_->end_before(document_->after(at_));
  return {begin, static_cast<std::size_t>(end - begin)};
}

std::string_view Json::compact(base::Arena& arena) const {
  const std::string_view whole = raw();
  const std::uint32_t last = document_->after(at_);
  // Sum of the tokens' own bytes; equal to the whole when nothing stands between them.
  const auto token_bytes = [this](std::uint32_t at) {
    const char* const begin = document_->bytes() + document_->offset(at);
    const char c = *begin;
    const bool single = c == '{' || c == '}' || c == '[' || c == ']' || c == ',' || c == ':';
    const char* const end = single ? begin + 1 : document_->end_before(at + 1);
    return std::string_view(begin, static_cast<std::size_t>(end - begin));
  };
  std::size_t size = 0;
  for (std::uint32_t at = at_; at < last; ++at) {
    size += token_bytes(at).size();
  }
  if (size == whole.size()) {
    return whole;
  }
  char* const text = arena.allocate_text(size);
  char* out = text;
  for (std::uint32_t at = at_; at < last; ++at) {
    const std::string_view token = token_bytes(at);
    out = std::copy(token.begin(), token.end(), out);
  }
  return {text, size};
}

// Only an escape can put a NUL into a text: no document holds one as it is.
std::string_view Json::text(base::Arena& arena) const {
  switch (document_->token(at_)) {
    case '"': {
      const std::string_view raw = raw_string();
      const std::string_view decoded = decode_string(raw, arena);
      return decoded.data() == raw.data() ? raw : until_nul(decoded);
    }
    case '{':
    case '[':
      return compact(arena);
    default:
      return raw();
  }
}

}  // namespace tiercel::audit
