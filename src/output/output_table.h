#pragma once

#include "tiercel/output/output.h"

namespace tiercel::output {

// Each is defined at the end of its own file and listed once, in registry.cpp.
extern const OutputType kFileOutput;
extern const OutputType kStdoutOutput;

}  // namespace tiercel::output
