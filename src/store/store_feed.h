#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tiercel/store/feed.h"

#include "catalog.h"
#include "database.h"
#include "overdue.h"

namespace tiercel::store {

/// One output's way through the segments: a connection to the one it reads, opened when it
/// gets there and closed when it is through.
///
/// Runs on: the output's thread, but for wake().
class StoreFeed final : public Feed {
 public:
  StoreFeed(std::string output, const SegmentPlace& place, Catalog& catalog, Overdue& overdue)
      : output_(std::move(output)), place_(place), catalog_(catalog), overdue_(overdue) {}

  [[nodiscard]] base::Result<void> read(Position after, const PageLimits& limits,
                                        Page& page) override;
  void rest() override { reader_.close(); }
  void wait(Position after, std::chrono::milliseconds timeout) override;
  void wake() override;
  void advance(Position delivered) override;
  [[nodiscard]] Position cursor() const override;
  [[nodiscard]] std::optional<Position> must_pass() const override;
  void on_overdue(std::function<void()> tell) override;
  [[nodiscard]] Lag lag() const override;

 private:
  struct Reader {
    std::shared_ptr<Segment> segment;
    Database database;
    Statement rows;
    Statement stored;
    void close();
  };
  enum class Stop : std::uint8_t { kEnd, kLimit, kTime };
  [[nodiscard]] base::Result<void> open(Reader& reader,
                                        const std::shared_ptr<Segment>& segment) const;
  /// What the segment holds behind `row`, which becomes the last one read.
  [[nodiscard]] base::Result<Stop> read_rows(std::uint32_t& row, const PageLimits& limits,
                                             Page& page);
  void add_row(Page& page);
  void place_views(Page& page) const;

  const std::string output_;
  const SegmentPlace& place_;
  Catalog& catalog_;
  Overdue& overdue_;
  bool is_awake_ = false;  ///< guarded by the catalog's lock
  Reader reader_;
  std::uint32_t failed_ = 0;  ///< the segment whose read failed last; 0: none
  std::vector<std::array<std::size_t, 6>> lengths_;  ///< of each alert's texts in page.bytes

  mutable Reader oldest_reader_;
  mutable Position oldest_position_ = 0;
  mutable std::int64_t oldest_ = 0;
};

}  // namespace tiercel::store
