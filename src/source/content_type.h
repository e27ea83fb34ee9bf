#pragma once

#include <string_view>

namespace tiercel::source {

/// False for a type that is plainly something else than a batch (a form, a web page, an
/// image). A missing, empty, malformed or unknown type is taken: it costs nothing, and
/// refusing a batch can hide an attack.
[[nodiscard]] bool may_be_batch(std::string_view content_type);

}  // namespace tiercel::source
