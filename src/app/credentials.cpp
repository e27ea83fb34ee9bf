#include "credentials.h"

#include <utility>

#include "tiercel/base/log.h"

namespace tiercel::app {

base::FileWatch Credentials::watch(const config::Listener& listener) {
  std::vector<std::string> paths;
  for (const std::string& path : {listener.certificate, listener.key, listener.client_ca}) {
    if (listener.tls && !path.empty()) {
      paths.push_back(path);
    }
  }
  return base::FileWatch(std::move(paths));
}

void Credentials::add(const config::Listener& listener, http::Server& server,
                      base::FileWatch watch) {
  if (listener.tls) {
    const std::vector<std::uint16_t>& numbers = server.ports();
    const std::string number = numbers.empty() ? "?" : std::to_string(numbers.front());
    ports_.push_back({"port " + number, server, std::move(watch)});
  }
}

void Credentials::look() {
  const std::int64_t now = clock_.steady();
  const bool is_due = now - tried_ >= std::chrono::nanoseconds(kRetry).count();
  tried_ = is_due ? now : tried_;
  renew(is_due ? source::Renew::kFailed : source::Renew::kChanged);
}

void Credentials::renew(source::Renew which) {
  for (Port& port : ports_) {
    // Asked in any case, or the change would be found again.
    const bool is_told = port.watch.has_changed() || which == source::Renew::kAll;
    if (is_told || (port.has_failed && which == source::Renew::kFailed)) {
      renew(port, is_told);
    }
  }
  const source::RenewedTokens tokens = webhook_.renew_tokens(which);
  for (const std::string& name : tokens.names) {
    metrics_.add(base::Metric::kCredentialsReloaded);
    base::log_info("the token '" + name + "' was read again");
  }
  for (const base::Error& error : tokens.errors) {
    tell(error);
  }
}

void Credentials::renew(Port& port, bool is_told) {
  const auto reloaded = port.server.reload_tls();
  port.has_failed = !reloaded;
  if (!reloaded) {
    if (is_told) {
      tell(reloaded.error());
    }
    return;
  }
  metrics_.add(base::Metric::kCredentialsReloaded);
  base::log_info("the certificate of " + port.name + " was read again: it serves new connections");
}

void Credentials::tell(const base::Error& error) {
  metrics_.add(base::Metric::kCredentialsReloadFailed);
  const std::string text = error.text() + "; the one from before stays in use";
  base::log_error(text);
  alerts_.raise("credentials_reload_failed", {}, text,
                {{"file", error.context}, {"code", error.code}});
}

}  // namespace tiercel::app
