#include "apiserver_setup.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <utility>

#include "kubeconfig.h"

namespace tiercel::app {

namespace {

// What is on its way while tiercel refuses is kube-apiserver's memory: 10 batches of 400 events a
// second bound it (packaging/README.md has the sum), a hundred at once let through what would
// overflow its buffer of 10,000 events.
constexpr std::array<std::string_view, 4> kBatchFlags{
    "audit-webhook-mode=batch", "audit-webhook-batch-max-wait=5s",
    "audit-webhook-batch-throttle-qps=10", "audit-webhook-batch-throttle-burst=100"};

std::string indented(const std::string& text, std::size_t blanks) {
  std::string out;
  std::size_t from = 0;
  while (from < text.size()) {
    const std::size_t end = std::min(text.find('\n', from), text.size());
    out += std::string(blanks, ' ') + text.substr(from, end - from) + "\n";
    from = end + 1;
  }
  return out;
}

std::string commented(const std::string& text) {
  std::string out;
  std::size_t from = 0;
  while (from < text.size()) {
    const std::size_t end = std::min(text.find('\n', from), text.size());
    out += end == from ? "#\n" : "# " + text.substr(from, end - from) + "\n";
    from = end + 1;
  }
  return out;
}

std::vector<std::string> flags(const std::string& folder) {
  std::vector<std::string> out{"audit-policy-file=" + folder + "/audit-policy.yaml",
                               "audit-webhook-config-file=" + folder + "/webhook-kubeconfig.yaml"};
  out.insert(out.end(), kBatchFlags.begin(), kBatchFlags.end());
  return out;
}

// A file that the kubeconfig names.
struct Named {
  const char* flag;
  std::string KubeconfigOptions::*path;
  const char* usual;  ///< what it is called where the setup writes it
};
constexpr std::array<Named, 4> kNamed{
    {{"--ca", &KubeconfigOptions::ca, "ca.crt"},
     {"--client-cert", &KubeconfigOptions::client_cert, "client.crt"},
     {"--client-key", &KubeconfigOptions::client_key, "client.key"},
     {"--token-file", &KubeconfigOptions::token_file, "token"}}};

std::filesystem::path plain(const std::string& path) {
  std::filesystem::path out = std::filesystem::path(path).lexically_normal();
  return out.has_filename() ? out : out.parent_path();  // without the last slash
}

bool is_below(const std::string& path, const std::string& folder) {
  const std::filesystem::path parent = plain(folder);
  const std::filesystem::path inner = plain(path);
  const auto [end, _] = std::mismatch(parent.begin(), parent.end(), inner.begin(), inner.end());
  return end == parent.end() && inner != parent;
}

// What has to be there besides policy and kubeconfig.
std::string named_files(const KubeconfigOptions& options) {
  std::string out;
  for (const Named& one : kNamed) {
    const std::string& path = options.*one.path;
    out += path.empty() ? "" : "    " + path + "\n";
  }
  return out.empty() ? ""
                     : "The kubeconfig names more, which the API server must find at:\n\n" + out;
}

// "- --audit-policy-file=…", one a line.
std::string list_of(const std::vector<std::string>& texts, std::string_view before,
                    std::size_t blanks) {
  std::string out;
  for (const std::string& text : texts) {
    out += std::string(blanks, ' ') + std::string(before) + text + "\n";
  }
  return out;
}

std::string as_map(const std::vector<std::string>& texts, std::size_t blanks) {
  std::string out;
  for (const std::string& text : texts) {
    const std::size_t equals = text.find('=');
    out += std::string(blanks, ' ') + text.substr(0, equals) + ": \"" + text.substr(equals + 1) +
           "\"\n";
  }
  return out;
}

std::string kubeadm(const KubeconfigOptions& options) {
  const std::string& folder = options.folder;
  return "On each control-plane node put audit-policy.yaml and this file, as\n"
         "webhook-kubeconfig.yaml, into " +
         folder +
         ". Then edit\n"
         "/etc/kubernetes/manifests/kube-apiserver.yaml; the kubelet restarts the API server. The\n"
         "pod is on the node's network, so 127.0.0.1 is the node. It sees only what is mounted.\n" +
         named_files(options) +
         "\n"
         "    spec:\n"
         "      containers:\n"
         "      - command:\n"
         "        - kube-apiserver\n" +
         list_of(flags(folder), "- --", 8) +
         "        volumeMounts:\n"
         "        - name: tiercel-audit\n"
         "          mountPath: " +
         folder +
         "\n"
         "          readOnly: true\n"
         "      volumes:\n"
         "      - name: tiercel-audit\n"
         "        hostPath:\n"
         "          path: " +
         folder +
         "\n"
         "          type: Directory\n"
         "\n"
         "kubeadm upgrade writes the manifest anew: put the same under apiServer.extraArgs and\n"
         "apiServer.extraVolumes of the ConfigMap kube-system/kubeadm-config.\n";
}

std::string k3s(const KubeconfigOptions& options) {
  return "On each server put both files into " + options.folder +
         ", add to\n"
         "/etc/rancher/k3s/config.yaml, then systemctl restart k3s. The API server is part of the\n"
         "k3s process: nothing needs to be mounted.\n" +
         named_files(options) +
         "\n"
         "    kube-apiserver-arg:\n" +
         list_of(flags(options.folder), "- ", 4);
}

std::string rke2(const KubeconfigOptions& options) {
  std::vector<std::string> others = flags(options.folder);
  others.erase(others.begin());
  return "On each server put both files into " + options.folder +
         ", add to\n"
         "/etc/rancher/rke2/config.yaml, then systemctl restart rke2-server. RKE2 has an option "
         "of\n"
         "its own for the policy; without it a policy that records nothing is in force.\n" +
         named_files(options) +
         "\n"
         "    audit-policy-file: " +
         options.folder +
         "/audit-policy.yaml\n"
         "    kube-apiserver-arg:\n" +
         list_of(others, "- ", 4) +
         "    kube-apiserver-extra-mount:\n"
         "    - \"" +
         options.folder + ":" + options.folder + ":ro\"\n";
}

// One of machine.files.
std::string talos_file(const std::string& path, const std::string& content) {
  return "      - path: " + path +
         "\n"
         "        permissions: 0o644  # kube-apiserver runs as user 65534\n"
         "        op: create\n"
         "        content: |\n" +
         indented(content, 10);
}

std::string talos(const KubeconfigOptions& options) {
  constexpr const char* kFolder = "/var/etc/tiercel";  // a patch can write below /var only
  KubeconfigOptions there = options;
  std::string named;
  for (const Named& one : kNamed) {
    std::string& path = there.*one.path;
    if (!path.empty()) {
      const std::string content = "<instead of this line: the content of " + path + ">\n";
      path = std::string(kFolder) + "/" + one.usual;
      named += talos_file(path, content);
    }
  }
  std::vector<std::string> others = flags(kFolder);
  others.erase(others.begin());
  return "Talos takes the policy inline and writes files below /var only. Apply this patch to the\n"
         "control-plane nodes: talosctl patch machineconfig --patch @tiercel.yaml. No systemd "
         "unit\n"
         "can be installed there: run tiercel as a static pod or on another machine.\n"
         "\n"
         "    machine:\n"
         "      files:\n" +
         talos_file(std::string(kFolder) + "/webhook-kubeconfig.yaml", kubeconfig_text(there)) +
         named +
         "    cluster:\n"
         "      apiServer:\n"
         "        auditPolicy:  # instead of these lines: the content of audit-policy.yaml\n"
         "          apiVersion: audit.k8s.io/v1\n"
         "          kind: Policy\n"
         "          rules:\n"
         "          - level: Metadata\n"
         "        extraArgs:\n" +
         as_map(others, 10) +
         "        extraVolumes:\n"
         "        - hostPath: " +
         kFolder +
         "\n"
         "          mountPath: " +
         kFolder +
         "\n"
         "          readonly: true\n";
}

std::string kind(const KubeconfigOptions& options) {
  const std::string& folder = options.folder;
  return "Put both files into ./audit and create the cluster with this configuration. 127.0.0.1 "
         "is\n"
         "the node's container there: name the host as the container sees it (often 172.18.0.1).\n"
         "./audit is " +
         folder + " there.\n" + named_files(options) +
         "\n"
         "    kind: Cluster\n"
         "    apiVersion: kind.x-k8s.io/v1alpha4\n"
         "    nodes:\n"
         "    - role: control-plane\n"
         "      kubeadmConfigPatches:\n"
         "      - |\n"
         "        kind: ClusterConfiguration\n"
         "        apiServer:\n"
         "          extraArgs:\n" +
         as_map(flags(folder), 12) +
         "          extraVolumes:\n"
         "          - name: tiercel-audit\n"
         "            hostPath: " +
         folder +
         "\n"
         "            mountPath: " +
         folder +
         "\n"
         "            readOnly: true\n"
         "            pathType: Directory\n"
         "      extraMounts:\n"
         "      - hostPath: ./audit\n"
         "        containerPath: " +
         folder +
         "\n"
         "        readOnly: true\n";
}

struct Row {
  std::string_view name;
  std::string (*text)(const KubeconfigOptions& options);
  bool mounts_folder = false;  ///< the API server sees --dir alone
  const char* mounted = "";    ///< what it sees besides
};
constexpr std::array<Row, 5> kRows{{{"kubeadm", kubeadm, true, "/etc/kubernetes/pki"},
                                    {"k3s", k3s},
                                    {"rke2", rke2, true},
                                    {"talos", talos},
                                    {"kind", kind, true}}};

bool sees(const Row& row, const std::string& path, const std::string& folder) {
  return !row.mounts_folder || path.empty() || is_below(path, folder) ||
         (*row.mounted != '\0' && is_below(path, row.mounted));
}

std::string unseen(const std::string& file, const std::string& folder, const std::string& blind) {
  return file + " is outside of " + folder +
         ", the folder that is mounted into the API server's container with " + blind +
         ": it would not start; put the file below that folder, or name another --dir";
}

}  // namespace

std::vector<std::string> distribution_names() {
  std::vector<std::string> names;
  names.reserve(std::size(kRows));
  for (const Row& row : kRows) {
    names.emplace_back(row.name);
  }
  return names;
}

std::vector<std::string> setup_problems(const KubeconfigOptions& options) {
  std::vector<std::string> out;
  const auto is_wanted = [&](std::string_view name) {
    return std::any_of(options.distributions.begin(), options.distributions.end(),
                       [&](const std::string& one) { return one == "all" || one == name; });
  };
  for (const Named& one : kNamed) {
    const std::string& path = options.*one.path;
    std::string blind;
    for (const Row& row : kRows) {
      if (is_wanted(row.name) && !sees(row, path, options.folder)) {
        blind.append(blind.empty() ? "" : ", ").append(row.name);
      }
    }
    if (!blind.empty()) {
      out.push_back(unseen(std::string(one.flag) + " " + path, options.folder, blind));
    }
  }
  return out;
}

std::string setup_text(std::string_view distribution, const KubeconfigOptions& options) {
  std::string out;
  for (const Row& row : kRows) {
    if (distribution == "all" || distribution == row.name) {
      out += "#\n# ---- " + std::string(row.name) + "\n#\n" + commented(row.text(options));
    }
  }
  return out;
}

}  // namespace tiercel::app
