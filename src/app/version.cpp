#include "version.h"

#include <nlohmann/json.hpp>

namespace tiercel::app {

std::string version_json(std::string_view rules_hash) {
  nlohmann::ordered_json json{
      {"tiercel_version", kVersion},
      {"falco_version", kFalcoVersion},
      {"engine_version", "62"},
      {"engine_version_semver", kEngineVersion},
      {"plugin_versions", {{"k8saudit", "0.18.0"}, {"json", "0.7.4"}}},
  };
  if (!rules_hash.empty()) {
    json["rules_hash"] = rules_hash;
  }
  return json.dump();
}

std::string version_text() {
  return "tiercel " + std::string(kVersion) + "\nanswers as Falco " + std::string(kFalcoVersion) +
         ", engine " + std::string(kEngineVersion) + ", k8saudit 0.18.0, json 0.7.4\n";
}

}  // namespace tiercel::app
