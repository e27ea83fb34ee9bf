#include "tiercel/app/run.h"

#include "command_line.h"

namespace tiercel::app {

int run(int argc, char** argv) { return CommandLine().run(argc, argv); }

}  // namespace tiercel::app
