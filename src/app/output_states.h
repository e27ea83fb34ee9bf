#pragma once

#include <map>
#include <optional>
#include <string>

#include "tiercel/config/settings.h"
#include "tiercel/store/feed.h"

namespace tiercel::app {

/// How far an output of the running daemon is.
struct OutputState {
  double delivered = 0;  ///< alerts, those told of in a group too
  double dead_letters = 0;
  store::Position cursor = 0;  ///< what is stored up to here is delivered, or given up
  bool is_failing = false;
  std::string error;
};
using OutputStates = std::map<std::string, OutputState>;

/// Nothing where the daemon does not answer as one should.
[[nodiscard]] std::optional<OutputStates> output_states(const config::Settings& settings);

}  // namespace tiercel::app
