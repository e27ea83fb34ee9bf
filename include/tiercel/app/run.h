#pragma once

namespace tiercel::app {

/// The whole program: parses the command line, runs the command, returns its exit
/// status (0 success, 1 error, 2 wrong usage, 3 `replay --strict` with unreadable events).
[[nodiscard]] int run(int argc, char** argv);

}  // namespace tiercel::app
