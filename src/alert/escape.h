#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "tiercel/base/arena.h"

namespace tiercel::alert {

/// Escapes what `out` holds from `start` on as the inside of a JSON string. Messages are
/// rendered as they are and escaped as a whole, as in Falco: a character whose bytes come
/// from two tokens counts as one. Most messages need no escape and are only looked at.
void escape_from(std::string& out, std::size_t start, base::Arena& arena);

/// Appends the text with each control character (DEL and C1 too), noncharacter and
/// maximal invalid UTF-8 subpart as one U+FFFD.
void append_clean(std::string& out, std::string_view text);

}  // namespace tiercel::alert
