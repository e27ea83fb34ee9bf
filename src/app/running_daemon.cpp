#include "running_daemon.h"

#include <chrono>
#include <utility>

#include "tiercel/http/client.h"

#include "audit_url.h"

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

}  // namespace

DaemonAnswer ask_daemon(const config::Settings& settings, std::string_view path) {
  DaemonAnswer result;
  for (const config::Listener& listener : config::listeners(settings)) {
    if (listener.health_path.empty() || listener.port == 0) {
      continue;
    }
    http::ClientOptions options;
    options.insecure = true;  // its certificate need not name the address
    options.connect_timeout = kTimeout;
    options.timeout = kTimeout;
    options.max_answer = kMostBytes;
    http::Client client(options);
    result.asked = local_url(listener, path);
    http::ClientRequest request;
    request.method = "GET";
    request.url = result.asked;
    auto answer = client.send(request);
    if (answer && answer->status == 200 && !answer->is_cut) {
      result.body = std::move(answer->body);
      break;
    }
    result.problem = problem_of(answer);
  }
  return result;
}

std::string no_answer_text(const DaemonAnswer& answer) {
  return "no daemon answers on " + answer.asked + ": " + answer.problem;
}

}  // namespace tiercel::app
