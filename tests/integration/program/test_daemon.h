#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "http_client.h"
#include "process.h"
#include "read_file.h"
#include "temp_dir.h"

namespace tiercel::integration {

/// What a test's daemon is started with, beyond what makes it independent of the machine
/// (port 0, alert file and quarantine in a temporary folder).
struct DaemonOptions {
  std::string rules;             ///< content of rules.yaml
  std::string more_config = {};  ///< YAML below the rest
  std::vector<std::string> arguments = {};
  bool has_alert_file = true;
  std::string out = {};  ///< where its standard output goes; empty: stdout.log
};

/// `tiercel run` with a configuration file, started in a folder of its own, its streams in
/// files (so that a test can give it a full disk or a pipe that nobody reads).
class TestDaemon {
 public:
  explicit TestDaemon(const DaemonOptions& options);

  /// False when it ended or did not listen in time; log() says why.
  [[nodiscard]] bool is_up() const { return port_ != 0; }
  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] std::uint16_t admin_port() const { return admin_port_; }
  [[nodiscard]] Process& process() { return *process_; }
  [[nodiscard]] const support::TempDir& folder() const { return folder_; }
  [[nodiscard]] std::string log() const { return support::read_file(folder_.path("stderr.log")); }
  [[nodiscard]] bool waits_for_log(const std::string& text) const;
  /// The lines of alerts.log.
  /// Waits until every output has delivered what is stored.
  [[nodiscard]] bool has_delivered() const;
  /// What stands in the alert file, once it has been delivered.
  [[nodiscard]] std::vector<std::string> alerts() const;
  [[nodiscard]] std::string alert_file() const { return folder_.path("alerts.log"); }
  /// POST to /k8s_audit over a connection of its own.
  [[nodiscard]] support::HttpAnswer send(const std::string& body) const;
  /// SIGTERM, then the exit status.
  int stop();

 private:
  support::TempDir folder_;
  std::unique_ptr<Process> process_;
  std::uint16_t port_ = 0;
  std::uint16_t admin_port_ = 0;
};

/// The text's lines without their ends.
[[nodiscard]] std::vector<std::string> lines_of(const std::string& text);

}  // namespace tiercel::integration
