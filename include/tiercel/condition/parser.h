#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "tiercel/condition/expr.h"

namespace tiercel::condition {

/// Why a condition was refused, and where.
struct ParseError {
  std::string code;     ///< stable: "syntax", "too_deep"
  std::string message;  ///< what is wrong and what to write instead
  Place place;
};

/// The outcome of parsing: a tree, or an error (`tree` is null then).
struct ParseResult {
  ExprPtr tree;
  ParseError error;
};

/// Parses a whole condition (lists already substituted). `text_number` goes into
/// every Place. Depth is limited as in Falco after 0.44.1 (198 nested pairs of
/// parentheses load, 199 do not).
[[nodiscard]] ParseResult parse(std::string_view text, std::uint32_t text_number = 0);

/// A field or transformer call at the start of `text`, for output templates and
/// exception fields: the longest text that parses. `length` is 0 when there is none.
struct TermPrefix {
  Term term;
  std::size_t length = 0;
};
[[nodiscard]] TermPrefix parse_term_prefix(std::string_view text);

/// True when the whole text is one field name with an optional argument, or a
/// transformer call.
[[nodiscard]] bool is_term(std::string_view text);

}  // namespace tiercel::condition
