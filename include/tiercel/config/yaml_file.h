#pragma once

#include <string>

#include "tiercel/base/error.h"
#include "tiercel/config/node.h"

namespace tiercel::config {

/// The text of a file, up to what a configuration may be long. Errors: "file_unreadable",
/// "file_too_large".
[[nodiscard]] base::Result<std::string> read_text_file(const std::string& path);

/// The first document of a YAML file that is not ours: a kubeconfig, a manifest. The same limits as
/// for a configuration; no environment variables.
[[nodiscard]] base::Result<Node> read_yaml_file(const std::string& path);

}  // namespace tiercel::config
