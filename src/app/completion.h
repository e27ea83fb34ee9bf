#pragma once

#include <string>

#include <CLI/App.hpp>

namespace tiercel::app {

/// Prints a completion script made from the commands and options of `app`.
int print_completion(const CLI::App& app, const std::string& shell);

}  // namespace tiercel::app
