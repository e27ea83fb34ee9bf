#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tiercel::store {

/// A piece of a buffer.
struct TextRange {
  std::uint32_t offset = 0;
  std::uint32_t length = 0;
};

/// An alert as the pipeline hands it over: where its rendered body stands in the batch's
/// buffer, and the columns it can be found by. The bytes are never interpreted here.
struct Record {
  std::array<std::uint8_t, 16> id{};  ///< sorted by time; equal ids are one alert
  std::int64_t time = 0;              ///< of the event, nanoseconds since the epoch
  std::uint8_t priority = 0;          ///< 0 emergency … 7 debug
  std::uint64_t offset = 0;           ///< of the body in RecordBatch::bytes
  std::uint64_t length = 0;           ///< newline included
  std::string_view rule;              ///< looks into RecordBatch::owner
  std::string_view tags;              ///< sorted, a comma between; looks into RecordBatch::owner
  TextRange user;                     ///< in RecordBatch::keys; empty where there is none
  TextRange name_space;               ///< in RecordBatch::keys
  TextRange cluster;                  ///< in RecordBatch::keys
};

/// How far a source has read: stored in one transaction with the alerts it led to.
struct SourcePosition {
  std::string source;  ///< name of the source
  std::string key;     ///< which of its inputs, "device:inode" of a file for one
  std::string value;   ///< empty: forget the key
};

/// The alerts of one batch of events: one buffer, rendered once, moved from the
/// pipeline to the store.
struct RecordBatch {
  std::string bytes;  ///< whole alerts as JSON, one a line, with all members
  std::string keys;   ///< texts of the key columns
  std::vector<Record> records;
  std::vector<SourcePosition> positions;
  /// An alert of our own, which may tell that there is no room: it has some kept back for it.
  bool is_own = false;
  std::shared_ptr<const void> owner;  ///< keeps what the records' views look into

  [[nodiscard]] std::string_view line(const Record& record) const {
    return std::string_view(bytes).substr(record.offset, record.length);
  }
  [[nodiscard]] std::string_view key(TextRange range) const {
    return std::string_view(keys).substr(range.offset, range.length);
  }
  [[nodiscard]] TextRange add_key(std::string_view text) {
    const TextRange range{static_cast<std::uint32_t>(keys.size()),
                          static_cast<std::uint32_t>(text.size())};
    keys += text;
    return range;
  }
  [[nodiscard]] bool empty() const { return records.empty(); }
};

}  // namespace tiercel::store
