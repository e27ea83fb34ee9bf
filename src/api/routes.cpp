#include "tiercel/api/routes.h"

#include <algorithm>
#include <utility>

#include <arpa/inet.h>

#include "tiercel/base/bytes.h"
#include "tiercel/base/json_text.h"
#include "tiercel/base/one_line.h"

namespace tiercel::api {

namespace {

namespace asio = boost::asio;

// "[::1]:8766" → "::1", "LocalHost.:80" → "localhost"; empty where it is no host.
std::string bare_host(std::string_view host) {
  if (host.starts_with('[')) {
    const std::size_t end = host.find(']');
    host = end == std::string_view::npos ? std::string_view() : host.substr(1, end - 1);
  } else {
    host = host.substr(0, host.rfind(':'));
  }
  if (host.ends_with('.')) {
    host.remove_suffix(1);
  }
  std::string out(host);
  std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : static_cast<char>(c);
  });
  return out;
}

bool is_address(const std::string& host) {
  in6_addr address{};
  return inet_pton(AF_INET, host.c_str(), &address) == 1 ||
         inet_pton(AF_INET6, host.c_str(), &address) == 1;
}

bool is_local(const std::string& host) {
  return host == "localhost" || host == "::1" || (is_address(host) && host.starts_with("127."));
}

bool is_json(std::string_view type) {
  constexpr std::string_view kJson = "application/json";
  const std::string_view word = type.substr(0, type.find_first_of("; "));
  return http::same_word(word, kJson);
}

constexpr const char* kNoChanges =
    "changes are not taken over this port, which every user of the host reaches: set "
    "'admin.socket' (as /run/tiercel/admin.sock) and restart tiercel, or accept it: "
    "'admin.allow_changes: true'";

}  // namespace

std::string HostRule::refusal(std::string_view host) const {
  const std::string bare = bare_host(host);
  if (bare.empty()) {
    return "no Host header that names a host";
  }
  if (is_local(bare) || (any_address && is_address(bare)) ||
      std::any_of(names.begin(), names.end(),
                  [&bare](const std::string& name) { return bare_host(name + ":") == bare; })) {
    return {};
  }
  return "the host '" + base::one_line(bare) +
         "' is none of this port's; name it in admin.allowed_hosts if it is";
}

Routes::Routes(http::Router& router, HostRule hosts, Changes changes, OnRefused on_refused)
    : router_(router),
      rules_(
          std::make_shared<const Rules>(Rules{std::move(hosts), changes, std::move(on_refused)})) {}

std::optional<http::Response> Routes::Rules::refusal(const http::Request& request,
                                                     bool is_change) const {
  if (request.peer == http::kUnixPeer) {
    return std::nullopt;
  }
  std::string why = hosts.refusal(request.header("Host"));
  const unsigned status = why.starts_with("no ") ? 400 : 403;
  if (why.empty() && is_change && changes == Changes::kOverUnixSocket) {
    why = kNoChanges;
  }
  if (why.empty()) {
    return std::nullopt;
  }
  if (on_refused) {
    on_refused(request, why);
  }
  return error_response(status, why);
}

void Routes::get(std::string path, Answer answer) {
  router_.add_get(std::move(path),
                  [answer = std::move(answer), rules = rules_](const http::Request& request) {
                    auto refusal = rules->refusal(request, false);
                    return refusal ? std::move(*refusal) : answer(request);
                  });
}

void Routes::post(std::string path, AnswerToBody answer) {
  router_.add(
      "POST", std::move(path),
      [answer = std::move(answer), rules = rules_](
          const http::Request& request, http::BodyReader& body) -> asio::awaitable<http::Response> {
        if (auto refusal = rules->refusal(request, true)) {
          co_return std::move(*refusal);
        }
        if (!is_json(request.header("Content-Type"))) {
          co_return error_response(415, "Content-Type must be application/json");
        }
        base::Bytes bytes;
        const auto read = co_await body.read_whole(bytes, kMostBody, 0);
        if (!read) {
          co_return error_response(400, read.error().message);
        }
        if (read->extent == http::BodyReader::Extent::kPrefix) {
          co_return error_response(413, "the body is too large");
        }
        co_return answer(request, std::string_view(bytes.data(), read->size));
      });
}

http::Response json_response(std::string body, unsigned status) {
  return {.status = status, .content_type = "application/json", .body = std::move(body)};
}

http::Response error_response(unsigned status, std::string_view message) {
  std::string body = R"({"error": ")";
  base::append_json_escaped(body, message);
  return json_response(body + "\"}\n", status);
}

}  // namespace tiercel::api
