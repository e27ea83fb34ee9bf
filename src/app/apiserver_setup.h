#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "options.h"

namespace tiercel::app {

/// kubeadm, k3s, rke2, talos, kind.
[[nodiscard]] std::vector<std::string> distribution_names();

/// How to give kube-apiserver the webhook, step by step, as comments of YAML.
[[nodiscard]] std::string setup_text(std::string_view distribution,
                                     const KubeconfigOptions& options);

}  // namespace tiercel::app
