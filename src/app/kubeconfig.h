#pragma once

#include <string>
#include <vector>

#include "options.h"

namespace tiercel::app {

/// What kube-apiserver would refuse of it, or take and then never deliver; each says what to do.
[[nodiscard]] std::vector<std::string> kubeconfig_problems(const KubeconfigOptions& options);

/// The file that --audit-webhook-config-file names. REQUIRES: no problems.
[[nodiscard]] std::string kubeconfig_text(const KubeconfigOptions& options);

}  // namespace tiercel::app
