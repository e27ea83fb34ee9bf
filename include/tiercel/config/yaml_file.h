#pragma once

#include <string>

#include "tiercel/base/error.h"
#include "tiercel/config/node.h"

namespace tiercel::config {

/// The first document of a YAML file that is not ours: a kubeconfig, a manifest. The same limits as
/// for a configuration; no environment variables.
[[nodiscard]] base::Result<Node> read_yaml_file(const std::string& path);

}  // namespace tiercel::config
