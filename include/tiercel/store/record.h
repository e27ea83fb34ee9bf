#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tiercel::store {

/// An alert as the store and the outputs see it: where its rendered line stands in
/// the batch's buffer, and the columns it can be found by. The bytes are never
/// interpreted here.
struct Record {
  std::array<std::uint8_t, 16> id{};
  std::int64_t time = 0;      ///< nanoseconds since the epoch
  std::uint8_t priority = 0;  ///< 0 emergency … 7 debug
  std::uint64_t offset = 0;   ///< of the line in RecordBatch::bytes
  std::uint64_t length = 0;   ///< newline included
  std::string_view rule;      ///< looks into RecordBatch::owner
};

/// The alerts of one batch of events: one buffer, rendered once, moved from the
/// pipeline to the store and from there to the outputs.
struct RecordBatch {
  std::string bytes;
  std::vector<Record> records;
  std::shared_ptr<const void> owner;  ///< keeps what the records' views look into

  [[nodiscard]] std::string_view line(const Record& record) const {
    return std::string_view(bytes).substr(record.offset, record.length);
  }
  [[nodiscard]] bool empty() const { return records.empty(); }
};

}  // namespace tiercel::store
