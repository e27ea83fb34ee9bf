#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tiercel::app {

/// One screen of what GET /status answered; nothing where it is no such answer.
[[nodiscard]] std::optional<std::string> status_text(std::string_view json);

}  // namespace tiercel::app
