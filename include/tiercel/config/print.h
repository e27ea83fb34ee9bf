#pragma once

#include <string>

#include "tiercel/base/error.h"
#include "tiercel/config/load.h"
#include "tiercel/config/schema.h"

namespace tiercel::config {

/// Every option with its meaning, default and bounds: a YAML file that can be started with.
[[nodiscard]] std::string reference_yaml(const Schema& schema);
/// JSON Schema (draft 7) for editors; indented by two, no newline at the end.
[[nodiscard]] std::string json_schema(const Schema& schema);
/// Tables of the options, section by section.
[[nodiscard]] std::string markdown_tables(const Schema& schema);
/// All values in force, one a line, each with its origin; secrets masked.
[[nodiscard]] std::string effective_yaml(const Schema& schema, const Origins& origins);

/// The same for the settings of the program.
[[nodiscard]] std::string config_reference();
[[nodiscard]] std::string config_schema_json();
[[nodiscard]] std::string config_markdown();
[[nodiscard]] std::string config_effective(const Loaded& loaded);

/// Writes reference.yaml, schema.json and README.md into an existing folder.
[[nodiscard]] base::Result<void> generate_docs(const std::string& folder);

}  // namespace tiercel::config
