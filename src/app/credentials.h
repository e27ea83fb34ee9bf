#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tiercel/base/clock.h"
#include "tiercel/base/file_watch.h"
#include "tiercel/base/metrics.h"
#include "tiercel/base/mutex.h"
#include "tiercel/config/settings.h"
#include "tiercel/http/server.h"
#include "tiercel/pipeline/internal_alerts.h"
#include "tiercel/source/webhook_source.h"

namespace tiercel::app {

/// Reads certificates, authorities and tokens again when their files change. Connections stay as
/// they are; new handshakes and requests are judged by what is new. What cannot be used leaves
/// the one from before in force, and is told of in log, metrics, status and alert, as its mending
/// is.
///
/// Runs on: main thread, but for stale().
class Credentials {
 public:
  /// Name → file.
  using Tokens = std::vector<std::pair<std::string, std::string>>;

  Credentials(source::WebhookSource& webhook, Tokens tokens, pipeline::InternalAlerts& alerts,
              base::Metrics& metrics, const base::Clock& clock)
      : webhook_(webhook),
        tokens_(std::move(tokens)),
        alerts_(alerts),
        metrics_(metrics),
        clock_(clock) {}

  /// Before the server reads its files, so that no later change is missed.
  [[nodiscard]] static base::FileWatch watch(const config::Listener& listener);
  void add(const config::Listener& listener, http::Server& server, base::FileWatch watch);
  /// About once a second: what has changed, and once a minute what could not be used. That may have
  /// had other reasons than the file, such as no descriptor left.
  void look();
  /// At once. Of those that failed before, only what has changed since is told of again.
  void renew(source::Renew which);
  /// Why credentials from before are in use, a sentence for each. Any thread.
  [[nodiscard]] std::vector<std::string> stale() const;

  static constexpr std::chrono::minutes kRetry{1};

 private:
  struct Port {
    std::string name;
    http::Server& server;
    base::FileWatch watch;
    bool has_failed = false;
  };
  struct Stale {
    /// Each that was told of as the one to blame: as many as the port has, or the token's.
    std::set<std::string> files;
    std::string message;  ///< the last one's
  };
  void renew(Port& port, bool is_told);
  void tell_failed(const std::string& whose, const base::Error& error);
  void tell_renewed(const std::string& whose, const std::string& message);

  source::WebhookSource& webhook_;
  const Tokens tokens_;
  pipeline::InternalAlerts& alerts_;
  base::Metrics& metrics_;
  const base::Clock& clock_;
  std::int64_t tried_ = 0;  // steady, when all that fails was tried
  std::vector<Port> ports_;
  mutable base::Mutex mutex_;
  /// By the port's name, or the token's file.
  std::map<std::string, Stale> stale_ TIERCEL_GUARDED_BY(mutex_);
};

}  // namespace tiercel::app
