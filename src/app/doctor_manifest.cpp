#include "doctor_manifest.h"

#include <algorithm>
#include <cstdint>

#include <fnmatch.h>
#include <unistd.h>

namespace tiercel::app {

using config::Node;

std::string text_at(const Node* node, std::string_view key) {
  const Node* const found = node == nullptr ? nullptr : node->find(key);
  return found != nullptr && found->is_scalar() ? found->text : std::string();
}

const Node* named(const Node& root, std::string_view list, const std::string& name,
                  std::string_view kind) {
  const Node* const entries = root.find(list);
  for (std::size_t at = 0; entries != nullptr && at < entries->items.size(); ++at) {
    if (text_at(&entries->items[at], "name") == name) {
      return entries->items[at].find(kind);
    }
  }
  return nullptr;
}

std::optional<Manifest> Manifest::read(const std::string& path, Findings& findings) {
  auto root = config::read_yaml_file(path);
  if (!root) {
    findings.error("manifest", root.error().text(), "is this the static pod's manifest?");
    return std::nullopt;
  }
  Manifest manifest;
  manifest.root_ = std::move(*root);
  const Node* const spec = manifest.root_.find("spec");
  const Node* const containers = spec == nullptr ? nullptr : spec->find("containers");
  if (containers == nullptr || containers->items.empty()) {
    findings.error("manifest", path + " has no spec.containers", "name kube-apiserver's manifest");
    return std::nullopt;
  }
  const Node& container = containers->items.front();
  manifest.take_flags(container);
  const Node* const mounts = container.find("volumeMounts");
  for (std::size_t at = 0; mounts != nullptr && at < mounts->items.size(); ++at) {
    manifest.mounts_[text_at(&mounts->items[at], "mountPath")] =
        text_at(&mounts->items[at], "name");
  }
  manifest.uses_host_network_ = text_at(spec, "hostNetwork") == "true";
  return manifest;
}

std::string Manifest::flag(const std::string& name) const {
  const auto found = flags_.find(name);
  return found == flags_.end() ? std::string() : found->second;
}

std::string Manifest::on_host(const std::string& path) const {
  const Node* const spec = root_.find("spec");
  for (const auto& [mount, volume] : mounts_) {
    if (path == mount || path.starts_with(mount.ends_with('/') ? mount : mount + "/")) {
      const Node* const host = named(*spec, "volumes", volume, "hostPath");
      const std::string base = text_at(host, "path");
      return base.empty() ? std::string() : base + path.substr(mount.size());
    }
  }
  return {};
}

void Manifest::take_flags(const Node& container) {
  std::string open;  // a flag whose value may be the next word
  for (const char* const key : {"command", "args"}) {
    const Node* const words = container.find(key);
    for (std::size_t at = 0; words != nullptr && at < words->items.size(); ++at) {
      const std::string& word = words->items[at].text;
      if (!word.starts_with("--")) {
        if (!open.empty()) {
          flags_[open] = word;
        }
        open.clear();
        continue;
      }
      const std::size_t equals = word.find('=');
      const bool is_whole = equals != std::string::npos;
      const std::string name = word.substr(2, is_whole ? equals - 2 : equals);
      flags_[name] = is_whole ? word.substr(equals + 1) : "true";
      open = is_whole ? std::string() : name;
    }
  }
}

std::string examine_file_flag(const Manifest& manifest, const std::string& name,
                              Findings& findings) {
  const std::string inside = manifest.flag(name);
  if (inside.empty()) {
    findings.error(
        "manifest", "kube-apiserver has no --" + name,
        "add it (/usr/share/tiercel/config/kube-apiserver/flags.txt); without it nothing is sent");
    return {};
  }
  std::string host = manifest.on_host(inside);
  if (host.empty()) {
    findings.error("manifest", "--" + name + "=" + inside + " is in no hostPath volume",
                   "add a volume and a volumeMount for its folder, or the container does not see "
                   "it and does not start");
  } else if (::access(host.c_str(), F_OK) != 0) {
    findings.error("manifest", "--" + name + ": " + host + " is not there, or not for this user",
                   "put the file there; run this as root on the control-plane host");
    return {};
  } else {
    findings.good("manifest", "--" + name + ": " + host);
  }
  return host;
}

void examine_log(const Manifest& manifest, const config::FileSourceSettings& source,
                 Findings& findings) {
  const std::string inside = manifest.flag("audit-log-path");
  std::string host = manifest.on_host(inside);
  if (inside.empty()) {
    findings.error("manifest",
                   "kube-apiserver has neither --audit-log-path nor --audit-webhook-config-file",
                   "add one (/usr/share/tiercel/config/kube-apiserver/README.md); without it there "
                   "is no audit event");
  } else if (inside == "-") {
    findings.error("manifest", "--audit-log-path=- writes the log to the container's output",
                   "name a file in a hostPath volume, and that file in file_source.paths");
  } else if (host.empty()) {
    findings.error("manifest", "--audit-log-path=" + inside + " is in no hostPath volume",
                   "add a volume and a volumeMount for its folder: tiercel cannot follow a log "
                   "within the container");
  } else if (std::none_of(source.paths.begin(), source.paths.end(), [&host](const auto& path) {
               return ::fnmatch(path.c_str(), host.c_str(), FNM_PATHNAME) == 0;
             })) {
    findings.error("manifest", "--audit-log-path: " + host + " is not among file_source.paths",
                   "add it there, or correct the flag");
  } else if (::access(host.c_str(), R_OK) != 0) {
    findings.warning("manifest", "--audit-log-path: " + host + " is not there, or not readable",
                     "kube-apiserver makes it 0600 in a folder of root's; run this as root");
  } else {
    findings.good("manifest", "--audit-log-path: " + host + " is followed");
  }
}

void examine_batching(const Manifest& manifest, Findings& findings) {
  const std::string mode = manifest.flag("audit-webhook-mode");
  if (mode.starts_with("blocking")) {
    findings.warning("manifest",
                     "--audit-webhook-mode=" + mode + ": users wait for tiercel" +
                         (mode == "blocking-strict" ? ", and fail with it" : ""),
                     "leave it out (batch)");
  }
  if (manifest.flag("audit-webhook-truncate-enabled") == "true") {
    findings.warning("manifest", "--audit-webhook-truncate-enabled: large events lose their bodies",
                     "leave it out; rules cannot see what is cut");
  }
  const auto number = [&](const char* name, std::uint64_t otherwise) {
    const std::string text = manifest.flag(name);
    const bool is_number = !text.empty() && text.size() < 10 &&
                           text.find_first_not_of("0123456789") == std::string::npos;
    return is_number ? std::stoull(text) : otherwise;
  };
  constexpr std::uint64_t kBuffer = 10'000;  // kube-apiserver's default
  const std::uint64_t buffer = number("audit-webhook-batch-buffer-size", kBuffer);
  if (buffer < kBuffer) {
    findings.warning("manifest",
                     "--audit-webhook-batch-buffer-size=" + std::to_string(buffer) +
                         " is smaller than the default: bursts are lost",
                     "10000 or more");
  }
  if (manifest.flag("audit-webhook-batch-throttle-enable") == "true" &&
      number("audit-webhook-batch-throttle-qps", 10) < 10) {
    findings.warning("manifest", "fewer than 10 batches a second are let through",
                     "--audit-webhook-batch-throttle-qps=10, or more in a busy cluster");
  }
}

}  // namespace tiercel::app
