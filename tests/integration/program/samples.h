#pragma once

#include <string>
#include <vector>

namespace tiercel::integration {

/// A rule that alerts for each deletion and names the event.
inline const std::string kDeletionRule = R"(
- rule: Deletion
  desc: Something was deleted.
  condition: ka.verb=delete
  output: deleted (id=%ka.auditid)
  priority: WARNING
  source: k8s_audit
)";

inline std::string event(const std::string& id, const std::string& verb) {
  return R"({"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":")" + id +
         R"(","stage":"ResponseComplete","requestURI":"/api/v1/namespaces/a/pods/p","verb":")" +
         verb + R"(","user":{"username":"alice"},"sourceIPs":["192.0.2.1"],)" +
         R"("stageTimestamp":"2026-01-02T03:04:05.500000Z"})";
}

inline std::string list_of(const std::vector<std::string>& items) {
  std::string out = R"({"kind":"EventList","apiVersion":"audit.k8s.io/v1","metadata":{},"items":[)";
  for (std::size_t at = 0; at < items.size(); ++at) {
    out += (at == 0 ? "" : ",") + items[at];
  }
  return out + "]}\n";
}

}  // namespace tiercel::integration
