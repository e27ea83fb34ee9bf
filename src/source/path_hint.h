#pragma once

#include <string>
#include <vector>

#include "tiercel/http/request.h"

namespace tiercel::source {

/// For a POST whose path looks like a mistyped or missing audit path: one sentence with
/// the kubeconfig line that sends the batches to the right place. Empty otherwise.
[[nodiscard]] std::string wrong_path_hint(const http::Request& request,
                                          const std::vector<std::string>& paths);

}  // namespace tiercel::source
