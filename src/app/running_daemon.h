#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tiercel/config/settings.h"

namespace tiercel::app {

struct DaemonAnswer {
  std::string asked;                ///< the URL; empty where there is none to ask
  std::optional<std::string> body;  ///< nothing where no daemon answers as one should
  std::string problem;              ///< then why: "answered 404", "connection refused"
  bool is_refusal = false;          ///< a daemon answered, and `problem` is its reason
};
/// "no daemon answers on URL: why"
[[nodiscard]] std::string no_answer_text(const DaemonAnswer& answer);
/// What the daemon that runs with these settings answers to GET `path` on this host.
[[nodiscard]] DaemonAnswer ask_daemon(const config::Settings& settings, std::string_view path);
/// The same for a POST of this JSON; where it is refused, `problem` is what the daemon says.
[[nodiscard]] DaemonAnswer tell_daemon(const config::Settings& settings, std::string_view path,
                                       std::string_view body);
/// A rule that the daemon has out of force for a while (`tiercel rules disable`).
struct RuleOutOfForce {
  std::string rule;
  std::string until;
};
/// None where no daemon answers.
[[nodiscard]] std::vector<RuleOutOfForce> rules_out_of_force(const config::Settings& settings);

}  // namespace tiercel::app
