#pragma once

#include <map>
#include <string>
#include <string_view>

#include "tiercel/config/settings.h"

namespace tiercel::app {

/// How the outputs of the daemon that runs with these settings are, by name, each in a few words;
/// empty where none answers on its port.
[[nodiscard]] std::map<std::string, std::string> running_outputs(const config::Settings& settings);

/// The same from what GET /outputs answered.
[[nodiscard]] std::map<std::string, std::string> output_words(std::string_view json);

}  // namespace tiercel::app
