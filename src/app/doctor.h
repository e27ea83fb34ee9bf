#pragma once

#include <string>
#include <vector>

#include "tiercel/config/settings.h"

#include "options.h"
#include "running_daemon.h"

namespace tiercel::app {

/// What `tiercel doctor` found out about one thing.
struct Finding {
  enum class State : std::uint8_t { kGood, kNotChecked, kWarning, kError };
  State state = State::kGood;
  std::string topic;   ///< "certificate", "kubeconfig"
  std::string what;    ///< what was looked at, and how it is
  std::string advice;  ///< what to do; empty where nothing is
};

/// Collects findings; what was not there to be looked at is said as not checked, never as good.
class Findings {
 public:
  void good(std::string topic, std::string what);
  void not_checked(std::string topic, std::string what, std::string advice);
  void warning(std::string topic, std::string what, std::string advice);
  void error(std::string topic, std::string what, std::string advice);
  [[nodiscard]] const std::vector<Finding>& list() const { return list_; }
  [[nodiscard]] bool has_errors() const;
  [[nodiscard]] std::string text() const;
  [[nodiscard]] std::string json() const;

 private:
  std::vector<Finding> list_;
};

/// The daemon: does it answer, where, are its rules those of the configuration, does it take
/// events? `disabled` are the rules that it has out of force, which `rules_hash` knows of.
void examine_daemon(const config::Settings& settings, const std::string& rules_hash,
                    const std::vector<RuleOutOfForce>& disabled, Findings& findings);
/// Certificate, key, names, time left.
void examine_certificates(const config::Settings& settings, Findings& findings);
/// The host: clock, folders, disk, etcd beside the store.
void examine_host(const config::Settings& settings, const std::string& etcd, Findings& findings);
/// What the daemon reads and writes beside its store: may its user?
void examine_files(const CommonOptions& common, const config::Loaded& loaded, Findings& findings);
/// The webhook's kubeconfig and kube-apiserver's flags. Where on this host the audit policy is;
/// empty where that cannot be told.
std::string examine_apiserver(const DoctorOptions& options, const config::Settings& settings,
                              Findings& findings);

/// Whether every rule can fire under the audit policy.
void examine_policy(const std::string& path, const engine::RuleSet& rules, Findings& findings);

}  // namespace tiercel::app
