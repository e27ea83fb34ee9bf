#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tiercel::output {

struct HttpPeerOptions;

/// What no answer may tell again: it goes to logs, `/outputs` and dead letters, and many a peer
/// repeats the path that it does not know or the key that it does not like.
///
/// Immutable; any thread.
class PeerSecrets {
 public:
  /// Of the options: the URL's path and query, credentials as they are and as Basic sends them,
  /// the values of `headers`, the proxy's user. `more`: the kind's own.
  PeerSecrets(const HttpPeerOptions& options, const std::vector<std::string>& more);

  /// `said` with an ellipsis for each of them; `token`: the one of the request, which a file holds.
  [[nodiscard]] std::string hide(std::string_view said, std::string_view token) const;

 private:
  std::vector<std::string> secrets_;  // the longest first
};

}  // namespace tiercel::output
