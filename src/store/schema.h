#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tiercel::store {

/// The format of the files: README.md describes it. Whoever changes a table raises
/// kSchemaVersion, keeps reading what older versions wrote, and says so there.
inline constexpr std::uint32_t kSchemaVersion = 1;
/// In each segment's header: "TCLA".
inline constexpr std::uint32_t kApplicationId = 0x54434c41;
inline constexpr std::string_view kLockName = "lock";
/// Room kept back on the disk: nothing is read from it.
inline constexpr std::string_view kReserveName = "reserve";
/// Before the name of a file that was set aside.
inline constexpr std::string_view kDamagedPrefix = "damaged-";
/// Before the name of a segment while it is being made; left over after a crash.
inline constexpr std::string_view kNewPrefix = "new-";
/// A cursor's row that says: this output is through with the whole segment.
inline constexpr std::uint32_t kWholeSegment = 0xffffffff;

/// The statements that make a segment's tables.
[[nodiscard]] const char* table_statements();

/// "alerts-0000000007.db".
[[nodiscard]] std::string segment_name(std::uint32_t number);
/// The number of exactly such a name.
[[nodiscard]] std::optional<std::uint32_t> segment_number(std::string_view name);
/// The number in any name that stems from a segment's ("damaged-alerts-0000000007.db-wal"), so
/// that no number is used twice; 0 where there is none.
[[nodiscard]] std::uint32_t number_in_name(std::string_view name);

}  // namespace tiercel::store
