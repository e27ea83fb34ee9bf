#include "quarantine_metrics.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace tiercel::pipeline {

namespace {

using base::Metric;

struct Row {
  std::string_view code;
  bool whole;
  Metric metric;
};

constexpr std::array kRows{
    Row{"bad_gzip", true, Metric::kQuarantinedBodiesBadGzip},
    Row{"not_audit_list", true, Metric::kQuarantinedBodiesNotAuditList},
    Row{"truncated", true, Metric::kQuarantinedBodiesTruncated},
    Row{"trailing_garbage", true, Metric::kQuarantinedBodiesTrailingGarbage},
    Row{"wrong_kind", false, Metric::kQuarantinedItemsWrongKind},
    Row{"too_deep", false, Metric::kQuarantinedItemsTooDeep},
    Row{"too_large", false, Metric::kQuarantinedItemsTooLarge},
    Row{"truncated", false, Metric::kQuarantinedItemsTruncated},
    Row{"trailing_garbage", false, Metric::kQuarantinedItemsTrailingGarbage},
};

}  // namespace

Metric quarantine_metric(const audit::BadInput& bad) {
  const auto* const found = std::find_if(kRows.begin(), kRows.end(), [&bad](const Row& row) {
    return row.whole == bad.whole && row.code == bad.code;
  });
  if (found != kRows.end()) {
    return found->metric;
  }
  return bad.whole ? Metric::kQuarantinedBodiesNotJson : Metric::kQuarantinedItemsNotJson;
}

}  // namespace tiercel::pipeline
