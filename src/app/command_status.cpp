#include <cstdio>

#include <nlohmann/json.hpp>

#include "installed_config.h"
#include "options.h"
#include "running_daemon.h"
#include "status_text.h"

namespace tiercel::app {

namespace {

bool is_ready(const std::string& body) {
  const auto status = nlohmann::json::parse(body, nullptr, false);
  return status.is_object() && status.contains("ready") && status["ready"] == true;
}

}  // namespace

int status_command(const StatusOptions& options) {
  base::Diagnostics diagnostics;
  const config::Loaded loaded =
      load_config(with_installed_config(options.common), config::Purpose::kOffline, diagnostics);
  if (diagnostics.has_errors() || diagnostics.count(base::Severity::kWarning) != 0) {
    print_diagnostics(diagnostics);
  }
  if (diagnostics.has_errors()) {
    return kError;
  }
  const DaemonAnswer answer = ask_daemon(loaded.settings, "/status");
  if (answer.asked.empty()) {
    std::fputs(
        "Error: this configuration has no admin port that a daemon could be asked on "
        "(admin.enabled, admin.listen_port)\n",
        stderr);
    return kError;
  }
  const auto text = answer.body ? status_text(*answer.body) : std::nullopt;
  if (!text) {
    const std::string problem =
        answer.body ? answer.asked + " answers what no tiercel would" : no_answer_text(answer);
    std::fprintf(stderr, "%s\n", problem.c_str());
    return kError;
  }
  const int printed = print(options.json ? *answer.body : *text);
  return printed == kSuccess && !is_ready(*answer.body) ? kError : printed;
}

}  // namespace tiercel::app
