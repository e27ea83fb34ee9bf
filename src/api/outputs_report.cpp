#include "outputs_report.h"

#include "tiercel/api/reports.h"

#include "age.h"

namespace tiercel::api {

nlohmann::ordered_json outputs_part(const std::vector<output::OutputStatus>& outputs,
                                    std::int64_t now) {
  const auto age = [now](std::int64_t then) { return json_of(seconds_since(then, now)); };
  const auto until = [now](std::int64_t then) {
    return then == 0 ? nlohmann::ordered_json(nullptr) : json_of(seconds_since(now, then));
  };
  nlohmann::ordered_json all = nlohmann::ordered_json::array();
  for (const output::OutputStatus& one : outputs) {
    all.push_back({{"name", one.name},
                   {"kind", one.kind},
                   {"delivered", one.delivered},
                   {"failures", one.failures},
                   {"retries", one.retries},
                   {"filtered", one.filtered},
                   {"silenced", one.silenced},
                   {"grouped", one.grouped},
                   {"dead_lettered", one.dead_lettered},
                   {"dropped", one.dropped},
                   {"cursor", one.cursor},
                   {"lag_alerts", one.lag.alerts},
                   {"lag_seconds", age(one.lag.oldest)},
                   {"open_groups", one.open_groups},
                   {"in_delivery_seconds", age(one.delivering_since)},
                   {"failing_seconds", age(one.failing_since)},
                   {"next_try_seconds", until(one.next_try)},
                   {"breaker_open", one.breaker_open},
                   {"dead_letter_bytes", one.dead_letter_bytes},
                   {"dead_letter_limit", one.dead_letter_limit},
                   {"dead_letter_set_aside_bytes", one.set_aside_bytes},
                   {"last_success_seconds", age(one.last_success)},
                   {"last_error", one.last_error}});
  }
  return all;
}

std::string outputs_json(const std::vector<output::OutputStatus>& outputs, std::int64_t now) {
  return outputs_part(outputs, now)
             .dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) +
         "\n";
}

}  // namespace tiercel::api
