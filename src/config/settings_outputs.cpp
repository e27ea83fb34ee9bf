#include "families.h"

namespace tiercel::config {

namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;

}  // namespace

void describe_outputs(Schema& schema, Settings& settings) {
  Section<StdoutSettings> standard_output(schema, "stdout_output", settings.outputs.standard_output,
                                          "Alerts on the standard output, one a line.");
  standard_output
      .option("enabled", &StdoutSettings::enabled, "Write alerts to the standard output.")
      .in_reference("true");
  Section<FileSettings> file(schema, "file_output", settings.outputs.file,
                             "Alerts at the end of a file; SIGUSR1 reopens it after a rotation.");
  file.option("enabled", &FileSettings::enabled, "Append alerts to a file.");
  file.option("filename", &FileSettings::filename, "The file; it is made where it is not there.")
      .check([](std::string_view text) { return text.empty() ? "must not be empty" : ""; });
  file.option("keep_alive", &FileSettings::keep_alive,
              "Keep the file open between alerts instead of opening it for each write.");
  Section<OutputSettings> s(schema, "", settings.outputs);
  s.option("output_timeout", &OutputSettings::timeout,
           "An output that takes longer for a write is reported in the log; the write goes on.")
      .between(milliseconds(1), minutes(10))
      .bare_milliseconds();
}

}  // namespace tiercel::config
