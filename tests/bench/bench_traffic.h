#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "http_client.h"

namespace tiercel::bench {

/// Events of a batch, as an apiserver's webhook sends them.
inline constexpr std::size_t kEventsOfBatch = 400;
/// The verb of events that alert, and the rule that matches it alone.
inline constexpr const char* kAlertingVerb = "benchdelete";
inline constexpr const char* kAlertingRule =
    "- rule: Bench\n  desc: d\n  condition: ka.verb = benchdelete\n"
    "  output: deleted (id=%ka.auditid user=%ka.user.name verb=%ka.verb uri=%ka.uri)\n"
    "  priority: WARNING\n  source: k8s_audit\n";

/// Those of the recorded events that no shipped rule matches: of a batch of these exactly the
/// wanted part alerts, whatever rules are loaded.
[[nodiscard]] std::vector<std::string> quiet_events();

/// A whole POST that can be sent again and again, its alerting events as new ones each time.
class Request {
 public:
  /// `percent` of the `size` events alert.
  Request(const std::vector<std::string>& events, std::size_t size, double percent);

  /// Gives the events that alert ids that no event had before, and the time of now: an old one
  /// is looked for in all of the store's segments whose times enclose it.
  void renew();
  [[nodiscard]] const std::string& bytes() const { return bytes_; }
  [[nodiscard]] std::size_t events() const { return events_; }
  [[nodiscard]] std::size_t alerts() const { return alerting_.size(); }
  /// The ids of the events that alert.
  [[nodiscard]] std::vector<std::string> ids() const;

 private:
  std::string bytes_;
  std::size_t events_;
  struct Alerting {
    std::size_t id;  // where they begin
    std::size_t time;
  };
  std::vector<Alerting> alerting_;
};

/// Sends a POST and reads its answer; ends the program where that is not 200.
void exchange(support::HttpClient& client, const std::string& bytes);

/// POSTs of so many events a second, from a thread of its own until the end of this object.
class SteadyLoad {
 public:
  SteadyLoad(std::uint16_t port, std::vector<Request> requests, std::size_t events_per_second);
  ~SteadyLoad();
  SteadyLoad(const SteadyLoad&) = delete;
  SteadyLoad& operator=(const SteadyLoad&) = delete;
  [[nodiscard]] std::uint64_t events() const { return events_; }
  [[nodiscard]] std::uint64_t alerts() const { return alerts_; }

 private:
  void run(std::uint16_t port);

  std::vector<Request> requests_;
  const std::size_t rate_;
  std::atomic<bool> stopping_{false};
  std::atomic<std::uint64_t> events_{0};
  std::atomic<std::uint64_t> alerts_{0};
  std::thread thread_;
};

}  // namespace tiercel::bench
