#pragma once

#include <algorithm>
#include <string>

#include "harness.h"

namespace tiercel::tests {

/// `tiercel alerts --follow` on a store that holds an alert already; what it prints goes to files.
class Follower {
 public:
  Follower(const std::string& store, std::string out)
      : out_(std::move(out)),
        shell_({"/bin/sh", "-c",
                "exec " + std::string(TIERCEL_BINARY) +
                    " alerts --follow --limit 1 --json --store " + store + " > " + out_}) {}

  /// It has printed the newest alert: from now on it prints what is stored later.
  [[nodiscard]] bool has_begun() const {
    return support::wait_until([this] { return !lines_of_file(out_).empty(); });
  }
  /// It prints the alert of this event.
  [[nodiscard]] bool sees(const std::string& audit_id) const {
    return support::wait_until([&] { return count(audit_id) != 0; });
  }
  [[nodiscard]] std::size_t count(const std::string& audit_id) const {
    const Lines lines = lines_of_file(out_);
    return static_cast<std::size_t>(
        std::count_if(lines.begin(), lines.end(), [&audit_id](const std::string& line) {
          return output_field(line, "ka.auditid") == audit_id;
        }));
  }
  [[nodiscard]] support::Daemon& process() { return shell_; }

 private:
  std::string out_;
  support::Daemon shell_;
};

}  // namespace tiercel::tests
