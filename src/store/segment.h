#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tiercel/base/error.h"

#include "cursors.h"
#include "database.h"
#include "disk.h"

namespace tiercel::store {

using AlertKey = std::array<std::uint8_t, 16>;
/// (source, key) → value.
using Positions = std::map<std::pair<std::string, std::string>, std::string>;

/// What a segment's ids lie between, so that a duplicate is looked for only where it can be.
/// Ids of alerts without a time begin with 48 zero bits and would make every range useless.
struct IdRange {
  AlertKey least{};
  AlertKey most{};
  bool has_timed = false;
  bool has_untimed = false;

  void add(const AlertKey& id);
  [[nodiscard]] bool may_hold(const AlertKey& id) const;
};

/// One segment as all threads see it.
struct Segment {
  // Constant once it is in the catalog.
  std::uint32_t number = 0;
  std::string file;  ///< path, or URI in the memory VFS
  FileIdentity identity;
  std::int64_t begun = 0;  ///< ns since the epoch

  // Own synchronisation.
  std::atomic<std::uint32_t> rows{0};        ///< committed
  std::atomic<std::uint64_t> bytes{0};       ///< WAL included
  std::atomic<std::int64_t> last_stored{0};  ///< ns since the epoch; 0 without rows
  std::atomic<bool> is_sealed{false};        ///< no longer written
  std::atomic<bool> stands_alone{false};     ///< sealed, and has no WAL
  std::atomic<bool> is_gone{false};          ///< removed or set aside: close what is open on it

  // Writer thread only.
  IdRange ids;
  std::uint64_t size = 0;  ///< of the database with all of its WAL in it; 0: not known
  Database keeper;         ///< of a sealed segment in memory, which lives as long as a connection
};

/// How segments are opened.
struct SegmentPlace {
  std::string folder;         ///< `<path>/alerts`; empty in memory
  std::string memory_prefix;  ///< makes names in the memory VFS our own
  std::string vfs;
  std::uint32_t version = 0;
  bool sync_commits = true;

  [[nodiscard]] bool in_memory() const { return folder.empty(); }
  [[nodiscard]] std::string file(std::uint32_t number) const;
};

/// What is copied into a new segment in its first transaction.
struct SegmentStart {
  std::uint32_t number = 0;
  std::int64_t begun = 0;
  std::vector<CursorRow> cursors;
  Positions positions;
};

/// Makes a complete segment under a temporary name, synced, then renames it: a file with a
/// segment's name is never half made. Returns a connection that may write.
[[nodiscard]] base::Result<Database> make_segment(const SegmentPlace& place,
                                                  const SegmentStart& start);

[[nodiscard]] base::Result<Database> open_for_reading(const SegmentPlace& place,
                                                      const Segment& segment);

/// Rows, times and ids of a segment.
[[nodiscard]] base::Result<void> read_segment(Database& database, Segment& segment);
[[nodiscard]] base::Result<std::vector<CursorRow>> read_cursors(Database& database);
[[nodiscard]] base::Result<Positions> read_positions(Database& database);

}  // namespace tiercel::store
