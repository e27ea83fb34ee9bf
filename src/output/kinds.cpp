#include "tiercel/output/kinds.h"

#include <algorithm>

namespace tiercel::output {

namespace {

config::OutputKind kind_of(const OutputType& type) {
  config::OutputKind kind;
  kind.name = type.name;
  kind.doc = type.doc;
  kind.falco_section = type.falco_section;
  kind.is_json = type.is_json;
  // An OutputOptions all the way, so that what comes back as void* is one.
  kind.new_options = [&type]() -> std::shared_ptr<void> {
    const std::shared_ptr<OutputOptions> options = type.new_options();
    return {options, options.get()};
  };
  kind.describe = [&type](config::Schema& schema, const std::string& section, void* options) {
    type.describe(schema, section, *static_cast<OutputOptions*>(options));
  };
  return kind;
}

}  // namespace

std::shared_ptr<const config::OutputKinds> config_kinds() {
  auto kinds = std::make_shared<config::OutputKinds>();
  for (const OutputType* const type : output_types()) {
    kinds->push_back(kind_of(*type));
  }
  return kinds;
}

const OutputType* find_output_type(std::string_view name) {
  const auto types = output_types();
  const auto type = std::find_if(types.begin(), types.end(),
                                 [name](const OutputType* one) { return one->name == name; });
  return type == types.end() ? nullptr : *type;
}

}  // namespace tiercel::output
