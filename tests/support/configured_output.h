#pragma once

#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include "tiercel/config/schema.h"
#include "tiercel/output/output.h"

namespace tiercel::support {

/// An option's text as YAML would give it. One that ends a line is a block: of a list, "- item", or
/// of a map, "name: value".
inline config::Node option_node(const std::string& text, const config::Place& place) {
  config::Node node;
  node.place = place;
  node.kind = config::Node::Kind::kScalar;
  node.text = text;
  if (!text.ends_with('\n')) {
    return node;
  }
  node.text.clear();
  node.kind = text.starts_with("- ") ? config::Node::Kind::kSequence : config::Node::Kind::kMap;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (node.is_sequence()) {
      node.items.push_back(option_node(line.substr(2), place));
    } else {
      const std::size_t colon = line.find(": ");
      node.members.push_back(
          {line.substr(0, colon), place, option_node(line.substr(colon + 2), place)});
    }
  }
  return node;
}

/// An output made from texts as they would stand in the configuration, not opened yet.
inline std::unique_ptr<output::Output> configured_output(
    const output::OutputType& type, const std::vector<std::pair<std::string, std::string>>& options,
    const output::OutputContext& context) {
  const std::shared_ptr<output::OutputOptions> values = type.new_options();
  config::Schema schema;
  type.describe(schema, "it", *values);
  config::Sources sources;
  const std::uint32_t source = sources.add({"test", "", false});
  base::Diagnostics diagnostics;
  config::Reporter reporter(sources, diagnostics);
  for (const auto& [name, text] : options) {
    const config::Option* const option = schema.find("it." + name);
    if (option == nullptr) {
      ADD_FAILURE() << "no option " << name;
      continue;
    }
    // A list's elements stand between commas, or in a block.
    auto* const list = std::get_if<std::vector<std::string>*>(&option->target());
    if (list != nullptr && !text.ends_with('\n')) {
      (*list)->clear();
      std::istringstream elements(text);
      for (std::string element; std::getline(elements, element, ',');) {
        (*list)->push_back(element);
      }
      continue;
    }
    config::Place place;
    place.source = source;
    const config::Node node = option_node(text, place);
    EXPECT_TRUE(option->read(node, reporter)) << name << ": " << base::to_text(diagnostics);
  }
  return type.make(*values, context);
}

}  // namespace tiercel::support
