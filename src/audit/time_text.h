#pragma once

#include <cstdint>
#include <string_view>

#include "tiercel/base/arena.h"

namespace tiercel::audit {

/// Which parts of a time are written.
struct TimeForm {
  bool date = false;      ///< YYYY-MM-DD before the time
  char separator = ' ';   ///< between date and time
  bool fraction = false;  ///< nine digits after the seconds
  std::string_view zone;  ///< behind it all
};

/// Nanoseconds since the epoch as text, read as UTC.
[[nodiscard]] std::string_view time_text(std::int64_t nanoseconds, TimeForm form,
                                         base::Arena& arena);

}  // namespace tiercel::audit
