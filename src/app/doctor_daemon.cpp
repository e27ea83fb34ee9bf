#include <chrono>

#include <nlohmann/json.hpp>

#include "tiercel/base/one_line.h"
#include "tiercel/http/client.h"

#include "audit_url.h"
#include "checked_json.h"
#include "doctor.h"
#include "running_daemon.h"

namespace tiercel::app {

namespace {

using Json = nlohmann::json;

constexpr const char* kTopic = "daemon";

// What the audit port says to a GET: 405 where it takes batches there.
void examine_port(const config::Settings& settings, Findings& findings) {
  const std::string url = audit_url(settings);
  if (url.empty()) {
    if (settings.file_source.enabled) {
      findings.not_checked("port", "no fixed port takes audit batches; file_source follows a log",
                           "nothing, where the log is meant");
    } else {
      findings.error("port", "no fixed port takes audit batches",
                     "set webserver.enabled and webserver.listen_port");
    }
    return;
  }
  http::ClientOptions client;
  client.insecure = true;  // the certificate is looked at for itself
  client.connect_timeout = client.timeout = std::chrono::seconds(3);
  http::ClientRequest request;
  request.method = "GET";
  request.url = url;
  const auto answer = http::Client(client).send(request);
  if (!answer && answer.error().code == "tls_failed" && url.starts_with("https")) {
    findings.not_checked(
        "port", url + " wants a client's certificate: " + base::one_line(answer.error().message),
        "post a batch with `tiercel selftest --client-cert FILE --client-key "
        "FILE`");
  } else if (!answer) {
    findings.error("port", url + ": " + base::one_line(answer.error().text()),
                   "`ss -ltnp` says who listens; `journalctl -u tiercel` why the daemon does not");
  } else if (answer->status == 405 || answer->status == 401 || answer->status == 403) {
    findings.good("port", url + " takes batches");
  } else {
    findings.error("port", url + " answered " + std::to_string(answer->status) + " instead of 405",
                   "is another program on this port? `ss -ltnp` says which");
  }
}

// A configuration kept over an upgrade may be of before there was a socket.
void examine_changes(const config::AdminSettings& admin, Findings& findings) {
  if (admin.enabled && admin.socket.empty() && !admin.allow_changes) {
    findings.warning(kTopic,
                     "there is no admin.socket: `tiercel rules disable` and `enable` cannot work",
                     "set admin.socket: /run/tiercel/admin.sock, then `systemctl restart tiercel`");
  }
}

// Does anybody send?
void examine_flow(const config::Settings& settings, Findings& findings) {
  const DaemonAnswer answer = ask_daemon(settings, "/status");
  const Json status = answer.body ? Json::parse(*answer.body, nullptr, false) : Json();
  const Json& apiservers = member(status, "apiservers");
  if (!apiservers.is_array()) {
    findings.not_checked("events", "the daemon does not say who sends", "restart it");
    return;
  }
  if (apiservers.empty()) {
    findings.warning("events", "no audit event has come since the daemon's start",
                     "wait half a minute; else look at the findings about the kubeconfig, and at "
                     "kube-apiserver's log for 'audit webhook'");
  }
  for (const Json& one : apiservers) {
    const std::string who = text(one, "source") + " " + text(one, "address");
    const bool is_bad =
        is_true(one, "is_silent") || is_true(one, "has_clock_skew") || is_true(one, "is_late");
    if (!is_bad) {
      findings.good("events", who + ": " + std::to_string(number(one, "events")) + " events");
    } else {
      findings.warning("events",
                       who + (is_true(one, "is_silent")        ? " is silent"
                              : is_true(one, "has_clock_skew") ? " has a clock ahead of this one"
                                                               : " sends late"),
                       "see the alerts of rules 'tiercel: …' (tiercel alerts --since 1d)");
    }
  }
}

}  // namespace

void examine_daemon(const config::Settings& settings, const std::string& rules_hash,
                    const std::vector<RuleOutOfForce>& disabled, Findings& findings) {
  const DaemonAnswer answer = ask_daemon(settings, "/versions");
  if (answer.asked.empty()) {
    findings.not_checked(kTopic, "the configuration has no admin port or socket to ask it on",
                         "set admin.enabled, and admin.listen_port or admin.socket");
    return;
  }
  if (!answer.body) {
    findings.error(kTopic, no_answer_text(answer),
                   "`systemctl status tiercel`, `journalctl -u tiercel`");
    return;
  }
  const std::string hash = text(Json::parse(*answer.body, nullptr, false), "rules_hash");
  if (hash.empty()) {
    findings.error(kTopic, answer.asked + " answers what no tiercel would",
                   "is another program on this port? `ss -ltnp` says which; else admin.listen_port "
                   "is not the daemon's");
    return;
  }
  if (!rules_hash.empty() && hash != rules_hash) {
    findings.warning(kTopic, "it runs with other rules than this configuration has",
                     "`systemctl reload tiercel`, and look into the journal whether it took them");
  } else {
    findings.good(kTopic, "answers on " + answer.asked);
  }
  for (const RuleOutOfForce& one : disabled) {
    findings.warning(kTopic, "rule '" + one.rule + "' is disabled until " + one.until,
                     "`tiercel rules enable` brings it back before");
  }
  examine_changes(settings.admin, findings);
  examine_port(settings, findings);
  examine_flow(settings, findings);
}

}  // namespace tiercel::app
