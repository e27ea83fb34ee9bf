#include "test_daemon.h"

#include <algorithm>
#include <csignal>
#include <cstdlib>

namespace tiercel::integration {

namespace {

constexpr std::string_view kListening = "listening for audit batches on http://127.0.0.1:";
constexpr std::string_view kAdmin = "metrics and API on http://127.0.0.1:";

}  // namespace

TestDaemon::TestDaemon(const DaemonOptions& options) {
  folder_.write("rules.yaml", options.rules);
  std::string config =
      "rules_files: [rules.yaml]\njson_output: true\nwebserver: {listen_port: 0, "
      "listen_address: 127.0.0.1}\nadmin: {listen_port: 0}\nquarantine: {path: quarantine}\n"
      "store: {path: store, min_free: 0, min_free_percent: 0, durability: normal}\n"
      // What replay prints is compared, and it has no apiserver; recorded events are old.
      "json_include_apiserver_property: false\nwatch: {late: 0}\n";
  if (options.has_alert_file) {
    config += "file_output: {enabled: true, filename: alerts.log}\n";
  }
  folder_.write("config.yaml", config + options.more_config);
  std::vector<std::string> arguments{TIERCEL_BINARY, "run", "-c", "config.yaml"};
  arguments.insert(arguments.end(), options.arguments.begin(), options.arguments.end());
  const std::string out = options.out.empty() ? folder_.path("stdout.log") : options.out;
  process_ = std::make_unique<Process>(
      arguments, ProcessFiles{"/dev/null", out, folder_.path("stderr.log")}, folder_.path());
  (void)wait_until([this] {
    const std::string text = log();
    const std::size_t at = text.find(kListening);
    // The line is whole when the health check's follows.
    if (at == std::string::npos || text.find("health checks on") == std::string::npos) {
      return !process_->is_running();
    }
    const std::size_t admin = text.find(kAdmin);
    admin_port_ = admin == std::string::npos
                      ? std::uint16_t{0}
                      : static_cast<std::uint16_t>(
                            std::strtoul(text.c_str() + admin + kAdmin.size(), nullptr, 10));
    port_ = static_cast<std::uint16_t>(
        std::strtoul(text.c_str() + at + kListening.size(), nullptr, 10));
    return true;
  });
}

bool TestDaemon::waits_for_log(const std::string& text) const {
  return wait_until([&] { return log().find(text) != std::string::npos; });
}

bool TestDaemon::has_delivered() const {
  return wait_until([this] {
    if (!process_->is_running()) {
      return true;
    }
    support::HttpClient client(admin_port_);
    const std::string body = client.exchange(support::get("/outputs")).body;
    // Every output says so.
    std::size_t outputs = 0;
    std::size_t done = 0;
    for (std::size_t at = 0; (at = body.find("\"lag_alerts\":", at)) != std::string::npos; ++at) {
      ++outputs;
      done += body.compare(at + 13, 2, "0,") == 0 ? 1U : 0U;
    }
    return outputs != 0 && outputs == done;
  });
}

std::vector<std::string> TestDaemon::alerts() const {
  (void)has_delivered();
  return lines_of(support::read_file(alert_file()));
}

support::HttpAnswer TestDaemon::send(const std::string& body) const {
  support::HttpClient client(port_);
  return client.exchange(support::post("/k8s_audit?timeout=30s", body));
}

int TestDaemon::stop() {
  process_->signal(SIGTERM);
  return process_->wait();
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::size_t from = 0;
  while (from < text.size()) {
    const std::size_t end = std::min(text.find('\n', from), text.size());
    lines.push_back(text.substr(from, end - from));
    from = end + 1;
  }
  return lines;
}

}  // namespace tiercel::integration
