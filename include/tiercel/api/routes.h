#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "tiercel/http/router.h"

namespace tiercel::api {

/// Which Host headers are answered. A web page can make a browser on this host send requests to
/// any address by a name of its own (DNS rebinding); its name then stands in Host.
struct HostRule {
  bool any = false;                  ///< a Unix socket: no browser reaches it
  bool any_address = false;          ///< every interface is listened on: any numeric address
  std::vector<std::string> names{};  ///< beside localhost and loopback addresses; without ports

  /// Nothing where a request with this header (or none: empty) is answered; else why not.
  [[nodiscard]] std::string refusal(std::string_view host) const;
};

/// Adds endpoints of the API to a router, each behind the rule of hosts.
class Routes {
 public:
  using Answer = std::function<http::Response(const http::Request&)>;
  /// `body` is valid JSON or not: the handler looks. At most kMostBody bytes.
  using AnswerToBody = std::function<http::Response(const http::Request&, std::string_view body)>;
  static constexpr std::size_t kMostBody = std::size_t{64} << 10U;

  Routes(http::Router& router, HostRule hosts) : router_(router), hosts_(std::move(hosts)) {}

  void get(std::string path, Answer answer);
  /// Only with Content-Type: application/json, which no page of another origin can send.
  void post(std::string path, AnswerToBody answer);

 private:
  http::Router& router_;
  const HostRule hosts_;
};

/// A JSON text as an answer.
[[nodiscard]] http::Response json_response(std::string body, unsigned status = 200);
/// {"error": "…"} with this status.
[[nodiscard]] http::Response error_response(unsigned status, std::string_view message);

}  // namespace tiercel::api
