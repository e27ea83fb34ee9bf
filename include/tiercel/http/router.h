#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "tiercel/http/body_reader.h"
#include "tiercel/http/request.h"

namespace tiercel::http {

/// Answers one request. May run on several io threads at once; must not throw.
using Handler = std::function<boost::asio::awaitable<Response>(const Request&, BodyReader&)>;

/// Method and path to handler. The path must be equal byte by byte (the query is not
/// looked at: the apiserver adds ?timeout=30s); a GET route also answers HEAD.
/// Filled before the server starts, constant afterwards.
class Router {
 public:
  void add(std::string method, std::string path, Handler handler);
  /// Every path that has one more segment, of any name, behind this one: not "/", not two.
  void add_below(std::string method, std::string path, Handler handler);
  /// A GET route whose answer needs neither body nor waiting.
  void add_get(std::string path, std::function<Response(const Request&)> answer);
  /// Told of each request whose path no route has (to log a hint).
  void on_unknown_path(std::function<void(const Request&)> listener);

  struct Match {
    const Handler* handler = nullptr;  ///< nullptr: answer `status`
    unsigned status = 404;             ///< 404 or 405
    std::string allow;                 ///< for 405: "GET, HEAD"
  };
  [[nodiscard]] Match find(std::string_view method, std::string_view path) const;
  /// find(), and tells the listener of an unknown path.
  [[nodiscard]] Match dispatch(const Request& request) const;

 private:
  struct Route {
    std::string method;
    std::string path;
    Handler handler;
    bool is_below = false;
    [[nodiscard]] bool matches(std::string_view path) const;
  };
  std::vector<Route> routes_;
  std::function<void(const Request&)> unknown_path_;
};

}  // namespace tiercel::http
