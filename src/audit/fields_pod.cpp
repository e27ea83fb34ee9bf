#include "pod_rows.h"

// ka.req.pod.*: the pod spec of a requested Pod.

namespace tiercel::audit {

namespace {

constexpr std::string_view kSpec[] = {"spec"};

PodPlace requested_pod(const FieldInput& input, base::Arena& /*arena*/) {
  return {input.event.member(Member::kRequestObject), kSpec};
}

}  // namespace

void add_pod_fields(FieldTable& table) {
  add_pod_family<requested_pod>(table, {"ka.req.pod.", false, FieldPart::kRequestObject, ""});
}

}  // namespace tiercel::audit
