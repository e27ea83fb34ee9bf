#pragma once

#include <memory>

#include "tiercel/config/output_settings.h"
#include "tiercel/output/output.h"

namespace tiercel::output {

/// The kinds of output as the configuration needs to know them.
[[nodiscard]] std::shared_ptr<const config::OutputKinds> config_kinds();

/// Null where there is none of that name.
[[nodiscard]] const OutputType* find_output_type(std::string_view name);

}  // namespace tiercel::output
