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
    // A list's elements stand between commas.
    if (auto* const list = std::get_if<std::vector<std::string>*>(&option->target())) {
      (*list)->clear();
      std::istringstream elements(text);
      for (std::string element; std::getline(elements, element, ',');) {
        (*list)->push_back(element);
      }
      continue;
    }
    config::Node node;
    node.kind = config::Node::Kind::kScalar;
    node.text = text;
    node.place.source = source;
    EXPECT_TRUE(option->read(node, reporter)) << name << ": " << base::to_text(diagnostics);
  }
  return type.make(*values, context);
}

}  // namespace tiercel::support
