#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "tiercel/alert/alert_id.h"
#include "tiercel/base/priority.h"
#include "tiercel/config/load.h"
#include "tiercel/output/routing.h"
#include "tiercel/store/feed.h"

namespace tiercel::output {

inline constexpr std::int64_t kSecond = 1'000'000'000;
/// 2026-01-02T03:04:05Z.
inline constexpr std::int64_t kStart = 1'767'323'045 * kSecond;

/// One alert to make; the rest follows from it.
struct Sample {
  std::uint64_t number = 1;
  std::string rule = "R";
  base::Priority priority = base::Priority::kWarning;
  std::string tags = "k8s";
  std::string user = "alice";
  std::string name_space = "web";
  std::string cluster = "";
  std::string source = "k8s_audit";
  std::string apiserver = "10.0.0.1";
  std::string rules_hash = "0123abcd";
  std::string message = "alice did it";
  nlohmann::json fields = {{"ka.user.name", "alice"}};
};

/// An alert as the store gives it, with the bytes that it looks into.
class Stored {
 public:
  explicit Stored(Sample sample) : sample_(std::move(sample)) {
    alert.position = sample_.number;
    alert.time = kStart + static_cast<std::int64_t>(sample_.number) * kSecond;
    alert.stored = alert.time;
    alert.id = {0x01, 0x9b, 0x7c, 0, 0, static_cast<std::uint8_t>(sample_.number % 256), 7, 7};
    alert.id[15] = static_cast<std::uint8_t>(sample_.number / 256);
    alert.priority = static_cast<std::uint8_t>(sample_.priority);
    alert.rule = sample_.rule;
    alert.tags = sample_.tags;
    alert.user = sample_.user;
    alert.name_space = sample_.name_space;
    alert.cluster = sample_.cluster;
    nlohmann::json body = {{"hostname", "h1"}, {"rule", sample_.rule}, {"source", sample_.source}};
    body["apiserver"] = sample_.apiserver;
    body["rules_hash"] = sample_.rules_hash;
    const std::string priority(base::to_text(sample_.priority));
    body["alert_id"] = alert::to_text(alert::AlertId{alert.id});
    body["output"] = "03:04:05.000000000: " + priority + " " + sample_.message;
    body["output_fields"] = sample_.fields;
    body["output_fields"]["evt.time"] = alert.time;
    body["priority"] = priority;
    body["tags"] = nlohmann::json::array({"k8s"});
    body["time"] = "2026-01-02T03:04:05.000000000Z";
    body_ = body.dump() + "\n";
    alert.body = body_;
  }
  Stored(const Stored&) = delete;
  Stored& operator=(const Stored&) = delete;

  store::StoredAlert alert;

 private:
  Sample sample_;
  std::string body_;
};

/// The body as JSON; fails the caller's expectations where it is none.
inline nlohmann::json json_of(std::string_view body) {
  return nlohmann::json::parse(body, nullptr, false);
}

/// `yaml` read as a configuration of routes and silences.
inline config::RoutingSettings routing_settings(std::string_view yaml,
                                                base::Diagnostics& diagnostics) {
  config::DocumentRequest request;
  request.path = "r.yaml";
  request.content = std::string(yaml);
  return config::load_settings(request, config::Purpose::kOffline, diagnostics).settings.routing;
}

struct Compiled {
  std::shared_ptr<const Routing> routing;
  base::Diagnostics diagnostics;

  /// The names of the outputs that get the alert, each with the route, in order.
  [[nodiscard]] std::string outputs(const store::StoredAlert& alert) const {
    std::string out;
    for (const std::string& name : names) {
      const Verdict verdict = routing->verdict(alert, name);
      if (verdict.action != nullptr) {
        out += (out.empty() ? "" : " ") + name;
        out += verdict.silence.empty() ? "" : "(" + std::string(verdict.silence) + ")";
      }
    }
    return out;
  }
  std::vector<std::string> names;
};

inline Compiled compile(std::string_view yaml, std::vector<std::string> outputs) {
  Compiled compiled;
  compiled.names = std::move(outputs);
  const config::RoutingSettings settings = routing_settings(yaml, compiled.diagnostics);
  if (!compiled.diagnostics.has_errors()) {
    compiled.routing = Routing::compile(settings, compiled.names, compiled.diagnostics);
  }
  return compiled;
}

}  // namespace tiercel::output
