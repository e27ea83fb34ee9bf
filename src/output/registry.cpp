#include <array>

#include "output_table.h"

namespace tiercel::output {

namespace {
// In the order of the manual: this host, then one peer, then chat and paging, then queues.
constexpr std::array kOutputs{&kStdoutOutput,       &kFileOutput,          &kJournaldOutput,
                              &kSyslogOutput,       &kProgramOutput,       &kHttpOutput,
                              &kAlertmanagerOutput, &kElasticsearchOutput, &kLokiOutput,
                              &kSplunkHecOutput,    &kDatadogOutput,       &kSlackOutput,
                              &kTeamsOutput,        &kDiscordOutput,       &kMattermostOutput,
                              &kPagerdutyOutput,    &kKafkaOutput,         &kNatsOutput};
}  // namespace

std::span<const OutputType* const> output_types() { return kOutputs; }

}  // namespace tiercel::output
