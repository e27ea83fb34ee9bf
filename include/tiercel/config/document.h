#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tiercel/base/diagnostic.h"
#include "tiercel/config/node.h"

namespace tiercel::config {

/// Looks up an environment variable; a plain function so that tests need no setenv.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;
[[nodiscard]] Environment process_environment();

/// A configuration as written: one tree merged from the main file, the files that
/// `config_files` names, and the words of `-o`. The root is always a map.
struct Document {
  Sources sources;
  Node root;
  std::vector<std::string> files;  ///< read, in order; the main file first
};

/// What to read. With `content` the main file is not opened (`path` names it only).
struct DocumentRequest {
  std::string path;
  std::optional<std::string> content;
  std::vector<std::string> overrides;  ///< the words after `-o`, in order
  Environment environment = process_environment();
};

/// Reads and merges. What can be read is in the result even when there are errors,
/// so that one run reports every mistake.
///
/// DIFFERS FROM FALCO: duplicate keys are errors; texts are expanded once, so that a
/// variable that holds its own reference ends; blanks around the `=` of `-o` are
/// trimmed; an index past the end of a list is an error.
[[nodiscard]] Document read_document(const DocumentRequest& request,
                                     base::Diagnostics& diagnostics);

/// Whether a file of this name in a folder of `config_files` is read. DIFFERS FROM FALCO: what an
/// editor keeps beside the file that it edits (.NAME.swp, NAME~) is not.
[[nodiscard]] bool is_include_name(std::string_view name);

/// One text with environment variables put in: `${NAME}` becomes the value or
/// nothing, `$${NAME}` the text `${NAME}`; any other `$` ends the expansion, as in
/// Falco. `suspicious` is set where `${{` occurs, which expands to `}`.
struct Expansion {
  std::string text;
  bool suspicious = false;
};
[[nodiscard]] Expansion expand_environment(std::string_view text, const Environment& environment);

}  // namespace tiercel::config
