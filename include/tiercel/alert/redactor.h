#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace tiercel::alert {

/// What stands where a credential stood. No byte of it needs an escape in JSON, and it
/// says nothing of the length of what it hides.
inline constexpr std::string_view kMask = "[redacted]";

/// One row of the documented table of patterns (rules/redaction.md): `example` holds a
/// made-up credential that redact_text() masks.
struct RedactionRow {
  std::string_view name;
  std::string_view doc;
  std::string_view example;
};
[[nodiscard]] std::span<const RedactionRow> redaction_rows();
/// rules/redaction.md: the table and what is never masked; ends with a newline.
[[nodiscard]] std::string redaction_reference();

/// Masks in `text[start..]`, in place, what looks like a credential: for rendered texts
/// and log lines. Text that is JSON, or holds some, keeps its structure.
///
/// Linear in the size of the text with a fixed budget; takes nothing from the heap for
/// short texts without JSON in which nothing is found. Any thread; safe for any bytes.
void redact_text(std::string& text, std::size_t start = 0);

/// Masks in a name what has the shape of a credential by itself, as a token has; nothing
/// for what stands around it.
void redact_name(std::string& text);

/// Masks credentials in bytes that may be JSON, cut or broken: for the quarantine. Where
/// the bytes do not say whether an object is a Secret, its `data` is masked. Bytes that are
/// compressed or encoded in another way are masked whole.
/// Any thread; linear as redact_text().
void mask_bytes(std::string& bytes);

}  // namespace tiercel::alert
