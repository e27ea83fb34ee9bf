#include <unistd.h>

#include "descriptor.h"
#include "output_table.h"

namespace tiercel::output {

namespace {

// Writes alerts to standard output, for a service manager or a terminal.
class StdoutOutput final : public Output {
 public:
  base::Result<void> open() override { return {}; }
  base::Result<void> write(std::span<const std::string_view> chunks) override {
    std::size_t written = 0;
    const int error = write_chunks(STDOUT_FILENO, chunks, written);
    if (error != 0) {
      return write_error(error, "standard output");
    }
    return {};
  }
};

}  // namespace

const OutputType kStdoutOutput{
    .name = "stdout",
    .doc = "Writes alerts to standard output, one a line.",
    .enabled =
        [](const config::OutputSettings& settings) { return settings.standard_output.enabled; },
    .make = [](const config::OutputSettings& /*settings*/) -> std::unique_ptr<Output> {
      return std::make_unique<StdoutOutput>();
    }};

}  // namespace tiercel::output
