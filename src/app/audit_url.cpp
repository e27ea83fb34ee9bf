#include "audit_url.h"

namespace tiercel::app {

std::string local_url(const config::Listener& listener, std::string_view path) {
  std::string host = listener.hosts.empty() ? std::string() : listener.hosts.front();
  if (host.empty() || host == "0.0.0.0" || host == "::") {
    host = host == "::" ? "::1" : "127.0.0.1";
  }
  if (host.find(':') != std::string::npos) {
    host = "[" + host + "]";
  }
  return (listener.tls ? "https://" : "http://") + host + ":" + std::to_string(listener.port) +
         std::string(path);
}

std::string audit_url(const config::Settings& settings) {
  for (const config::Listener& listener : config::listeners(settings)) {
    if (!listener.audit_paths.empty() && listener.port != 0) {
      return local_url(listener, listener.audit_paths.front());
    }
  }
  return {};
}

}  // namespace tiercel::app
