#pragma once

#include <string>
#include <utility>

#include "tiercel/base/error.h"
#include "tiercel/store/history.h"

#include "history_segment.h"

namespace tiercel::store {

/// A range of ids, both ends left out.
struct IdRange {
  std::string low;
  std::string high;
};

/// Alerts of events without a time: their ids begin with zeros.
[[nodiscard]] IdRange untimed();
/// Alerts of events with one, as far as the query's times and ids tell.
[[nodiscard]] IdRange timed(const Query& query);

/// One segment's way through a range, a page at a time. Runs on: one thread.
class HistoryWalk {
 public:
  using Order = HistorySegment::Order;
  /// `segment` must live longer.
  HistoryWalk(HistorySegment& segment, IdRange range, Order order)
      : segment_(segment), range_(std::move(range)), order_(order) {}

  /// The present alert, valid until the next page is read, or null at the end.
  [[nodiscard]] base::Result<const StoredAlert*> look();
  void next() { ++at_; }

 private:
  HistorySegment& segment_;
  IdRange range_;
  Order order_;
  Page page_;
  std::size_t at_ = 0;
  bool is_over_ = false;
};

}  // namespace tiercel::store
