#include "resources.h"

#include <algorithm>

namespace tiercel::analyse {

namespace {

constexpr bool kCluster = false;
constexpr bool kSpaced = true;
constexpr std::string_view kAuthn = "authentication.k8s.io";
constexpr std::string_view kAuthz = "authorization.k8s.io";
constexpr std::string_view kRbac = "rbac.authorization.k8s.io";
constexpr std::string_view kAdmission = "admissionregistration.k8s.io";
constexpr std::string_view kStorage = "storage.k8s.io";
constexpr std::string_view kNetworking = "networking.k8s.io";
constexpr std::string_view kFlow = "flowcontrol.apiserver.k8s.io";

// As Kubernetes 1.32 serves them.
constexpr BuiltIn kBuiltIns[] = {
    {"", "bindings", kSpaced, ""},
    {"", "componentstatuses", kCluster, ""},
    {"", "configmaps", kSpaced, ""},
    {"", "endpoints", kSpaced, ""},
    {"", "events", kSpaced, ""},
    {"", "limitranges", kSpaced, ""},
    {"", "namespaces", kCluster, "finalize status"},
    {"", "nodes", kCluster, "proxy status"},
    {"", "persistentvolumeclaims", kSpaced, "status"},
    {"", "persistentvolumes", kCluster, "status"},
    {"", "pods", kSpaced,
     "attach binding ephemeralcontainers eviction exec log portforward proxy resize status"},
    {"", "podtemplates", kSpaced, ""},
    {"", "replicationcontrollers", kSpaced, "scale status"},
    {"", "resourcequotas", kSpaced, "status"},
    {"", "secrets", kSpaced, ""},
    {"", "serviceaccounts", kSpaced, "token"},
    {"", "services", kSpaced, "proxy status"},
    {kAdmission, "mutatingwebhookconfigurations", kCluster, ""},
    {kAdmission, "validatingadmissionpolicies", kCluster, "status"},
    {kAdmission, "validatingadmissionpolicybindings", kCluster, ""},
    {kAdmission, "validatingwebhookconfigurations", kCluster, ""},
    {"apiextensions.k8s.io", "customresourcedefinitions", kCluster, "status"},
    {"apiregistration.k8s.io", "apiservices", kCluster, "status"},
    {"apps", "controllerrevisions", kSpaced, ""},
    {"apps", "daemonsets", kSpaced, "status"},
    {"apps", "deployments", kSpaced, "scale status"},
    {"apps", "replicasets", kSpaced, "scale status"},
    {"apps", "statefulsets", kSpaced, "scale status"},
    {kAuthn, "selfsubjectreviews", kCluster, ""},
    {kAuthn, "tokenreviews", kCluster, ""},
    {kAuthz, "localsubjectaccessreviews", kSpaced, ""},
    {kAuthz, "selfsubjectaccessreviews", kCluster, ""},
    {kAuthz, "selfsubjectrulesreviews", kCluster, ""},
    {kAuthz, "subjectaccessreviews", kCluster, ""},
    {"autoscaling", "horizontalpodautoscalers", kSpaced, "status"},
    {"batch", "cronjobs", kSpaced, "status"},
    {"batch", "jobs", kSpaced, "status"},
    {"certificates.k8s.io", "certificatesigningrequests", kCluster, "approval status"},
    {"coordination.k8s.io", "leases", kSpaced, ""},
    {"discovery.k8s.io", "endpointslices", kSpaced, ""},
    {"events.k8s.io", "events", kSpaced, ""},
    {kFlow, "flowschemas", kCluster, "status"},
    {kFlow, "prioritylevelconfigurations", kCluster, "status"},
    {kNetworking, "ingressclasses", kCluster, ""},
    {kNetworking, "ingresses", kSpaced, "status"},
    {kNetworking, "networkpolicies", kSpaced, "status"},
    {"node.k8s.io", "runtimeclasses", kCluster, ""},
    {"policy", "poddisruptionbudgets", kSpaced, "status"},
    {kRbac, "clusterrolebindings", kCluster, ""},
    {kRbac, "clusterroles", kCluster, ""},
    {kRbac, "rolebindings", kSpaced, ""},
    {kRbac, "roles", kSpaced, ""},
    {"scheduling.k8s.io", "priorityclasses", kCluster, ""},
    {kStorage, "csidrivers", kCluster, ""},
    {kStorage, "csinodes", kCluster, ""},
    {kStorage, "csistoragecapacities", kSpaced, ""},
    {kStorage, "storageclasses", kCluster, ""},
    {kStorage, "volumeattachments", kCluster, "status"},
};

}  // namespace

std::span<const BuiltIn> built_in_resources() { return kBuiltIns; }

const BuiltIn* find_built_in(std::string_view resource) {
  const auto* const found =
      std::find_if(std::begin(kBuiltIns), std::end(kBuiltIns),
                   [&](const BuiltIn& one) { return one.resource == resource; });
  return found == std::end(kBuiltIns) ? nullptr : found;
}

bool is_built_in(std::string_view group, std::string_view resource) {
  return std::any_of(std::begin(kBuiltIns), std::end(kBuiltIns), [&](const BuiltIn& one) {
    return one.group == group && one.resource == resource;
  });
}

bool is_built_in_group(std::string_view group) {
  return std::any_of(std::begin(kBuiltIns), std::end(kBuiltIns),
                     [&](const BuiltIn& one) { return one.group == group; });
}

}  // namespace tiercel::analyse
