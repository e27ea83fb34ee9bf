#include <cstdio>

#include <nlohmann/json.hpp>

#include "tiercel/base/one_line.h"
#include "tiercel/base/units.h"

#include "installed_config.h"
#include "options.h"
#include "running_daemon.h"

namespace tiercel::app {

namespace {

using Change = RulesOptions::Change;

int fail(const std::string& text) {
  std::fprintf(stderr, "Error: %s\n", text.c_str());
  return kError;
}

// One row a rule: until when, its name.
std::string listing(const std::string& body) {
  const auto json = nlohmann::json::parse(body, nullptr, false);
  std::string out;
  if (json.is_object() && json.contains("disabled") && json["disabled"].is_array()) {
    for (const auto& one : json["disabled"]) {
      out += "disabled until " + base::one_line(one.value("until", "")) + "  " +
             base::one_line(one.value("rule", "")) + "\n";
    }
  }
  return out.empty() ? "no rule is disabled for a while\n" : out;
}

DaemonAnswer tell(const RulesOptions& options, const config::Settings& settings,
                  std::chrono::seconds time) {
  nlohmann::json body{{"rule", options.name}};
  if (options.change == Change::kEnable) {
    return tell_daemon(settings, "/rules/enable", body.dump());
  }
  body["seconds"] = time.count();
  return tell_daemon(settings, "/rules/disable", body.dump());
}

}  // namespace

int rule_change_command(const RulesOptions& options) {
  const auto time = base::parse_duration(options.time);
  if (options.change == Change::kDisable && !time) {
    std::fprintf(stderr, "--for %s: %s\n", options.time.c_str(), time.error().message.c_str());
    return kUsage;
  }
  base::Diagnostics diagnostics;
  const config::Loaded loaded =
      load_config(with_installed_config(options.common), config::Purpose::kOffline, diagnostics);
  print_diagnostics(diagnostics);
  if (diagnostics.has_errors()) {
    return kError;
  }
  const DaemonAnswer answer =
      options.change == Change::kList
          ? ask_daemon(loaded.settings, "/rules/disabled")
          : tell(options, loaded.settings,
                 time ? std::chrono::duration_cast<std::chrono::seconds>(*time)
                      : std::chrono::seconds(0));
  if (answer.asked.empty()) {
    return fail(
        "this configuration has no way to tell a daemon: set admin.enabled and admin.socket, and "
        "restart tiercel");
  }
  if (!answer.body) {
    return fail(answer.is_refusal ? answer.problem : no_answer_text(answer));
  }
  return print(options.json ? *answer.body : listing(*answer.body));
}

}  // namespace tiercel::app
