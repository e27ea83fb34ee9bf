#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "field_cases.h"
#include "field_probe.h"

namespace tiercel::audit::tests {
namespace {

struct Template {
  const char* kind;
  const char* resource;
  const char* before;
  const char* after;
};

constexpr Template kTemplates[] = {
    {"Pod", "pods", R"("spec":)", ""},
    {"Deployment", "deployments", R"("spec":{"template":{"spec":)", "}}"},
    {"DaemonSet", "daemonsets", R"("spec":{"template":{"spec":)", "}}"},
    {"StatefulSet", "statefulsets", R"("spec":{"template":{"spec":)", "}}"},
    {"ReplicaSet", "replicasets", R"("spec":{"template":{"spec":)", "}}"},
    {"Job", "jobs", R"("spec":{"template":{"spec":)", "}}"},
    {"CronJob", "cronjobs", R"("spec":{"jobTemplate":{"spec":{"template":{"spec":)", "}}}}"},
    {"ReplicationController", "replicationcontrollers", R"("spec":{"template":{"spec":)", "}}"},
    {"PodTemplate", "podtemplates", R"("template":{"spec":)", "}"},
};

std::string object_of(const Template& form, bool with_kind) {
  std::string object = "{";
  if (with_kind) {
    object += R"("kind":")" + std::string(form.kind) + "\",";
  }
  return object + form.before + rich_pod_spec() + form.after + "}";
}

std::string event_of(const Template& form, const std::string& verb, const std::string& member,
                     const std::string& object) {
  return R"({"auditID":"a","verb":")" + verb + R"(","objectRef":{"resource":")" + form.resource +
         R"("},")" + member + "\":" + object + "}";
}

TEST(WorkloadFields, ReadThePodSpecOfEveryKind) {
  for (const Template& form : kTemplates) {
    SCOPED_TRACE(form.kind);
    const std::vector<std::string> events = {
        event_of(form, "create", "requestObject", object_of(form, true)),
        event_of(form, "update", "requestObject", object_of(form, false)),
        event_of(form, "patch", "responseObject", object_of(form, true)),
    };
    for (const std::string& event : events) {
      EXPECT_EQ(probe("ka.workload.kind", event), '"' + std::string(form.kind) + '"');
      for (const FieldCase& row : pod_cases()) {
        EXPECT_EQ(probe(std::string("ka.workload.") + row.field, event), row.want) << row.id;
      }
    }
  }
}

// On a plain Pod the two families are the same, so nothing may tell them apart.
TEST(WorkloadFields, AgreeWithThePodFieldsOnRecordedPods) {
  std::size_t pods = 0;
  for (const std::string& line : data_lines("conformance/events.jsonl")) {
    with_event(line, [&](const AuditEvent& event) {
      if (probe(field_ref("ka.workload.kind"), event) != "\"Pod\"" ||
          probe(field_ref("ka.verb"), event) == "\"patch\"") {
        return;
      }
      ++pods;
      for (const Field& field : fields()) {
        if (field.name.starts_with("ka.req.pod.")) {
          const std::string twin = "ka.workload." + std::string(field.name.substr(11));
          EXPECT_EQ(probe(field_ref(twin), event), probe(field_ref(field.name), event)) << twin;
        }
      }
    });
  }
  EXPECT_GT(pods, 20U);
}

struct Recorded {
  const char* file;
  std::size_t line;
  const char* field;
  const char* want;
};

constexpr Recorded kRecorded[] = {
    {"b03_pod_privileged", 1, "ka.workload.kind", R"("Pod")"},
    {"b03_pod_privileged", 1, "ka.workload.containers.privileged", R"(["true"])"},
    // A label added by a merge patch: the pod as it is afterwards.
    {"b01_pod_plain", 8, "ka.workload.kind", R"("Pod")"},
    {"b01_pod_plain", 8, "ka.workload.containers.image", R"(["nginx:1.25"])"},
    {"b01_pod_plain", 8, "ka.req.pod.containers.image", "absent"},
    // kubectl debug patches pods/ephemeralcontainers.
    {"b10_pod_ephemeral_containers", 4, "ka.workload.kind", R"("Pod")"},
    {"b10_pod_ephemeral_containers", 4, "ka.workload.ephemeralContainers.image",
     R"(["busybox:1.36"])"},
    {"b10_pod_ephemeral_containers", 5, "ka.workload.ephemeralContainers.privileged",
     R"(["true"])"},
    {"f01_deployments", 0, "ka.workload.kind", R"("Deployment")"},
    {"f01_deployments", 0, "ka.workload.containers.image", R"(["nginx:1.24"])"},
    {"f01_deployments", 0, "ka.req.pod.containers.image", "absent"},
    // The scale of a deployment is another kind of object.
    {"f01_deployments", 2, "ka.workload.kind", "absent"},
    {"f01_deployments", 2, "ka.workload.containers.image", "absent"},
    // A JSON Patch.
    {"f01_deployments", 16, "ka.workload.kind", R"("Deployment")"},
    {"f02_daemonset_statefulset", 1, "ka.workload.kind", R"("DaemonSet")"},
    {"f02_daemonset_statefulset", 1, "ka.workload.containers.privileged", R"(["true"])"},
    {"f02_daemonset_statefulset", 1, "ka.workload.volumes.hostpath", R"(["/"])"},
    {"f02_daemonset_statefulset", 2, "ka.workload.kind", R"("StatefulSet")"},
    {"f02_daemonset_statefulset", 3, "ka.workload.kind", R"("ReplicaSet")"},
    {"b12_pod_security_admission", 7, "ka.workload.kind", R"("Deployment")"},
    // Denied: the request object is logged all the same.
    {"b12_pod_security_admission", 4, "ka.workload.kind", R"("Pod")"},
    {"d01_exec_attach_portforward", 7, "ka.workload.kind", "absent"},
    {"g01_impersonation", 0, "ka.impuser.name", R"("alice")"},
};

TEST(WorkloadFields, ReadWhatWasRecorded) {
  for (const Recorded& row : kRecorded) {
    const auto lines = data_lines("scenarios/" + std::string(row.file) + ".jsonl");
    ASSERT_LT(row.line, lines.size()) << row.file;
    EXPECT_EQ(probe(row.field, lines[row.line]), row.want)
        << row.file << ':' << row.line << ' ' << row.field;
  }
}

// The fields of ours that real events hold are found in them.
TEST(OurFields, AreFoundInRecordedEvents) {
  const std::vector<std::string> wanted = {
      "ka.user.uid",
      "ka.user.extra[authentication.kubernetes.io/credential-id]",
      "ka.impuser.uid",
      "ka.impuser.groups",
      "ka.annotation[authorization.k8s.io/decision]",
      "ka.target.apigroup",
      "ka.target.apiversion",
      "ka.target.uid",
      "ka.target.resourceversion",
      "ka.level",
      "ka.response.status",
      "ka.response.message",
      "ka.time.received",
      "ka.time.stage",
      "ka.sourceips.last"};
  std::set<std::string> found;
  for (const char* file : {"conformance/events.jsonl", "scenarios/g01_impersonation.jsonl",
                           "scenarios/e01_clusterrole_system_modify.jsonl"}) {
    for (const std::string& line : data_lines(file)) {
      with_event(line, [&](const AuditEvent& event) {
        for (const std::string& field : wanted) {
          if (!found.contains(field) && probe(field_ref(field), event) != "absent") {
            found.insert(field);
          }
        }
      });
    }
  }
  for (const std::string& field : wanted) {
    EXPECT_TRUE(found.contains(field)) << field;
  }
}

}  // namespace
}  // namespace tiercel::audit::tests
