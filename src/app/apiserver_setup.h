#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "options.h"

namespace tiercel::app {

/// kubeadm, k3s, rke2, talos, kind.
[[nodiscard]] std::vector<std::string> distribution_names();

/// Files that an API server set up as setup_text says would not find; each says what to do.
/// REQUIRES: absolute paths.
[[nodiscard]] std::vector<std::string> setup_problems(const KubeconfigOptions& options);

/// How to give kube-apiserver the webhook, step by step, as comments of YAML.
[[nodiscard]] std::string setup_text(std::string_view distribution,
                                     const KubeconfigOptions& options);

}  // namespace tiercel::app
