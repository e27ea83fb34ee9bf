#pragma once

#include <string>

#include <nlohmann/json.hpp>

namespace tiercel::app {

/// Of what GET /status answered: a line for each apiserver that something is or was wrong with,
/// what the apiservers' own counters say is missing, and a line for each whose counters tell of
/// losses or cannot be read. Empty where nothing is; bounded, so that `tiercel status` stays one
/// screen.
[[nodiscard]] std::string blind_lines(const nlohmann::ordered_json& status);

}  // namespace tiercel::app
