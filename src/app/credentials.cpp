#include "credentials.h"

#include <algorithm>
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
    const auto file = std::find_if(tokens_.begin(), tokens_.end(),
                                   [&name](const auto& token) { return token.first == name; });
    tell_renewed(file == tokens_.end() ? name : file->second,
                 "the token '" + name + "' was read again");
  }
  for (const base::Error& error : tokens.errors) {
    tell_failed(error.context, error);
  }
}

void Credentials::renew(Port& port, bool is_told) {
  const auto reloaded = port.server.reload_tls();
  port.has_failed = !reloaded;
  if (reloaded) {
    tell_renewed(port.name,
                 "the certificate of " + port.name + " was read again: it serves new connections");
  } else if (is_told) {
    tell_failed(port.name, reloaded.error());
  }
}

void Credentials::tell_failed(const std::string& whose, const base::Error& error) {
  metrics_.add(base::Metric::kCredentialsReloadFailed);
  metrics_.set(base::Metric::kCredentialsStale, 1);
  const std::string text = error.text() + "; the one from before stays in use";
  base::log_error(text);
  {
    const base::MutexLock lock(mutex_);
    Stale& stale = stale_[whose];
    stale.files.insert(error.context);
    stale.message = text;
  }
  // Each file by itself: one's alert does not hold back another's.
  alerts_.raise("credentials_reload_failed", error.context, text,
                {{"file", error.context}, {"code", error.code}});
}

void Credentials::tell_renewed(const std::string& whose, const std::string& message) {
  metrics_.add(base::Metric::kCredentialsReloaded);
  base::log_info(message);
  std::set<std::string> files;
  {
    const base::MutexLock lock(mutex_);
    const auto found = stale_.find(whose);
    if (found == stale_.end()) {
      return;
    }
    files = std::move(found->second.files);
    stale_.erase(found);
    metrics_.set(base::Metric::kCredentialsStale, stale_.empty() ? 0 : 1);
  }
  // Each was told of by itself: the certificate, then the key that did not belong to it.
  for (const std::string& file : files) {
    alerts_.raise("credentials_recovered", file, message + "; before, that had failed",
                  {{"file", file}});
  }
}

std::vector<std::string> Credentials::stale() const {
  const base::MutexLock lock(mutex_);
  std::vector<std::string> all;
  for (const auto& [whose, stale] : stale_) {
    all.push_back(stale.message);
  }
  return all;
}

}  // namespace tiercel::app
