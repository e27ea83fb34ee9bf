#include "tiercel/http/router.h"

#include <utility>

namespace tiercel::http {

void Router::add(std::string method, std::string path, Handler handler) {
  routes_.push_back({std::move(method), std::move(path), std::move(handler)});
}

void Router::add_below(std::string method, std::string path, Handler handler) {
  routes_.push_back({std::move(method), std::move(path), std::move(handler), true});
}

bool Router::Route::matches(std::string_view wanted) const {
  if (!is_below) {
    return path == wanted;
  }
  // A route of "/" would leave no name between two slashes.
  return wanted.size() > path.size() + 1 && wanted.starts_with(path) &&
         wanted[path.size()] == '/' && wanted.find('/', path.size() + 1) == std::string_view::npos;
}

void Router::add_get(std::string path, std::function<Response(const Request&)> answer) {
  add("GET", std::move(path),
      [answer = std::move(answer)](const Request& request, BodyReader&)
          -> boost::asio::awaitable<Response> { co_return answer(request); });
}

void Router::on_unknown_path(std::function<void(const Request&)> listener) {
  unknown_path_ = std::move(listener);
}

Router::Match Router::find(std::string_view method, std::string_view path) const {
  Match match;
  for (const Route& route : routes_) {
    if (!route.matches(path)) {
      continue;
    }
    if (route.method == method || (method == "HEAD" && route.method == "GET")) {
      match.handler = &route.handler;
      return match;
    }
    match.status = 405;
    match.allow += match.allow.empty() ? "" : ", ";
    match.allow += route.method == "GET" ? "GET, HEAD" : route.method;
  }
  return match;
}

Router::Match Router::dispatch(const Request& request) const {
  Match match = find(request.method, request.path);
  if (match.handler == nullptr && match.status == 404 && unknown_path_) {
    unknown_path_(request);
  }
  return match;
}

}  // namespace tiercel::http
