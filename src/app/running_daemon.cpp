#include "running_daemon.h"

#include <chrono>
#include <utility>

#include <nlohmann/json.hpp>

#include "tiercel/base/one_line.h"
#include "tiercel/http/client.h"

#include "audit_url.h"
#include "checked_json.h"

namespace tiercel::app {

namespace {

constexpr std::chrono::milliseconds kTimeout{2'000};
// Every rule of a large set, with its figures.
constexpr std::uint64_t kMostBytes = std::uint64_t{64} << 20U;

std::string problem_of(const base::Result<http::ClientResponse>& answer) {
  if (!answer) {
    return answer.error().message;
  }
  if (answer->status == 404) {
    return "it answered 404: another program, or a tiercel of before an upgrade, which a restart "
           "ends";
  }
  return answer->is_cut ? "its answer is too long"
                        : "it answered " + std::to_string(answer->status);
}

// The reason in {"error": "…"}; empty where it is something else.
std::string reason_in(const base::Result<http::ClientResponse>& answer) {
  if (!answer || answer->status < 400) {
    return {};
  }
  const auto json = nlohmann::json::parse(answer->body, nullptr, false);
  return json.is_object() && json.contains("error") && json["error"].is_string()
             ? base::one_line(json["error"].get_ref<const std::string&>())
             : std::string();
}

DaemonAnswer exchange(const config::Settings& settings, std::string_view path,
                      std::string_view method, std::string_view body) {
  DaemonAnswer result;
  const auto listener = config::admin_listener(settings);
  if (!listener || (listener->socket.empty() && listener->port == 0)) {
    return result;
  }
  http::ClientOptions options;
  options.connect_timeout = kTimeout;
  options.timeout = kTimeout;
  options.max_answer = kMostBytes;
  options.unix_socket = listener->socket;
  http::Client client(options);
  const std::string url = listener->socket.empty() ? local_url(*listener, path)
                                                   : "http://localhost" + std::string(path);
  result.asked = listener->socket.empty() ? url : listener->socket + " (admin.socket)";
  http::ClientRequest request;
  request.method = method;
  request.url = url;
  request.body = body;
  auto answer = client.send(request);
  if (answer && answer->status == 200 && !answer->is_cut) {
    result.body = std::move(answer->body);
  } else if (const std::string reason = reason_in(answer); !reason.empty()) {
    result.problem = reason;
    result.is_refusal = true;
  } else {
    result.problem = problem_of(answer);
  }
  return result;
}

}  // namespace

DaemonAnswer ask_daemon(const config::Settings& settings, std::string_view path) {
  return exchange(settings, path, "GET", {});
}

std::vector<RuleOutOfForce> rules_out_of_force(const config::Settings& settings) {
  const DaemonAnswer answer = ask_daemon(settings, "/rules/disabled");
  const auto said =
      answer.body ? nlohmann::json::parse(*answer.body, nullptr, false) : nlohmann::json();
  std::vector<RuleOutOfForce> all;
  for (const auto& one : member(said, "disabled")) {
    if (member(one, "rule").is_string()) {
      all.push_back({one["rule"].get<std::string>(), text(one, "until")});
    }
  }
  return all;
}

DaemonAnswer tell_daemon(const config::Settings& settings, std::string_view path,
                         std::string_view body) {
  return exchange(settings, path, "POST", body);
}

std::string no_answer_text(const DaemonAnswer& answer) {
  return "no daemon answers on " + answer.asked + ": " + answer.problem;
}

}  // namespace tiercel::app
