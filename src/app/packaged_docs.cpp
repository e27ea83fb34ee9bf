#include "packaged_docs.h"

#include <fstream>
#include <string>
#include <utility>

#include "tiercel/config/print.h"
#include "tiercel/output/kinds.h"

#include "completion.h"
#include "man_page.h"

namespace tiercel::app {

namespace fs = std::filesystem;

base::Result<void> write_packaged_docs(const fs::path& top, const CLI::App& tree) {
  const std::pair<const char*, std::string> files[] = {
      {"packaging/man/tiercel.8", man_page(tree)},
      {"packaging/man/tiercel.yaml.5",
       config_man_page(config::config_reference(output::config_kinds()))},
      {"packaging/completion/tiercel.bash", completion_script(tree, "bash")},
      {"packaging/completion/_tiercel", completion_script(tree, "zsh")},
      {"packaging/completion/tiercel.fish", completion_script(tree, "fish")},
  };
  for (const auto& [name, text] : files) {
    const fs::path path = top / name;
    std::error_code error;
    fs::create_directories(path.parent_path(), error);
    std::ofstream out(path, std::ios::binary | std::ios::trunc);
    out << text;
    out.close();
    if (!out) {
      return base::Error{"write_failed", "cannot write the file", path.string()};
    }
  }
  return {};
}

}  // namespace tiercel::app
