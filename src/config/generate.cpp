#include <filesystem>
#include <fstream>

#include "tiercel/config/print.h"

namespace tiercel::config {

namespace {

base::Result<void> write_file(const std::filesystem::path& path, const std::string& content) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out << content;
  out.close();
  if (!out) {
    return base::Error{"write_failed", "cannot write the file", path.string()};
  }
  return {};
}

}  // namespace

Settings settings_with_kinds(const SharedKinds& kinds, Shown shown) {
  Settings settings;
  settings.outputs.use_kinds(kinds);
  for (const OutputKind& kind : *kinds) {
    if (kind.falco_section.empty() || shown == Shown::kAll) {
      NamedOutput output;
      output.name = kind.name;
      output.kind = kind.name;
      output.enabled = true;  // as an entry is where it does not say otherwise
      output.section = "outputs." + kind.name;
      output.options = kind.new_options();
      settings.outputs.list.push_back(std::move(output));
    }
  }
  return settings;
}

std::string config_reference(const SharedKinds& kinds) {
  Settings settings = settings_with_kinds(kinds, Shown::kEachOnce);
  return reference_yaml(describe(settings));
}

std::string config_schema_json(const SharedKinds& kinds) {
  Settings settings = settings_with_kinds(kinds, Shown::kAll);
  return json_schema(describe(settings));
}

std::string config_effective(const Loaded& loaded) {
  Settings settings = loaded.settings;
  return effective_yaml(describe(settings), loaded.origins);
}

base::Result<void> generate_docs(const std::string& folder, const SharedKinds& kinds) {
  const std::filesystem::path top(folder);
  if (base::Result<void> written = write_file(top / "reference.yaml", config_reference(kinds));
      !written) {
    return written;
  }
  if (base::Result<void> written =
          write_file(top / "schema.json", config_schema_json(kinds) + "\n");
      !written) {
    return written;
  }
  return write_file(top / "README.md", config_markdown(kinds));
}

}  // namespace tiercel::config
