#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "tiercel/config/settings.h"
#include "tiercel/config/yaml_file.h"

#include "doctor.h"

namespace tiercel::app {

/// The scalar of this key; empty where there is none.
[[nodiscard]] std::string text_at(const config::Node* node, std::string_view key);
/// The entry of this name in a list of {name: …, KIND: {…}}; its KIND.
[[nodiscard]] const config::Node* named(const config::Node& root, std::string_view list,
                                        const std::string& name, std::string_view kind);

/// kube-apiserver's static pod, as far as it tells of auditing.
class Manifest {
 public:
  [[nodiscard]] static std::optional<Manifest> read(const std::string& path, Findings& findings);

  /// Empty where it is not given; "true" where it has no value.
  [[nodiscard]] std::string flag(const std::string& name) const;
  [[nodiscard]] bool uses_host_network() const { return uses_host_network_; }
  /// Where the host has what the container sees as `path`; empty where nothing is mounted there.
  [[nodiscard]] std::string on_host(const std::string& path) const;

 private:
  void take_flags(const config::Node& container);

  config::Node root_;
  std::map<std::string, std::string> flags_;
  std::map<std::string, std::string, std::greater<>> mounts_;  // the longest of a path first
  bool uses_host_network_ = false;
};

/// A file that a flag names: mounted, and there on this host. Where it is; else empty.
std::string examine_file_flag(const Manifest& manifest, const std::string& name,
                              Findings& findings);
/// Where the log that kube-apiserver writes is followed, and nothing need be posted.
void examine_log(const Manifest& manifest, const config::FileSourceSettings& source,
                 Findings& findings);
/// The webhook's mode, buffer and throttle.
void examine_batching(const Manifest& manifest, Findings& findings);

}  // namespace tiercel::app
