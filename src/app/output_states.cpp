#include "output_states.h"

#include <nlohmann/json.hpp>

#include "checked_json.h"
#include "running_daemon.h"

namespace tiercel::app {

std::optional<OutputStates> output_states(const config::Settings& settings) {
  using Json = nlohmann::json;
  const DaemonAnswer answer = ask_daemon(settings, "/outputs");
  const Json all = answer.body ? Json::parse(*answer.body, nullptr, false) : Json();
  if (!all.is_array()) {
    return std::nullopt;
  }
  OutputStates states;
  for (const Json& one : all) {
    const auto count = [&one](const char* name) { return static_cast<double>(number(one, name)); };
    OutputState& state = states[text(one, "name")];
    state.delivered = count("delivered") + count("grouped");
    state.dead_letters = count("dead_lettered") + count("dropped");
    state.cursor = number(one, "cursor");
    state.is_failing = member(one, "failing_seconds").is_number();
    state.error = text(one, "last_error");
  }
  return states;
}

}  // namespace tiercel::app
