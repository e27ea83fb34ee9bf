#include <vector>

#include <unistd.h>

#include "descriptor.h"
#include "output_table.h"

namespace tiercel::output {

namespace {

struct StdoutOptions final : OutputOptions {};

void describe_stdout(config::Section<StdoutOptions>& /*section*/) {}

// Writes alerts to standard output, for a service manager or a terminal.
class StdoutOutput final : public Output {
 public:
  Delivery deliver(std::span<const Message> messages) override {
    chunks_.clear();
    for (const Message& message : messages) {
      chunks_.push_back(message.line);
    }
    std::size_t written = 0;
    const int error = write_chunks(STDOUT_FILENO, chunks_, written);
    if (error == 0) {
      return Delivery::delivered("written to standard output");
    }
    // What went out cannot be taken back; whole lines of it need not come again.
    return Delivery::again_from(whole_lines(chunks_, written), messages.size(),
                                write_error(error, "standard output"));
  }

 private:
  std::vector<std::string_view> chunks_;
};

std::unique_ptr<Output> make_stdout(const StdoutOptions& /*options*/,
                                    const OutputContext& /*context*/) {
  return std::make_unique<StdoutOutput>();
}

}  // namespace

const OutputType kStdoutOutput = output_type<StdoutOptions, &describe_stdout, &make_stdout>(
    {.name = "stdout",
     .doc = "Writes alerts to standard output, one a line.",
     .falco_section = "stdout_output",
     .is_json = false,
     .most_messages = 1000});

}  // namespace tiercel::output
