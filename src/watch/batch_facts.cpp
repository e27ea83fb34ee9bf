#include "tiercel/watch/batch_facts.h"

#include "tiercel/audit/event_key.h"
#include "tiercel/base/cut_utf8.h"

namespace tiercel::watch {

namespace {

constexpr std::size_t kMostCluster = 128;
constexpr std::size_t kMostMark = 64;
// https://kubernetes.io/docs/reference/labels-annotations-taints/audit-annotations/
constexpr std::string_view kTruncated = "audit.k8s.io/truncated";

}  // namespace

std::string_view selftest_mark(const audit::AuditEvent& event, base::Arena& arena) {
  const audit::Json mark = event.member(audit::Member::kAnnotations).member(kSelftestAnnotation);
  return mark.is_string() ? base::cut_utf8(mark.text(arena), kMostMark) : std::string_view{};
}

void BatchFacts::clear() {
  events = bad = truncated = first_key = 0;
  oldest = std::numeric_limits<std::int64_t>::max();
  newest = kNever;
  is_continued = is_selftest = false;
  cluster.clear();
}

void BatchFacts::take_first(const audit::AuditEvent& event, base::Arena& arena) {
  first_key = audit::event_key(event, arena).bits[0] | 1U;
  is_selftest = !selftest_mark(event, arena).empty();
  const audit::Json name = event.member(audit::Member::kAnnotations).member("cluster_name");
  if (name.is_string()) {
    cluster = base::cut_utf8(name.text(arena), kMostCluster);
  }
}

bool BatchFacts::is_truncated(const audit::AuditEvent& event) {
  const audit::Json level = event.member(audit::Member::kLevel);
  if (!level.is_string() || !level.raw_string().starts_with("Request")) {
    return false;
  }
  const audit::Json annotations = event.member(audit::Member::kAnnotations);
  return annotations.is_object() && annotations.member(kTruncated).exists();
}

}  // namespace tiercel::watch
