#include <nlohmann/json.hpp>

#include "tiercel/api/reports.h"

namespace tiercel::api {

// falcoctl and other tools read these to see whether rules and plugins fit.
std::string versions_json(const std::string& rules_hash) {
  nlohmann::ordered_json out;
  out["tiercel_version"] = TIERCEL_VERSION;
  out["falco_version"] = kFalcoVersion;
  out["libs_version"] = "0.0.0";
  out["plugin_api_version"] = "3.12.0";
  out["driver_api_version"] = "0.0.0";
  out["driver_schema_version"] = "0.0.0";
  out["default_driver_version"] = "0.0.0";
  out["engine_version"] = "62";
  out["engine_version_semver"] = kEngineVersion;
  out["plugin_versions"]["k8saudit"] = kPluginVersion;
  out["plugin_versions"]["json"] = "0.7.4";
  if (!rules_hash.empty()) {
    out["rules_hash"] = rules_hash;
  }
  return out.dump();
}

}  // namespace tiercel::api
