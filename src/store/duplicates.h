#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "catalog.h"
#include "database.h"
#include "segment.h"

namespace tiercel::store {

/// Whether an id is in one of the sealed segments of the last `duplicate_window`. Only those
/// whose ids enclose it are asked, so that an alert of now costs nothing.
///
/// Runs on: the writer thread.
class Duplicates {
 public:
  Duplicates(const SegmentPlace& place, Catalog& catalog) : place_(place), catalog_(catalog) {}

  /// Which segments count now; connections to others are closed.
  void choose(std::int64_t now, std::int64_t window);
  /// A segment that cannot be read is reported to the catalog and not asked again.
  [[nodiscard]] bool has(const AlertKey& id);
  void forget(std::uint32_t segment) { readers_.erase(segment); }

 private:
  struct Reader {
    Database database;
    Statement find;
  };
  [[nodiscard]] Reader* reader(const Segment& segment);

  const SegmentPlace& place_;
  Catalog& catalog_;
  std::vector<std::shared_ptr<Segment>> recent_;
  std::map<std::uint32_t, Reader> readers_;
};

}  // namespace tiercel::store
