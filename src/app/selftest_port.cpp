#include "selftest_port.h"

#include <cstdio>
#include <utility>

#include "tiercel/base/one_line.h"
#include "tiercel/source/webhook_source.h"

#include "audit_url.h"

namespace tiercel::app {

namespace {

constexpr std::size_t kEventsOfBatch = 50;

http::ClientOptions client_options(const SelftestOptions& options) {
  http::ClientOptions client;
  client.user_agent = "tiercel-selftest";
  client.insecure = options.ca.empty();  // its certificate need not name the address
  client.ca_cert = options.ca;
  client.mtls = !options.certificate.empty();
  client.client_cert = options.certificate;
  client.client_key = options.key.empty() ? options.certificate : options.key;
  client.bearer_token_file = options.token_file;
  return client;
}

std::string answer_text(const http::ClientResponse& answer) {
  const bool is_refusal = answer.status == 401 || answer.status == 403;
  return "it answered " + std::to_string(answer.status) +
         (is_refusal ? ": give it what an apiserver has, --client-cert and --client-key or "
                       "--token-file"
                     : "");
}

}  // namespace

SelftestPort::SelftestPort(const SelftestOptions& options, std::string url)
    : url_(std::move(url)), client_(client_options(options)) {}

std::optional<http::ClientResponse> SelftestPort::send(std::string_view body) {
  http::ClientRequest request;
  request.url = url_;
  request.body = body;
  request.wanted_header = source::kClientHeader;
  auto answer = client_.send(request);
  if (answer && answer->status == 200) {
    return std::move(*answer);
  }
  const std::string why = answer ? answer_text(*answer) : base::one_line(answer.error().text());
  std::fprintf(stderr, "Error: %s does not take the events: %s\n", url_.c_str(), why.c_str());
  return std::nullopt;
}

std::optional<std::string> SelftestPort::ask_identity() {
  const auto answer = send(kEmptyBatch);
  return answer ? std::optional(http::url_decode(answer->wanted_header)) : std::nullopt;
}

bool SelftestPort::post(const std::vector<selftest::SyntheticEvent>& events) {
  std::string items;
  std::size_t count = 0;
  const auto send_items = [&] {
    const std::string body =
        R"({"kind":"EventList","apiVersion":"audit.k8s.io/v1","metadata":{},"items":[)" + items +
        "]}\n";
    items.clear();
    count = 0;
    return send(body).has_value();
  };
  for (const selftest::SyntheticEvent& event : events) {
    if (event.event.empty()) {
      continue;
    }
    items += (items.empty() ? "" : ",") + event.event;
    if (++count == kEventsOfBatch && !send_items()) {
      return false;
    }
  }
  return count == 0 || send_items();
}

}  // namespace tiercel::app
