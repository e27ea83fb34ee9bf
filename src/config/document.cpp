#include "tiercel/config/document.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "tiercel/config/reporter.h"
#include "tiercel/config/yaml.h"
#include "tiercel/config/yaml_file.h"

#include "merge.h"

namespace tiercel::config {

namespace {

namespace fs = std::filesystem;

// One entry of config_files.
struct Include {
  std::string path;
  std::string strategy = "append";
  Place place;
};

class DocumentReader {
 public:
  DocumentReader(const DocumentRequest& request, base::Diagnostics& diagnostics)
      : request_(request), reporter_(document_.sources, diagnostics) {}

  [[nodiscard]] Document read() {
    Node main = read_main();
    if (!main.is_map() && !main.is_null()) {
      reporter_.error(Code::kNotAMap, main.place,
                      "a configuration file must hold a map, not " + std::string(kind_text(main)));
      main = Node{};
    }
    document_.root = std::move(main);
    document_.root.kind = Node::Kind::kMap;
    std::vector<std::pair<std::string, Node>> overrides = read_overrides();
    for (auto& [key, value] : overrides) {
      if (key.starts_with("config_files")) {
        apply_override(document_.root, key, std::move(value), reporter_);
      }
    }
    for (const Include& include : includes()) {
      read_include(include);
    }
    for (auto& [key, value] : overrides) {
      if (!key.starts_with("config_files")) {
        apply_override(document_.root, key, std::move(value), reporter_);
      }
    }
    return std::move(document_);
  }

 private:
  // The file's text; reports what is wrong with it.
  std::optional<std::string> read_file(const std::string& path, Place place) {
    auto content = read_text_file(path);
    if (content) {
      return std::move(*content);
    }
    if (content.error().code == "file_too_large") {
      reporter_.error(Code::kFileTooLarge, place, "'" + path + "' is larger than 1 MiB");
    } else {
      reporter_.error(Code::kUnreadableFile, place, "cannot read '" + path + "'");
    }
    return std::nullopt;
  }

  Node parse(std::string name, std::string content) {
    const std::uint32_t source = document_.sources.add({name, std::move(content), false});
    document_.files.push_back(std::move(name));
    return parse_yaml(document_.sources, {source, &request_.environment, &nodes_}, reporter_);
  }

  Node read_main() {
    if (request_.content) {
      if (request_.content->size() > kMaxFileBytes) {
        const std::uint32_t source = document_.sources.add({request_.path, {}, false});
        reporter_.error(Code::kFileTooLarge, {source, 0, 0}, "larger than 1 MiB");
        return {};
      }
      return parse(request_.path, *request_.content);
    }
    const std::uint32_t source = document_.sources.add({request_.path, {}, false});
    std::optional<std::string> content = read_file(request_.path, {source, 0, 0});
    return content ? parse(request_.path, std::move(*content)) : Node{};
  }

  std::vector<std::pair<std::string, Node>> read_overrides() {
    std::vector<std::pair<std::string, Node>> overrides;
    for (const std::string& word : request_.overrides) {
      const std::uint32_t source = document_.sources.add({"-o " + word, {}, true});
      Override override;
      if (!split_override(word, {source, 0, 0}, override, reporter_)) {
        continue;
      }
      Node value;
      if (override.value.starts_with('{')) {
        const std::uint32_t map = document_.sources.add({"-o " + word, override.value, true});
        value = parse_yaml(document_.sources, {map, nullptr, &nodes_}, reporter_);
        if (!value.is_map()) {
          continue;  // reported by the parser
        }
      } else {
        value.kind = Node::Kind::kScalar;
        value.text = override.value;
      }
      value.place = {source, 0, 0};
      overrides.emplace_back(override.key, std::move(value));
    }
    return overrides;
  }

  [[nodiscard]] std::vector<Include> includes() {
    std::vector<Include> found;
    const Node* const list = document_.root.find("config_files");
    if (list == nullptr || list->is_null()) {
      return found;
    }
    if (list->is_scalar()) {
      return {{list->text, "append", list->place}};
    }
    if (!list->is_sequence()) {
      return found;  // the option's own check reports it
    }
    for (const Node& item : list->items) {
      Include include;
      include.place = item.place;
      const Node* const path = item.is_map() ? item.find("path") : &item;
      if (path == nullptr || !path->is_scalar()) {
        continue;  // as above
      }
      include.path = path->text;
      if (const Node* const strategy = item.find("strategy");
          strategy != nullptr && strategy->is_scalar()) {
        include.strategy = known_strategy(strategy->text, strategy->place, reporter_);
      }
      found.push_back(std::move(include));
    }
    return found;
  }

  void read_include(const Include& include) {
    std::error_code error;
    if (!fs::exists(include.path, error)) {
      return;  // as Falco: a drop-in folder need not be there
    }
    if (!fs::is_directory(include.path, error)) {
      merge_file(include.path, include);
      return;
    }
    std::vector<std::string> files;
    for (fs::directory_iterator at(include.path, error), end; !error && at != end;
         at.increment(error)) {
      if (is_include_name(at->path().filename().string()) && at->is_regular_file(error)) {
        files.push_back(at->path().string());
      }
    }
    if (error) {
      reporter_.error(Code::kUnreadableFile, include.place,
                      "cannot read the folder '" + include.path + "': " + error.message());
    }
    std::sort(files.begin(), files.end());
    for (const std::string& file : files) {
      merge_file(file, include);
    }
  }

  void merge_file(const std::string& path, const Include& include) {
    std::error_code error;
    if (!fs::is_regular_file(path, error)) {
      // A pipe or device would hold up the start.
      reporter_.error(Code::kBadInclude, include.place, "'" + path + "' is not a regular file");
      return;
    }
    if (fs::equivalent(path, request_.path, error)) {
      reporter_.error(Code::kBadInclude, include.place, "the main file cannot include itself");
      return;
    }
    if (std::optional<std::string> content = read_file(path, include.place)) {
      merge_include(document_.root, parse(path, std::move(*content)), include.strategy, reporter_);
    }
  }

  const DocumentRequest& request_;
  Document document_;
  Reporter reporter_;
  std::size_t nodes_ = 0;
};

}  // namespace

bool is_include_name(std::string_view name) {
  return !name.starts_with('.') && !name.ends_with('~');
}

Document read_document(const DocumentRequest& request, base::Diagnostics& diagnostics) {
  return DocumentReader(request, diagnostics).read();
}

}  // namespace tiercel::config
