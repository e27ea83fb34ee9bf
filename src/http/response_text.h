#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "tiercel/base/metrics.h"
#include "tiercel/http/request.h"

namespace tiercel::http {

/// The head of an answer as it goes on the wire. `connection` is the value of that
/// header; empty leaves it out. Bytes that would end a header early are left out.
[[nodiscard]] std::string response_head(const Response& response, std::string_view connection);

/// What counts an answer of this status, which turned a request away; nothing for other statuses.
[[nodiscard]] std::optional<base::Metric> rejection_of(unsigned status);

}  // namespace tiercel::http
