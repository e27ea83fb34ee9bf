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

/// The same for the settings of the program with these kinds of outputs.
using SharedKinds = std::shared_ptr<const OutputKinds>;
[[nodiscard]] std::string config_reference(const SharedKinds& kinds);
[[nodiscard]] std::string config_schema_json(const SharedKinds& kinds);
[[nodiscard]] std::string config_markdown(const SharedKinds& kinds);
[[nodiscard]] std::string config_effective(const Loaded& loaded);

/// Settings that show every kind: Falco's sections, and an entry of `outputs` named after
/// its kind for those that Falco does not have (`all`: for those too).
enum class Shown : std::uint8_t { kEachOnce, kAll };
[[nodiscard]] Settings settings_with_kinds(const SharedKinds& kinds, Shown shown);

/// Writes reference.yaml, schema.json and README.md into an existing folder.
[[nodiscard]] base::Result<void> generate_docs(const std::string& folder, const SharedKinds& kinds);

}  // namespace tiercel::config
