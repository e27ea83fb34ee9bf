#pragma once

#include <filesystem>

#include "tiercel/base/error.h"

namespace CLI {  // NOLINT(readability-identifier-naming): the library's own name
class App;
}

namespace tiercel::app {

/// Writes what packages carry and the program prints: the man pages and the completion scripts,
/// to packaging/man and packaging/completion below `top`. They stand in the tree, so that a
/// package for another architecture is built without running its binary.
[[nodiscard]] base::Result<void> write_packaged_docs(const std::filesystem::path& top,
                                                     const CLI::App& tree);

}  // namespace tiercel::app
