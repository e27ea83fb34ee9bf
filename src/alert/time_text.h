#pragma once

#include <cstdint>
#include <string>

namespace tiercel::alert {

/// Appends "2020-01-02T03:04:06.123456000" of a time in nanoseconds since the epoch, UTC.
void append_iso_time(std::string& out, std::int64_t nanoseconds);
/// Appends "03:04:06.123456000".
void append_clock_time(std::string& out, std::int64_t nanoseconds);

}  // namespace tiercel::alert
