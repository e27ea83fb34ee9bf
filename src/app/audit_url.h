#pragma once

#include <string>

#include "tiercel/config/settings.h"

namespace tiercel::app {

/// A batch that asks whether batches are taken: without events it alerts of nothing, and is
/// nobody's rhythm.
inline constexpr std::string_view kEmptyBatch =
    R"({"kind":"EventList","apiVersion":"audit.k8s.io/v1","metadata":{},"items":[]})";

/// Where this host reaches a listener: "https://127.0.0.1:8765/k8s_audit".
[[nodiscard]] std::string local_url(const config::Listener& listener, std::string_view path);
/// Where this host posts audit batches; empty where no fixed port takes them.
[[nodiscard]] std::string audit_url(const config::Settings& settings);

}  // namespace tiercel::app
