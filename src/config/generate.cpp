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

std::string config_reference() {
  Settings settings;
  return reference_yaml(describe(settings));
}

std::string config_schema_json() {
  Settings settings;
  return json_schema(describe(settings));
}

std::string config_effective(const Loaded& loaded) {
  Settings settings = loaded.settings;
  return effective_yaml(describe(settings), loaded.origins);
}

base::Result<void> generate_docs(const std::string& folder) {
  const std::filesystem::path top(folder);
  if (base::Result<void> written = write_file(top / "reference.yaml", config_reference());
      !written) {
    return written;
  }
  if (base::Result<void> written = write_file(top / "schema.json", config_schema_json() + "\n");
      !written) {
    return written;
  }
  return write_file(top / "README.md", config_markdown());
}

}  // namespace tiercel::config
