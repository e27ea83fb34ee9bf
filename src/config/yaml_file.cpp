#include "tiercel/config/yaml_file.h"

#include <filesystem>
#include <fstream>
#include <utility>

#include "tiercel/config/reporter.h"
#include "tiercel/config/yaml.h"

namespace tiercel::config {

base::Result<std::string> read_text_file(const std::string& path) {
  std::error_code ignored;
  std::ifstream file(path, std::ios::binary);
  // A folder can be opened, and has no text.
  if (!file || std::filesystem::is_directory(path, ignored)) {
    return base::Error{"file_unreadable", "cannot be read", path};
  }
  std::string content(kMaxFileBytes + 1, '\0');
  file.read(content.data(), static_cast<std::streamsize>(content.size()));
  content.resize(static_cast<std::size_t>(file.gcount()));
  if (file.bad()) {
    return base::Error{"file_unreadable", "cannot be read", path};
  }
  if (content.size() > kMaxFileBytes) {
    return base::Error{"file_too_large", "is larger than 1 MiB", path};
  }
  return {boost::system::in_place_value, std::move(content)};
}

base::Result<Node> read_yaml_file(const std::string& path) {
  auto content = read_text_file(path);
  if (!content) {
    return content.error();
  }
  Sources sources;
  const std::uint32_t source = sources.add({path, std::move(*content)});
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
