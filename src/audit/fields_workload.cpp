#include "pod_rows.h"

// ka.workload.*: what ka.req.pod.* is for Pods, for whatever will become pods.

namespace tiercel::audit {

namespace {

struct WorkloadKind {
  std::string_view kind;
  std::string_view resource;
  std::array<std::string_view, 5> spec;  // the path from the object to the pod spec
};

constexpr std::array<WorkloadKind, 9> kWorkloadKinds{{
    {"Pod", "pods", {"spec"}},
    {"Deployment", "deployments", {"spec", "template", "spec"}},
    {"DaemonSet", "daemonsets", {"spec", "template", "spec"}},
    {"StatefulSet", "statefulsets", {"spec", "template", "spec"}},
    {"ReplicaSet", "replicasets", {"spec", "template", "spec"}},
    {"Job", "jobs", {"spec", "template", "spec"}},
    {"CronJob", "cronjobs", {"spec", "jobTemplate", "spec", "template", "spec"}},
    {"ReplicationController", "replicationcontrollers", {"spec", "template", "spec"}},
    {"PodTemplate", "podtemplates", {"template", "spec"}},
}};

struct Workload {
  Json object;
  const WorkloadKind* kind = nullptr;
};

const WorkloadKind* kind_by_resource(const FieldInput& input) {
  const Json target = input.event.member(Member::kObjectRef);
  // The body of scale, binding or eviction is another kind of object.
  const Json subresource = target.member("subresource");
  if (subresource.exists() && !is_text(subresource, "") &&
      !is_text(subresource, "ephemeralcontainers")) {
    return nullptr;
  }
  for (const WorkloadKind& kind : kWorkloadKinds) {
    if (is_text(target.member("resource"), kind.resource)) {
      return &kind;
    }
  }
  return nullptr;
}

// The object that the request makes or changes. The body of a patch holds only what
// changes, in one of several forms, so the result of it is read: the response.
Workload workload_of(const FieldInput& input) {
  const bool patch = is_text(input.event.member(Member::kVerb), "patch");
  Workload workload;
  workload.object = input.event.member(patch ? Member::kResponseObject : Member::kRequestObject);
  if (!workload.object.is_object()) {
    return workload;
  }
  const Json kind = workload.object.member("kind");
  if (!kind.is_string() || kind.raw_string().empty()) {
    workload.kind = kind_by_resource(input);
    return workload;
  }
  for (const WorkloadKind& known : kWorkloadKinds) {
    if (is_text(kind, known.kind)) {
      workload.kind = &known;
    }
  }
  return workload;
}

base::Value workload_kind(const FieldInput& input, base::Arena& /*arena*/) {
  const Workload workload = workload_of(input);
  return workload.kind == nullptr ? base::Value::absent() : base::Value::text(workload.kind->kind);
}

PodPlace workload_pod(const FieldInput& input, base::Arena& /*arena*/) {
  const Workload workload = workload_of(input);
  if (workload.kind == nullptr) {
    return {};
  }
  Json spec = workload.object;
  for (const std::string_view name : workload.kind->spec) {
    spec = name.empty() ? spec : spec.member(name);
  }
  return {spec, {}};
}

}  // namespace

void add_workload_fields(FieldTable& table) {
  table.add(reads(
      FieldPart::kResultObject,
      audit_field<workload_kind>(
          "ka.workload.kind", kText, kSinceOurs,
          "The kind of the workload that the request makes or changes: Pod, Deployment, DaemonSet, "
          "StatefulSet, ReplicaSet, Job, CronJob, ReplicationController or PodTemplate. Read from "
          "the "
          "request object, after a patch from the response object.")));
  add_pod_family<workload_pod>(table,
                               {"ka.workload.", true, FieldPart::kResultObject,
                                " Read from the pod spec of any workload, also after a patch."});
}

}  // namespace tiercel::audit
