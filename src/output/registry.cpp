#include <array>

#include "output_table.h"

namespace tiercel::output {

namespace {
// As in Falco: the file first, then standard output.
constexpr std::array<const OutputType*, 2> kOutputs{&kFileOutput, &kStdoutOutput};
}  // namespace

std::span<const OutputType* const> output_types() { return kOutputs; }

}  // namespace tiercel::output
