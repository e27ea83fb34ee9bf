#include "running_daemon.h"

#include <cerrno>
#include <chrono>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>
#include <unistd.h>

#include "tiercel/base/one_line.h"
#include "tiercel/http/client.h"

#include "audit_url.h"
#include "checked_json.h"

namespace tiercel::app {

namespace {

constexpr std::chrono::milliseconds kTimeout{2'000};
// A change of the rules compiles all of them.
constexpr std::chrono::milliseconds kChangeTimeout{30'000};
// Every rule of a large set, with its figures.
constexpr std::uint64_t kMostBytes = std::uint64_t{64} << 20U;

using Answer = base::Result<http::ClientResponse>;

struct Question {
  std::string_view method;
  std::string_view path;
  std::string_view body;
  [[nodiscard]] bool is_change() const { return method == "POST"; }
};

// One way to the daemon.
struct Way {
  std::string socket;  ///< empty: by the URL's address
  std::string url;
  std::string name;  ///< for messages
};

// The socket first, which takes changes too; who may not open it still reads at the port.
std::vector<Way> ways_to(const config::Listener& listener, const Question& question) {
  std::vector<Way> ways;
  if (!listener.socket.empty()) {
    ways.push_back({listener.socket, "http://localhost" + std::string(question.path),
                    listener.socket + " (admin.socket)"});
  }
  const bool has_port = !listener.hosts.empty() && listener.port != 0;
  if (has_port && (ways.empty() || !question.is_change())) {
    const std::string url = local_url(listener, question.path);
    ways.push_back({{}, url, url});
  }
  return ways;
}

Answer ask(const Way& way, const Question& question) {
  http::ClientOptions options;
  options.connect_timeout = kTimeout;
  options.timeout = question.is_change() ? kChangeTimeout : kTimeout;
  options.max_answer = kMostBytes;
  options.unix_socket = way.socket;
  http::Client client(options);
  http::ClientRequest request;
  request.method = question.method;
  request.url = way.url;
  request.body = question.body;
  return client.send(request);
}

std::string problem_of(const Answer& answer, const Way& way, const Question& question) {
  if (!answer) {
    if (!way.socket.empty() && ::access(way.socket.c_str(), R_OK | W_OK) != 0 && errno == EACCES) {
      return "permission denied: only root and the daemon's user may open it";
    }
    const std::string& code = answer.error().code;
    const bool was_sent = code == "timeout" || code == "reset";
    return answer.error().message + (question.is_change() && was_sent
                                         ? "; it may have taken effect: ask with `tiercel rules "
                                           "disabled`"
                                         : "");
  }
  if (answer->status == 404) {
    return "it answered 404: another program, or a tiercel of before an upgrade, which a restart "
           "ends";
  }
  return answer->is_cut ? "its answer is too long"
                        : "it answered " + std::to_string(answer->status);
}

// The reason in {"error": "…"}; empty where it is something else.
std::string reason_in(const Answer& answer) {
  if (!answer || answer->status < 400) {
    return {};
  }
  const auto json = nlohmann::json::parse(answer->body, nullptr, false);
  return json.is_object() && json.contains("error") && json["error"].is_string()
             ? base::one_line(json["error"].get_ref<const std::string&>())
             : std::string();
}

DaemonAnswer exchange(const config::Settings& settings, const Question& question) {
  DaemonAnswer result;
  const auto listener = config::admin_listener(settings);
  if (!listener) {
    return result;
  }
  for (const Way& way : ways_to(*listener, question)) {
    Answer answer = ask(way, question);
    if (answer && answer->status == 200 && !answer->is_cut) {
      return {way.name, std::move(answer->body), {}, false};
    }
    const std::string reason = reason_in(answer);
    const std::string problem = reason.empty() ? problem_of(answer, way, question) : reason;
    const bool is_first = result.asked.empty();
    result.problem += (is_first ? "" : ", " + way.name + ": ") + problem;
    result.asked = is_first ? way.name : result.asked;
    result.is_refusal = !reason.empty();
    if (answer) {
      break;
    }
  }
  return result;
}

}  // namespace

DaemonAnswer ask_daemon(const config::Settings& settings, std::string_view path) {
  return exchange(settings, {"GET", path, {}});
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
  return exchange(settings, {"POST", path, body});
}

std::string no_answer_text(const DaemonAnswer& answer) {
  return "no daemon answers on " + answer.asked + ": " + answer.problem;
}

}  // namespace tiercel::app
