#include <nlohmann/json.hpp>

#include "tiercel/config/print.h"

#include "falco_keys.h"

namespace tiercel::config {

namespace {

using Json = nlohmann::ordered_json;

// A value that an environment variable stands for.
Json environment_text() { return {{"$ref", "#/definitions/environment"}}; }

struct TypeSchema {
  const Option& option;

  [[nodiscard]] Json or_environment(Json type) const {
    return {{"anyOf", Json::array({std::move(type), environment_text()})}};
  }
  Json operator()(const bool* /*value*/) const { return or_environment({{"type", "boolean"}}); }
  Json operator()(const std::uint32_t* /*value*/) const {
    Json type = {{"type", "integer"}, {"minimum", option.low().value_or(0)}};
    if (option.high()) {
      type["maximum"] = *option.high();
    }
    return or_environment(std::move(type));
  }
  Json operator()(const std::string* /*value*/) const { return {{"type", "string"}}; }
  Json operator()(const base::ByteSize* /*value*/) const {
    return {{"$ref", "#/definitions/size"}};
  }
  Json operator()(const std::chrono::milliseconds* /*value*/) const {
    return {{"$ref", "#/definitions/duration"}};
  }
  Json operator()(const std::vector<std::string>* /*value*/) const {
    return {{"type", Json::array({"array", "string", "null"})}, {"items", {{"type", "string"}}}};
  }
  Json operator()(const TextPairs* /*value*/) const {
    return {
        {"type", Json::array({"object", "null"})},
        {"additionalProperties", {{"type", Json::array({"string", "number", "boolean", "null"})}}}};
  }
  Json operator()(const Choice& choice) const {
    if (!choice.any_case) {
      return or_environment({{"enum", choice.names}});
    }
    std::string pattern;
    for (const std::string& name : choice.names) {
      pattern += pattern.empty() ? "" : "|";
      for (const char c : name) {
        pattern += '[';
        pattern += c;
        pattern += static_cast<char>(c - 'a' + 'A');
        pattern += ']';
      }
    }
    Json type = {{"type", "string"}, {"pattern", "^(" + pattern + ")$"}};
    return or_environment(std::move(type));
  }
  Json operator()(const Custom& custom) const {
    return Json::parse(custom.json_schema, nullptr, false);
  }
};

Json option_schema(const Option& option) {
  Json out = {{"description", option.sentence()}};
  Json type = std::visit(TypeSchema{option}, option.target());
  out.update(type);
  Json value = Json::parse(option.value_json(), nullptr, false);
  if (!value.is_null() && !option.is_secret()) {
    out["default"] = std::move(value);
  }
  if (option.stability() == Stability::kDeprecated) {
    out["deprecated"] = true;
  }
  return out;
}

// The properties of the section that `path`'s parents name, made where missing.
Json& place_for(Json& root, std::string_view path) {
  Json* object = &root;
  for (std::size_t dot = path.find('.'); dot != std::string_view::npos; dot = path.find('.')) {
    Json& section = (*object)["properties"][std::string(path.substr(0, dot))];
    if (!section.contains("type")) {
      section["type"] = Json::array({"object", "null"});
      section["properties"] = Json::object();
      section["additionalProperties"] = false;
    }
    object = &section;
    path.remove_prefix(dot + 1);
  }
  return (*object)["properties"][std::string(path)];
}

// Entries of `outputs` have names of the operator's choice; which options they have, their
// type says.
void open_outputs(Json& root) {
  if (!root["properties"].contains("outputs")) {
    return;
  }
  Json& outputs = root["properties"]["outputs"];
  Json kinds = Json::array();
  for (auto& [name, kind] : outputs["properties"].items()) {
    kind["required"] = Json::array({"type"});
    kinds.push_back(std::move(kind));
  }
  outputs["properties"] = Json::object();
  outputs["description"] = "Any number of outputs, each under a name of its own.";
  outputs["additionalProperties"] = {{"oneOf", std::move(kinds)}};
}

bool has_row_above(std::string_view path) {
  for (std::size_t dot = path.find('.'); dot != std::string_view::npos;
       dot = path.find('.', dot + 1)) {
    if (find_falco_key(path.substr(0, dot)) != nullptr) {
      return true;
    }
  }
  return false;
}

}  // namespace

std::string json_schema(const Schema& schema) {
  Json root = {{"$schema", "http://json-schema.org/draft-07/schema#"},
               {"title", "Configuration of tiercel"},
               {"type", "object"},
               {"properties", Json::object()},
               {"additionalProperties", false}};
  for (const Option& option : schema.options()) {
    place_for(root, option.path()) = option_schema(option);
    const std::string sentence = schema.section_sentence(option.section());
    if (!option.section().empty() && !sentence.empty()) {
      place_for(root, option.section())["description"] = sentence;
    }
  }
  open_outputs(root);
  for (const FalcoKey& key : falco_keys()) {
    if (key.treatment != Treatment::kRefused && !has_row_above(key.path)) {
      place_for(root, key.path) = {{"description", "A key of Falco without effect here."}};
    }
  }
  root["definitions"] = {{"environment", {{"type", "string"}, {"pattern", "\\$\\{"}}},
                         {"size",
                          {{"type", Json::array({"integer", "string"})},
                           {"minimum", 0},
                           {"pattern", "^ *[0-9]+ *(B|kB|KB|MB|GB|KiB|MiB|GiB)?$|\\$\\{"}}},
                         {"duration",
                          {{"type", Json::array({"integer", "string"})},
                           {"minimum", 0},
                           {"pattern", "^([0-9]+(d|h|m|s|ms))+$|\\$\\{"}}}};
  return root.dump(2, ' ', false, Json::error_handler_t::replace);
}

}  // namespace tiercel::config
