#include "bench_setup.h"

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <system_error>

#include <sys/stat.h>

#include "bench_traffic.h"

namespace tiercel::bench {

namespace {

std::string write(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::trunc) << text;
  return path;
}

std::string config(const std::string& folder, const SetupOptions& options) {
  std::string rules;
  if (options.shipped_rules) {
    rules = std::string(TIERCEL_SOURCE_DIR) + "/rules/k8s_audit_rules.yaml";
  }
  if (options.alerting_rule) {
    rules += (rules.empty() ? "" : ", ") + write(folder + "/rules.yaml", kAlertingRule);
  }
  std::string server = "listen_port: 0";
  if (!options.tls.empty()) {
    server += ", ssl_enabled: true, ssl_certificate: " + write(folder + "/tls.pem", options.tls);
  }
  return write(folder + "/tiercel.yaml",
               "rules_files: [" + rules +
                   "]\njson_output: true\nio_threads: " + std::to_string(options.io_threads) +
                   "\nwebserver: {" + server + "}\nadmin: {listen_port: 0}\n" +
                   // Recorded events are old.
                   "watch: {late: 0}\nfile_output: {enabled: true, filename: " + folder +
                   "/alerts.log}\nquarantine: {path: " + folder + "/quarantine}\nstore: {path: " +
                   folder + "/store, min_free: 0, min_free_percent: 0}\n");
}

}  // namespace

std::string folder_in(const std::string& folder, const std::string& name) {
  std::string path = folder + "/" + name;
  (void)::mkdir(path.c_str(), 0700);
  return path;
}

Setup::Setup(const std::string& folder, const SetupOptions& options)
    : folder_(folder), daemon_({"-c", config(folder, options)}), port_(daemon_.port()) {
  if (port_ == 0) {
    std::fprintf(stderr, "the daemon did not start:\n%s", daemon_.log().c_str());
    std::exit(1);
  }
}

CpuTime Setup::cpu() const {
  CpuTime sum;
  std::error_code ignored;
  const std::string tasks = "/proc/" + std::to_string(daemon_.id()) + "/task";
  for (const auto& task : std::filesystem::directory_iterator(tasks, ignored)) {
    double running = 0;  // nanoseconds
    double waiting = 0;
    if (std::ifstream(task.path() / "schedstat") >> running >> waiting) {
      sum.running += running / 1e9;
      sum.waiting += waiting / 1e9;
    }
  }
  return sum;
}

void Setup::kill() {
  daemon_.signal(SIGKILL);
  (void)daemon_.wait();
}

void Setup::stop() {
  daemon_.signal(SIGTERM);
  if (const int status = daemon_.wait(); status != 0) {
    std::fprintf(stderr, "the daemon ended with %d:\n%s", status, daemon_.log().c_str());
    std::exit(1);
  }
}

}  // namespace tiercel::bench
