#include "pod_values.h"

#include <array>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

namespace tiercel::selftest {

namespace {

using nlohmann::json;
using Pointer = json::json_pointer;

constexpr const char* kImage = "tiercel-selftest/image";

struct Kind {
  std::string_view kind;
  std::string_view resource;
  const char* spec;
};
constexpr std::array kKinds{
    Kind{"Pod", "pods", "/spec"},
    Kind{"Deployment", "deployments", "/spec/template/spec"},
    Kind{"DaemonSet", "daemonsets", "/spec/template/spec"},
    Kind{"StatefulSet", "statefulsets", "/spec/template/spec"},
    Kind{"ReplicaSet", "replicasets", "/spec/template/spec"},
    Kind{"Job", "jobs", "/spec/template/spec"},
    Kind{"CronJob", "cronjobs", "/spec/jobTemplate/spec/template/spec"},
    Kind{"ReplicationController", "replicationcontrollers", "/spec/template/spec"},
    Kind{"PodTemplate", "podtemplates", "/template/spec"},
};

enum class Shape { kText, kFlag, kNumber, kWords };
struct Leaf {
  std::string_view field;
  const char* pointer;
  Shape shape;
};
constexpr std::array kOfPod{
    Leaf{"host_ipc", "/hostIPC", Shape::kFlag},
    Leaf{"host_network", "/hostNetwork", Shape::kFlag},
    Leaf{"host_pid", "/hostPID", Shape::kFlag},
    Leaf{"run_as_user", "/securityContext/runAsUser", Shape::kNumber},
    Leaf{"run_as_group", "/securityContext/runAsGroup", Shape::kNumber},
    Leaf{"fs_group", "/securityContext/fsGroup", Shape::kNumber},
    Leaf{"supplemental_groups", "/securityContext/supplementalGroups/0", Shape::kNumber},
    Leaf{"volumes.hostpath", "/volumes/0/hostPath/path", Shape::kText},
    Leaf{"volumes.flexvolume_driver", "/volumes/0/flexVolume/driver", Shape::kText},
};
constexpr std::array kOfContainer{
    Leaf{"name", "/name", Shape::kText},
    Leaf{"image", "/image", Shape::kText},
    Leaf{"command", "/command", Shape::kWords},
    Leaf{"args", "/args", Shape::kWords},
    Leaf{"host_port", "/ports/0/hostPort", Shape::kNumber},
    Leaf{"privileged", "/securityContext/privileged", Shape::kFlag},
    Leaf{"allow_privilege_escalation", "/securityContext/allowPrivilegeEscalation", Shape::kFlag},
    Leaf{"read_only_fs", "/securityContext/readOnlyRootFilesystem", Shape::kFlag},
    Leaf{"run_as_user", "/securityContext/runAsUser", Shape::kNumber},
    Leaf{"run_as_group", "/securityContext/runAsGroup", Shape::kNumber},
    Leaf{"proc_mount", "/securityContext/procMount", Shape::kText},
    Leaf{"add_capabilities", "/securityContext/capabilities/add", Shape::kWords},
};

json value_of(const Leaf& leaf, const Need& need) {
  const std::string text = need.text().value_or("");
  switch (leaf.shape) {
    case Shape::kFlag:
      return text != "false";
    case Shape::kNumber: {
      const json number = json::parse(text, nullptr, false);
      return number.is_number() ? number : json(0);
    }
    case Shape::kWords:
      return json::array({text.empty() ? "tiercel-selftest" : text});
    case Shape::kText:
      break;
  }
  return text.empty() ? "tiercel-selftest" : text;
}

const Kind& kind_of(const json& event) {
  const std::string resource = event.value(Pointer("/objectRef/resource"), "");
  for (const Kind& kind : kKinds) {
    if (kind.resource == resource) {
      return kind;
    }
  }
  return kKinds.front();
}

// Where the fields of this family look for the pod's spec.
Pointer spec_of(const json& event, bool is_workload) {
  if (!is_workload) {
    return Pointer("/requestObject/spec");
  }
  const bool is_patch = event.value("verb", "") == "patch";
  return Pointer(std::string(is_patch ? "/responseObject" : "/requestObject") +
                 kind_of(event).spec);
}

void set_kind(json& event, const Need& need) {
  const std::optional<std::string> wanted = need.text();
  for (const Kind& kind : kKinds) {
    if (wanted && kind.kind == *wanted) {
      event["objectRef"]["resource"] = kind.resource;
    }
  }
  const bool is_patch = event.value("verb", "") == "patch";
  event[is_patch ? "responseObject" : "requestObject"]["kind"] = kind_of(event).kind;
}

void set_container_value(json& event, const Pointer& list, std::string_view field,
                         const Need& need) {
  json& container = event[list / 0];
  if (!container.contains("name")) {
    container["name"] = "tiercel-selftest";
    container["image"] = std::string(kImage) + ":1";
  }
  if (field == "image.repository") {
    container["image"] = need.text().value_or(kImage) + ":1";
    return;
  }
  for (const Leaf& leaf : kOfContainer) {
    if (leaf.field == field && (need.text() || field != "image")) {
      container[Pointer(leaf.pointer)] = value_of(leaf, need);
    }
  }
}

}  // namespace

bool set_pod_value(json& event, const FieldKey& key, const Need& need) {
  std::string_view field = key.name;
  if (field == "ka.workload.kind") {
    set_kind(event, need);
    return true;
  }
  const bool is_workload = field.starts_with("ka.workload.");
  for (const std::string_view family : {"ka.workload.", "ka.req.pod.", "ka.req."}) {
    if (field.starts_with(family)) {
      field.remove_prefix(family.size());
      break;
    }
  }
  if (field.size() == key.name.size()) {
    return false;
  }
  const Pointer spec = spec_of(event, is_workload);
  try {
    for (const char* const list : {"containers", "initContainers", "ephemeralContainers"}) {
      const std::string family = std::string(list) + ".";
      if (field.starts_with(family)) {
        set_container_value(event, spec / list, field.substr(family.size()), need);
        return true;
      }
    }
    if (field.starts_with("container.")) {  // ka.req.container.*
      set_container_value(event, spec / "containers", field.substr(10), need);
      return true;
    }
    for (const Leaf& leaf : kOfPod) {
      if (leaf.field == field) {
        event[spec / Pointer(leaf.pointer)] = value_of(leaf, need);
        return true;
      }
    }
    if (field == "volumes.volume_type") {
      event[spec / "volumes" / 0][need.text().value_or("emptyDir")] = json::object();
      return true;
    }
  } catch (const json::exception&) {
    return true;  // needs that exclude each other
  }
  return false;
}

}  // namespace tiercel::selftest
