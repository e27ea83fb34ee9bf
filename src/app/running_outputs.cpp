#include "running_outputs.h"

#include <utility>

#include <nlohmann/json.hpp>

#include "checked_json.h"
#include "running_daemon.h"

namespace tiercel::app {

namespace {

using Json = nlohmann::json;

bool is_set(const Json& one, const char* name) { return member(one, name).is_number(); }

std::string seconds(const Json& one, const char* name) {
  return std::to_string(number(one, name)) + " s";
}

std::string words_of(const Json& one) {
  std::string words = std::to_string(number(one, "delivered")) + " delivered, " +
                      std::to_string(number(one, "lag_alerts")) + " waiting";
  if (is_set(one, "lag_seconds")) {
    words += " for up to " + seconds(one, "lag_seconds");
  }
  if (is_set(one, "in_delivery_seconds")) {
    words += ", in delivery for " + seconds(one, "in_delivery_seconds");
  }
  if (is_set(one, "failing_seconds")) {
    words += ", failing for " + seconds(one, "failing_seconds");
  }
  if (is_set(one, "next_try_seconds")) {
    words += ", next try in " + seconds(one, "next_try_seconds");
  }
  for (const auto& [name, text] :
       {std::pair{"open_groups", " groups open"}, std::pair{"dead_lettered", " dead letters"},
        std::pair{"dropped", " lost"}}) {
    if (const std::uint64_t count = number(one, name); count != 0) {
      words += ", " + std::to_string(count) + text;
    }
  }
  if (const std::string error = text(one, "last_error"); !error.empty()) {
    words += ": " + error;
  }
  return words;
}

}  // namespace

std::map<std::string, std::string> output_words(std::string_view json) {
  std::map<std::string, std::string> words;
  const Json all = Json::parse(json, nullptr, false);
  if (!all.is_array()) {
    return words;
  }
  for (const Json& one : all) {
    if (member(one, "name").is_string()) {
      words[one["name"].get<std::string>()] = words_of(one);
    }
  }
  return words;
}

RunningOutputs running_outputs(const config::Settings& settings) {
  RunningOutputs running;
  const DaemonAnswer answer = ask_daemon(settings, "/outputs");
  if (answer.body) {
    running.words = output_words(*answer.body);
  } else if (!answer.asked.empty()) {
    running.problem = no_answer_text(answer);
  }
  return running;
}

}  // namespace tiercel::app
