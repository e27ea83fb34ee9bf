#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tiercel/output/output.h"

namespace tiercel::output {

/// An alert's fields in the journal, each `NAME=value`, in `out`; an empty value makes no field.
void make_journal_entry(const Message& message, std::string_view identifier,
                        std::vector<std::string>& out);

}  // namespace tiercel::output
