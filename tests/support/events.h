#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "tiercel/audit/decode.h"

namespace tiercel::tests {

/// Decodes `body` and calls `visit` for each event in order. Events that cannot be
/// taken are counted in the result.
audit::DecodeCounts for_each_event(std::string_view body,
                                   const std::function<void(const audit::AuditEvent&)>& visit);

/// The lines of a file under tests/data, without their line ends.
[[nodiscard]] std::vector<std::string> data_lines(const std::string& name);
[[nodiscard]] std::string read_file(const std::string& path);

/// `base` with the members of `changes` set; a path may be dotted
/// ("objectRef.name"); JSON null as {"remove": true} is not needed: use remove_member.
[[nodiscard]] nlohmann::ordered_json with_member(nlohmann::ordered_json base,
                                                 const std::string& dotted_path,
                                                 const nlohmann::ordered_json& value);
[[nodiscard]] nlohmann::ordered_json without_member(nlohmann::ordered_json base,
                                                    const std::string& dotted_path);

}  // namespace tiercel::tests
