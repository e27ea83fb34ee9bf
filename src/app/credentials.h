#pragma once

#include <string>
#include <vector>

#include "tiercel/base/file_watch.h"
#include "tiercel/base/metrics.h"
#include "tiercel/config/settings.h"
#include "tiercel/http/server.h"
#include "tiercel/pipeline/internal_alerts.h"
#include "tiercel/source/webhook_source.h"

namespace tiercel::app {

/// Reads certificates, authorities and tokens again when their files change. Connections stay as
/// they are; new handshakes and requests are judged by what is new. What cannot be used leaves
/// the one from before in force, and is told of in log, metric and alert.
///
/// Runs on: main thread.
class Credentials {
 public:
  Credentials(source::WebhookSource& webhook, pipeline::InternalAlerts& alerts,
              base::Metrics& metrics)
      : webhook_(webhook), alerts_(alerts), metrics_(metrics) {}

  /// Before the server reads its files, so that no later change is missed.
  [[nodiscard]] static base::FileWatch watch(const config::Listener& listener);
  void add(const config::Listener& listener, http::Server& server, base::FileWatch watch);
  /// About once a second, and at once for all of them when told to.
  void renew(source::Renew which);

 private:
  struct Port {
    std::string name;
    http::Server& server;
    base::FileWatch watch;
  };
  void renew(Port& port);
  void tell(const base::Error& error);

  source::WebhookSource& webhook_;
  pipeline::InternalAlerts& alerts_;
  base::Metrics& metrics_;
  std::vector<Port> ports_;
};

}  // namespace tiercel::app
