#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tiercel/http/router.h"

namespace tiercel::api {

/// Which Host headers are answered. A web page can make a browser on this host send requests to
/// any address by a name of its own (DNS rebinding); its name then stands in Host.
struct HostRule {
  bool any_address = false;          ///< every interface is listened on: any numeric address
  std::vector<std::string> names{};  ///< beside localhost and loopback addresses; without ports

  /// Nothing where a request with this header (or none: empty) is answered; else why not.
  [[nodiscard]] std::string refusal(std::string_view host) const;
};

/// Over what changes are taken: every user of the host reaches its loopback, and pods in its
/// network do.
enum class Changes : std::uint8_t { kOverUnixSocket, kOverAll };

/// Adds endpoints of the API to a router, each behind the rule of hosts, those that change
/// something behind that of changes. Neither asks anything of who comes over a Unix socket, which
/// no browser reaches and whose file says who may open it.
class Routes {
 public:
  using Answer = std::function<http::Response(const http::Request&)>;
  /// `body` is valid JSON or not: the handler looks. At most kMostBody bytes.
  using AnswerToBody = std::function<http::Response(const http::Request&, std::string_view body)>;
  static constexpr std::size_t kMostBody = std::size_t{64} << 10U;
  /// Told of each request that a rule refuses.
  using OnRefused = std::function<void(const http::Request&, std::string_view why)>;

  Routes(http::Router& router, HostRule hosts, Changes changes, OnRefused on_refused);

  void get(std::string path, Answer answer);
  /// For what changes something. Only with Content-Type: application/json, which no page of another
  /// origin can send.
  void post(std::string path, AnswerToBody answer);

 private:
  struct Rules {
    HostRule hosts;
    Changes changes;
    OnRefused on_refused;
    /// What answers a request that may not be answered otherwise.
    [[nodiscard]] std::optional<http::Response> refusal(const http::Request& request,
                                                        bool is_change) const;
  };

  http::Router& router_;
  const std::shared_ptr<const Rules> rules_;
};

/// A JSON text as an answer.
[[nodiscard]] http::Response json_response(std::string body, unsigned status = 200);
/// {"error": "…"} with this status.
[[nodiscard]] http::Response error_response(unsigned status, std::string_view message);

}  // namespace tiercel::api
