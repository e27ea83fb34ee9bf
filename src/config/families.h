#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tiercel/config/document.h"
#include "tiercel/config/node.h"
#include "tiercel/config/reporter.h"
#include "tiercel/config/schema.h"
#include "tiercel/config/settings.h"

namespace tiercel::config {

// The families of options, in the order of the manual. Private to the room.
void describe_files(Schema& schema, Settings& settings);
void describe_rules(Schema& schema, Settings& settings);
void describe_alerts(Schema& schema, Settings& settings);
void describe_outputs(Schema& schema, Settings& settings);
void describe_webserver(Schema& schema, Settings& settings);
void describe_admin(Schema& schema, Settings& settings);
/// What is wrong with an address to listen on, or nothing.
[[nodiscard]] std::string check_address(std::string_view text);
void describe_plugins(Schema& schema, Settings& settings);
void describe_limits(Schema& schema, Settings& settings);
void describe_quarantine(Schema& schema, Settings& settings);
void describe_routing(Schema& schema, Settings& settings);
void describe_store(Schema& schema, Settings& settings);
void describe_sources(Schema& schema, Settings& settings);

/// Makes an entry of `settings.outputs` for each of the document's `outputs`, so that
/// describe() knows their options.
void find_named_outputs(const Document& document, Settings& settings, Reporter& reporter);
void describe_log(Schema& schema, Settings& settings);

/// `append_output`, in a file of its own.
[[nodiscard]] Custom append_output_option(AlertSettings& alerts);

/// Reads `plugins` and `load_plugins` together: which entry receives, which are
/// ignored, which refused.
void resolve_plugins(const Node& root, Settings& settings, bool max_body_is_set,
                     Reporter& reporter);

}  // namespace tiercel::config
