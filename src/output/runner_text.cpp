#include "runner_text.h"

namespace tiercel::output {

std::string duration_text(std::chrono::milliseconds duration) {
  using std::chrono::duration_cast;
  if (duration < std::chrono::seconds(2)) {
    return std::to_string(duration.count()) + " ms";
  }
  if (duration < std::chrono::minutes(2)) {
    return std::to_string(duration_cast<std::chrono::seconds>(duration).count()) + " s";
  }
  if (duration < std::chrono::hours(2)) {
    return std::to_string(duration_cast<std::chrono::minutes>(duration).count()) + " min";
  }
  return std::to_string(duration_cast<std::chrono::hours>(duration).count()) + " h";
}

}  // namespace tiercel::output
