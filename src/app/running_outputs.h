#pragma once

#include <map>
#include <string>
#include <string_view>

#include "tiercel/config/settings.h"

namespace tiercel::app {

struct RunningOutputs {
  std::map<std::string, std::string> words;  ///< by the output's name
  std::string problem;  ///< "no daemon answers on …"; empty where one has, or none is to be asked
};
/// How the outputs of the daemon that runs with these settings are, each in a few words.
[[nodiscard]] RunningOutputs running_outputs(const config::Settings& settings);

/// The same from what GET /outputs answered.
[[nodiscard]] std::map<std::string, std::string> output_words(std::string_view json);

}  // namespace tiercel::app
