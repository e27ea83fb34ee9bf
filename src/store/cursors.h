#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tiercel/store/feed.h"

namespace tiercel::store {

[[nodiscard]] constexpr Position make_position(std::uint32_t segment, std::uint32_t row) {
  return (Position{segment} << 32U) | row;
}
[[nodiscard]] constexpr std::uint32_t segment_of(Position position) {
  return static_cast<std::uint32_t>(position >> 32U);
}
[[nodiscard]] constexpr std::uint32_t row_of(Position position) {
  return static_cast<std::uint32_t>(position);
}

/// One row of a segment's `cursors` table.
struct CursorRow {
  std::string output;
  std::uint32_t segment = 0;
  std::uint32_t row = 0;
  friend bool operator==(const CursorRow&, const CursorRow&) = default;
};

/// How far each output has delivered each segment. A row once said stays true, so that rows
/// from several places are joined by keeping the highest; what nobody said is 0.
class Cursors {
 public:
  void add_output(const std::string& output) { rows_[output]; }
  /// This is where an output begins that was added later: changed knowledge, even if it is 0.
  void begin_at(const std::string& output, std::uint32_t segment, std::uint32_t row) {
    rows_[output][segment] = row;
    changes_[output][segment] = row;
  }
  void remove_output(const std::string& output) {
    rows_.erase(output);
    changes_.erase(output);
  }
  /// Remembers the row as changed where it is new knowledge.
  void join(std::string_view output, std::uint32_t segment, std::uint32_t row);
  [[nodiscard]] std::uint32_t row(std::string_view output, std::uint32_t segment) const;
  /// Of all outputs the least.
  [[nodiscard]] std::uint32_t least_row(std::uint32_t segment) const;
  [[nodiscard]] std::vector<std::string> outputs() const;
  /// Every output wants the segment, from its first row on.
  void begin_segment(std::uint32_t segment);
  void forget_segment(std::uint32_t segment);

  [[nodiscard]] std::vector<CursorRow> all() const;
  [[nodiscard]] bool has_changes() const { return !changes_.empty(); }
  /// What join() has learned since the last call.
  [[nodiscard]] std::vector<CursorRow> take_changes();
  /// Rows that could not be written after all.
  void put_back(const std::vector<CursorRow>& rows);

 private:
  using Rows = std::map<std::uint32_t, std::uint32_t>;
  std::map<std::string, Rows, std::less<>> rows_;
  std::map<std::string, Rows, std::less<>> changes_;
};

}  // namespace tiercel::store
