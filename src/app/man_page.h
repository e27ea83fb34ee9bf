#pragma once

#include <string>
#include <string_view>

namespace CLI {  // NOLINT(readability-identifier-naming): the library's own name
class App;
}

namespace tiercel::app {

/// tiercel(8), made from the tree of commands as `--help` is.
[[nodiscard]] std::string man_page(const CLI::App& tree);

/// tiercel.yaml(5): the commented reference of all options, word for word.
[[nodiscard]] std::string config_man_page(std::string_view reference);

}  // namespace tiercel::app
