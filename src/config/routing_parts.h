#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tiercel/config/node.h"
#include "tiercel/config/reporter.h"
#include "tiercel/config/routing_settings.h"

namespace tiercel::config {

// The parts of `routes` and `silences`. Private to the room.

/// One matcher as text, `name op "value"`; or several with commas between, braces around
/// them or not, as Alertmanager writes them. Returns what is wrong, or nothing.
[[nodiscard]] std::string parse_matchers(std::string_view text, std::vector<MatcherSettings>& out);

/// Reads the members `matchers` and `match` of a route or a silence.
void read_matchers(const Node& map, std::vector<MatcherSettings>& out, Reporter& reporter);

/// Reads `outputs`, or its synonyms `output` and `receiver`.
void read_output_names(const Node& map, std::vector<std::string>& out, Reporter& reporter);

/// A text or a list of texts, none of them empty. `what` names it in messages.
[[nodiscard]] std::vector<std::string> take_texts(const Node& node, std::string_view what,
                                                  Reporter& reporter);

/// Reads the list `silences`. `now` in nanoseconds since the epoch decides which have ended.
void read_silences(const Node& node, std::int64_t now, std::vector<SilenceSettings>& out,
                   Reporter& reporter);

/// "2026-01-02T03:04:05Z" as nanoseconds since the epoch.
[[nodiscard]] std::optional<std::int64_t> parse_rfc3339(std::string_view text);
[[nodiscard]] std::string rfc3339_text(std::int64_t nanoseconds);

/// One line of JSON that reads back as the same.
[[nodiscard]] std::string print_routes(const RoutingSettings& routing);
[[nodiscard]] std::string print_silences(const std::vector<SilenceSettings>& silences);

}  // namespace tiercel::config
