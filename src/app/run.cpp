#include "tiercel/app/run.h"

#include <fcntl.h>
#include <unistd.h>

#include "command_line.h"
#include "options.h"

namespace tiercel::app {

namespace {

// What is opened first gets the lowest free number: were a standard stream closed, what is logged
// would be written into it. What stands in for the standard input cannot be read, so that who wants
// to is told.
bool open_standard_streams() {
  for (const int number : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(number, F_GETFD) < 0 && ::open("/dev/null", O_WRONLY) != number) {
      return false;
    }
  }
  return true;
}

}  // namespace

int run(int argc, char** argv) {
  return open_standard_streams() ? CommandLine().run(argc, argv) : kError;
}

}  // namespace tiercel::app
