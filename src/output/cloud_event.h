#pragma once

#include <string>
#include <utility>
#include <vector>

#include "tiercel/output/output.h"

namespace tiercel::output {

/// Appends the alert as a CloudEvent 1.0 in structured mode; its data is the alert.
void append_cloud_event(std::string& out, const Message& message);
/// The same event's attributes as the headers of binary mode.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> cloud_event_headers(
    const Message& message);

}  // namespace tiercel::output
