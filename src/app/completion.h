#pragma once

#include <string>
#include <string_view>

namespace CLI {  // NOLINT(readability-identifier-naming): the library's own name
class App;
}

namespace tiercel::app {

/// A completion script made from the tree of commands. `shell` is bash, zsh or fish.
[[nodiscard]] std::string completion_script(const CLI::App& tree, std::string_view shell);

}  // namespace tiercel::app
