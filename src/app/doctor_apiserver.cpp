#include <optional>

#include <unistd.h>

#include "doctor.h"
#include "doctor_kubeconfig.h"
#include "doctor_manifest.h"

namespace tiercel::app {

namespace {

constexpr const char* kKubeadmManifest = "/etc/kubernetes/manifests/kube-apiserver.yaml";

}  // namespace

std::string examine_apiserver(const DoctorOptions& options, const config::Settings& settings,
                              Findings& findings) {
  std::string manifest_path = options.manifest;
  if (manifest_path.empty() && ::access(kKubeadmManifest, R_OK) == 0) {
    manifest_path = kKubeadmManifest;
  }
  std::optional<Manifest> manifest;
  std::string kubeconfig = options.kubeconfig;
  std::string policy;
  if (manifest_path.empty()) {
    findings.not_checked("manifest", "kube-apiserver's flags and mounts",
                         "name its manifest with --manifest, on a control-plane host");
  } else {
    manifest = Manifest::read(manifest_path, findings);
  }
  if (manifest) {
    policy = examine_file_flag(*manifest, "audit-policy-file", findings);
    const bool posts = !manifest->flag("audit-webhook-config-file").empty();
    if (posts || !settings.file_source.enabled) {
      const std::string from_flag =
          examine_file_flag(*manifest, "audit-webhook-config-file", findings);
      kubeconfig = kubeconfig.empty() ? from_flag : kubeconfig;
      examine_batching(*manifest, findings);
    } else {
      examine_log(*manifest, settings.file_source, findings);
      if (kubeconfig.empty()) {
        return policy;  // nothing is meant to be posted
      }
    }
  }
  if (kubeconfig.empty()) {
    findings.not_checked("kubeconfig", "where kube-apiserver posts to",
                         "name the file of --audit-webhook-config-file with --kubeconfig");
    return policy;
  }
  examine_kubeconfig(kubeconfig, manifest ? &*manifest : nullptr, settings, findings);
  return policy;
}

}  // namespace tiercel::app
