#include "tiercel/config/yaml_file.h"

#include <fstream>
#include <iterator>

#include "tiercel/config/reporter.h"
#include "tiercel/config/yaml.h"

namespace tiercel::config {

base::Result<Node> read_yaml_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string content;
  if (file) {
    content.resize(kMaxFileBytes + 1);
    file.read(content.data(), static_cast<std::streamsize>(content.size()));
    content.resize(static_cast<std::size_t>(file.gcount()));
  }
  if (!file.is_open() || file.bad()) {
    return base::Error{"file_unreadable", "cannot be read", path};
  }
  if (content.size() > kMaxFileBytes) {
    return base::Error{"file_too_large", "is larger than 1 MiB", path};
  }
  Sources sources;
  const std::uint32_t source = sources.add({path, std::move(content)});
  base::Diagnostics diagnostics;
  Reporter reporter(sources, diagnostics);
  std::size_t nodes = 0;
  Node root = parse_yaml(sources, {source, nullptr, &nodes}, reporter);
  if (diagnostics.has_errors()) {
    const base::Diagnostic& first = diagnostics.list().front();
    return base::Error{"bad_yaml",
                       "line " + std::to_string(first.location.line) + ": " + first.message, path};
  }
  return root;
}

}  // namespace tiercel::config
