#include "tiercel/app/run.h"

#include <cstdio>
#include <exception>
#include <string>

#include <CLI/CLI.hpp>

#include "command_line.h"
#include "completion.h"
#include "options.h"
#include "version.h"

namespace tiercel::app {

namespace {

int dispatch(CommandLine& line) {
  if (line.version) {
    std::fputs(version_text().c_str(), stdout);
    return kSuccess;
  }
  switch (line.chosen) {
    case Command::kRun:
      if (const auto done = informational(line.run.common, false)) {
        return *done;
      }
      return run_command(line.run);
    case Command::kCheck:
      if (const auto done = informational(line.check.common, line.check.json)) {
        return *done;
      }
      return check_command(line.check);
    case Command::kReplay:
      if (const auto done = informational(line.replay.common, line.replay.json)) {
        return *done;
      }
      return replay_command(line.replay);
    case Command::kFields:
      return fields_command(line.fields);
    case Command::kOperators:
      return operators_command(line.operators);
    case Command::kRules:
      return rules_command(line.rules);
    case Command::kConfig:
      return config_command(line.config);
    case Command::kCompletion:
      return print_completion(line.app, line.shell);
    case Command::kNone:
      break;
  }
  return kUsage;
}

}  // namespace

int run(int argc, char** argv) {
  try {
    CommandLine line;
    if (const auto status = line.parse(argc, argv)) {
      return *status;
    }
    return dispatch(line);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "Error: %s\n", error.what());
    return kError;
  }
}

}  // namespace tiercel::app
