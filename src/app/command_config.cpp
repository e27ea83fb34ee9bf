#include <cstdio>
#include <filesystem>
#include <fstream>

#include "tiercel/alert/redactor.h"
#include "tiercel/api/metrics.h"
#include "tiercel/audit/field_reference.h"
#include "tiercel/config/print.h"
#include "tiercel/output/kinds.h"
#include "tiercel/output/names.h"

#include "installed_config.h"
#include "options.h"
#include "reference_text.h"

namespace tiercel::app {

namespace {

namespace fs = std::filesystem;

base::Result<void> write_text(const fs::path& path, const std::string& text) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out << text;
  out.close();
  if (!out) {
    return base::Error{"write_failed", "cannot write the file", path.string()};
  }
  return {};
}

// The files of the repository that are outputs of the program; a test compares them.
base::Result<void> write_docs(const fs::path& top) {
  std::error_code error;
  for (const char* const folder : {"config", "packaging", "rules"}) {
    fs::create_directories(top / folder, error);
    if (error) {
      return base::Error{"write_failed", "cannot create the folder: " + error.message(),
                         (top / folder).string()};
    }
  }
  if (auto written = config::generate_docs((top / "config").string(), output::config_kinds());
      !written) {
    return written;
  }
  audit::ReferenceOptions fields;
  fields.form = audit::ReferenceForm::kMarkdown;
  fields.since = true;
  if (auto written = write_text(top / "rules/fields.md",
                                "# Fields\n\nPrinted by `tiercel fields --markdown`.\n\n" +
                                    audit::field_reference(fields));
      !written) {
    return written;
  }
  if (auto written = write_text(top / "packaging/metrics.md",
                                "# Metrics\n\nWhat `GET /metrics` of the admin port gives; written "
                                "by `tiercel config --write-docs`.\n\n" +
                                    api::metrics_reference());
      !written) {
    return written;
  }
  if (auto written = write_text(top / "config/templates.md", output::template_reference());
      !written) {
    return written;
  }
  if (auto written = write_text(top / "rules/redaction.md", alert::redaction_reference());
      !written) {
    return written;
  }
  return write_text(top / "rules/operators.md",
                    "# Operators, modifiers, transformers\n\nPrinted by `tiercel operators "
                    "--markdown`.\n\n" +
                        language_markdown());
}

}  // namespace

int config_command(const ConfigOptions& options) {
  if (options.reference) {
    return print(config::config_reference(output::config_kinds()));
  }
  if (options.schema) {
    return print(config::config_schema_json(output::config_kinds()) + "\n");
  }
  if (options.markdown) {
    return print(config::config_markdown(output::config_kinds()));
  }
  if (!options.write_docs.empty()) {
    const auto written = write_docs(options.write_docs);
    if (!written) {
      std::fprintf(stderr, "Error: %s\n", written.error().text().c_str());
      return kError;
    }
    return kSuccess;
  }
  base::Diagnostics diagnostics;
  const config::Loaded loaded =
      load_config(with_installed_config(options.common), config::Purpose::kOffline, diagnostics);
  print_diagnostics(diagnostics);
  if (diagnostics.has_errors()) {
    return kError;
  }
  return print(config::config_effective(loaded));
}

}  // namespace tiercel::app
