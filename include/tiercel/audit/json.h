#pragma once

#include <cstdint>
#include <string_view>

#include "tiercel/audit/document.h"
#include "tiercel/base/arena.h"
#include "tiercel/base/same_text.h"
#include "tiercel/base/value.h"

namespace tiercel::audit {

/// One JSON value inside a parsed Document: a position, eight bytes more than a
/// pointer, copied freely. Reading members walks the document's skip table, never
/// the bytes between. An invalid Json (missing member) answers everything with
/// "missing", so paths can be chained: `event.member("a").member("b").text(arena)`.
///
/// Lifetime: looks into the Document and into the batch's bytes.
class Json {
 public:
  enum class Kind : std::uint8_t {
    kMissing,
    kNull,
    kTrue,
    kFalse,
    kNumber,
    kString,
    kObject,
    kArray
  };

  Json() = default;
  Json(const Document& document, std::uint32_t position) : document_(&document), at_(position) {}

  [[nodiscard]] Kind kind() const;
  [[nodiscard]] bool exists() const { return document_ != nullptr; }
  [[nodiscard]] bool is_object() const { return begins_with('{'); }
  [[nodiscard]] bool is_array() const { return begins_with('['); }
  [[nodiscard]] bool is_string() const { return begins_with('"'); }

  /// The first member of this name (names compared after decoding), missing when
  /// there is none or this is no object.
  [[nodiscard]] Json member(std::string_view name) const;
  /// The element at `index`, missing beyond the end or when this is no array.
  [[nodiscard]] Json element(std::uint64_t index) const;

  /// Calls `visit(Json element)` for each element in order. REQUIRES: is_array().
  template <class Visit>
  void for_each_element(Visit visit) const;
  /// Calls `visit(std::string_view raw_key, Json value)`; raw_key is between its
  /// quotes, as received. REQUIRES: is_object().
  template <class Visit>
  void for_each_member(Visit visit) const;

  /// The text of any value as Falco gives it: strings
  /// decoded, numbers and words as received, objects and arrays as compact JSON
  /// with their strings as received; cut at the first NUL. Points into the bytes
  /// where nothing had to change, else into the arena.
  /// REQUIRES: exists().
  [[nodiscard]] std::string_view text(base::Arena& arena) const;
  /// text() as a Value; absent when this is missing.
  [[nodiscard]] base::Value value(base::Arena& arena) const {
    return exists() ? base::Value::text(text(arena)) : base::Value::absent();
  }
  /// A string's characters between the quotes, as received. REQUIRES: is_string().
  [[nodiscard]] std::string_view raw_string() const {
    const char* const begin = document_->bytes() + document_->offset(at_) + 1;
    const char* const quote = document_->end_before(at_ + 1) - 1;
    return {begin, static_cast<std::size_t>(quote - begin)};
  }
  /// The bytes of the whole value as received, white space inside included.
  [[nodiscard]] std::string_view raw() const;
  /// Compact JSON: raw() without white space between tokens.
  [[nodiscard]] std::string_view compact(base::Arena& arena) const;

  [[nodiscard]] std::uint32_t position() const { return at_; }
  [[nodiscard]] const Document& document() const { return *document_; }

 private:
  [[nodiscard]] bool begins_with(char c) const {
    return document_ != nullptr && document_->token(at_) == c;
  }

  const Document* document_ = nullptr;
  std::uint32_t at_ = 0;  // index into the document's token table
};

/// Decodes the inside of a JSON string: the usual escapes, surrogate pairs joined;
/// malformed escapes are kept or mended as Falco's reader does, never
/// an error. Not cut at NUL. Returns `raw` itself when it holds no backslash.
[[nodiscard]] std::string_view decode_string(std::string_view raw, base::Arena& arena);

/// What string_equals says where `raw` is longer than `text`.
[[nodiscard]] bool escaped_string_equals(std::string_view raw, std::string_view text);

/// Whether the inside of a JSON string, decoded, is `text`. A backslash in `text` is compared
/// with what was received.
[[nodiscard]] inline bool string_equals(std::string_view raw, std::string_view text) {
  if (raw.size() <= text.size()) {
    return base::same_text(raw, text);  // an escape is longer than what it stands for
  }
  const bool may_begin_so = text.empty() || raw.front() == text.front() || raw.front() == '\\';
  return may_begin_so && escaped_string_equals(raw, text);
}

template <class Visit>
// NOLINTNEXTLINE(misc-no-recursion): as deep as who visits goes, at most the document's limit.
void Json::for_each_element(Visit visit) const {
  const Document& document = *document_;
  std::uint32_t at = at_ + 1;
  while (document.token(at) != ']') {
    visit(Json(document, at));
    at = document.after(at);
    at += document.token(at) == ',' ? 1U : 0U;
  }
}

template <class Visit>
void Json::for_each_member(Visit visit) const {
  const Document& document = *document_;
  std::uint32_t at = at_ + 1;
  while (document.token(at) != '}') {
    visit(Json(document, at).raw_string(), Json(document, at + 2));
    at = document.after(at + 2);
    at += document.token(at) == ',' ? 1U : 0U;
  }
}

}  // namespace tiercel::audit
