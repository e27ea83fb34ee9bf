#include "path_hint.h"

#include <algorithm>
#include <string_view>

#include "tiercel/base/nearest.h"

namespace tiercel::source {

namespace {

constexpr std::size_t kLongestShown = 128;

bool looks_like_ours(std::string path, const std::vector<std::string>& paths) {
  std::transform(path.begin(), path.end(), path.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  if (path == "/" || path.find("audit") != std::string::npos) {
    return true;
  }
  const std::vector<std::string_view> known(paths.begin(), paths.end());
  return path.size() <= kLongestShown && !base::nearest_name(path, known).empty();
}

}  // namespace

std::string wrong_path_hint(const http::Request& request, const std::vector<std::string>& paths) {
  if (request.method != "POST" || paths.empty() || !looks_like_ours(request.path, paths)) {
    return {};
  }
  const std::string_view host = request.header("Host").substr(0, kLongestShown);
  std::string hint = "audit batches from ";
  hint += request.peer;
  hint += " come to the path ";
  hint += std::string_view(request.path).substr(0, kLongestShown);
  hint += ", which is answered 404; write this in the webhook's kubeconfig: server: ";
  hint += request.scheme;
  hint += "://";
  hint += host.empty() ? std::string_view("HOST:PORT") : host;
  hint += paths.front();
  return hint;
}

}  // namespace tiercel::source
