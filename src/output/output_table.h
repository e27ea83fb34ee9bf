#pragma once

#include "tiercel/output/output.h"

namespace tiercel::output {

// Each is defined at the end of its own file and listed once, in registry.cpp.
extern const OutputType kFileOutput;
extern const OutputType kStdoutOutput;
extern const OutputType kJournaldOutput;
extern const OutputType kSyslogOutput;
extern const OutputType kProgramOutput;
extern const OutputType kHttpOutput;
extern const OutputType kSlackOutput;
extern const OutputType kAlertmanagerOutput;
extern const OutputType kElasticsearchOutput;
extern const OutputType kLokiOutput;
extern const OutputType kPagerdutyOutput;
extern const OutputType kSplunkHecOutput;
extern const OutputType kTeamsOutput;
extern const OutputType kDatadogOutput;
extern const OutputType kDiscordOutput;
extern const OutputType kMattermostOutput;
extern const OutputType kKafkaOutput;
extern const OutputType kNatsOutput;

}  // namespace tiercel::output
