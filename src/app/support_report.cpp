#include "support_report.h"

#include <nlohmann/json.hpp>
#include <sys/utsname.h>

#include "tiercel/api/reports.h"
#include "tiercel/audit/decode.h"
#include "tiercel/config/print.h"

namespace tiercel::app {

std::string support_report(const CommonOptions& options, const config::Loaded& loaded) {
  nlohmann::ordered_json out;
  out["version"] = TIERCEL_VERSION;
  utsname system{};
  if (::uname(&system) == 0) {
    out["system_info"] = {{"sysname", system.sysname},
                          {"release", system.release},
                          {"version", system.version},
                          {"machine", system.machine},
                          {"nodename", system.nodename}};
  }
  out["system_info"]["json_kernel"] = audit::BatchDecoder::kernel();
  out["cmdline"] = options.command_line;
  out["engine_info"] = {{"engine_version", api::kEngineVersion}};
  out["config"] = config::config_effective(loaded);
  out["rules_files"] = nlohmann::ordered_json::array();
  base::Diagnostics ignored;
  const bool from_line = !options.rules.empty();
  for (const rules::RulesFile& file : rules::read_rules_files(
           from_line ? options.rules : loaded.settings.rules.files, false, ignored)) {
    nlohmann::ordered_json one;
    one["name"] = file.path;
    one["variants"] = nlohmann::ordered_json::array({{{"content", file.content}}});
    out["rules_files"].push_back(std::move(one));
  }
  return out.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace tiercel::app
