#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tiercel/http/client.h"
#include "tiercel/output/output.h"

#include "peer_secrets.h"
#include "piecewise.h"
#include "taking.h"

namespace tiercel::output {

/// How an output that speaks HTTP reaches its peer; the same options for all of them, named as
/// in Falco's http_output where it has them.
struct HttpPeerOptions : OutputOptions {
  std::string url{};
  std::string user_agent = "tiercel";
  bool insecure = false;
  std::string ca_cert{};
  std::string ca_bundle{};
  std::string ca_path = "/etc/ssl/certs";
  bool mtls = false;
  std::string client_cert = "/etc/ssl/certs/client.crt";
  std::string client_key = "/etc/ssl/certs/client.key";
  bool keep_alive = false;
  bool compress_uploads = false;
  http::ClientOptions::Compression compression = http::ClientOptions::Compression::kNone;
  config::TextPairs headers{};
  std::string bearer_token{};
  std::string bearer_token_file{};
  std::string username{};
  std::string password{};
  std::string proxy{};
  std::chrono::milliseconds connect_timeout{5'000};
  std::chrono::milliseconds timeout{30'000};
};

/// What a kind says of its peer, beside the options that all of them share.
struct PeerKind {
  std::vector<std::pair<std::string, std::string>> headers{};  ///< of each request
  /// Its own options that nobody may read; what stands empty is none.
  std::vector<std::string> secrets{};
  Taking taking{};
};

/// A client to one peer, with one way to read what its answers mean.
///
/// Runs on: the output's thread, but for interrupt().
class HttpPeer {
 public:
  explicit HttpPeer(const HttpPeerOptions& options, PeerKind kind = {});

  /// Looks at the URL and the files.
  [[nodiscard]] base::Result<void> check(std::string_view url_name = "url") const;
  [[nodiscard]] base::Result<http::ClientResponse> post(
      std::string_view url, std::string_view content_type, std::string_view body,
      std::vector<std::pair<std::string, std::string>> headers = {});
  void interrupt() { client_.interrupt(); }
  /// Of a delivery that begins now: its timeout, and a minute at least.
  [[nodiscard]] Deadline deadline() const;

  /// "HTTP 400: what the peer said", its first words, one line.
  [[nodiscard]] std::string answer_text(const http::ClientResponse& answer) const;
  /// What the peer said, without what it repeats of the URL's path and query, and of credentials.
  [[nodiscard]] std::string without_secrets(std::string_view said) const;

  /// 2xx: delivered, where it is what the kind's peers say when they take a request; else again,
  /// since somebody stands between. Redirects, 401 to 408 but 406, 410, 421, 425, 429 and 5xx:
  /// again, since time or an operator can mend them. All else is refused for good and becomes a
  /// dead letter.
  [[nodiscard]] Delivery judge(const base::Result<http::ClientResponse>& answer,
                               std::size_t messages) const;

 private:
  const std::string url_;
  const std::chrono::milliseconds timeout_;
  const PeerSecrets secrets_;
  const Taking taking_;
  http::Client client_;
};

[[nodiscard]] bool is_again(int status);

/// Adds all of them but `url` to the schema: kinds word that one themselves.
void describe_transport(config::Schema& schema, const std::string& section,
                        HttpPeerOptions& options);

using MakeBody = std::function<void(const Message& message, std::string& body)>;
/// What an answer to one message means.
using JudgeOne = std::function<Delivery(const base::Result<http::ClientResponse>& answer)>;
/// Posts messages one by one with `make` for each body; what of them was taken. Without `judge`
/// the peer's status decides.
[[nodiscard]] Delivery post_each(HttpPeer& peer, std::string_view url,
                                 std::string_view content_type, std::span<const Message> messages,
                                 const MakeBody& make, const JudgeOne& judge = {});

/// A label's name for Prometheus and Loki: letters, digits and underscores.
[[nodiscard]] std::string label_name(std::string_view text);

/// Cuts at a character's border, with an ellipsis where something went.
[[nodiscard]] std::string cut_text(std::string_view text, std::size_t most_bytes);
/// The same counted in UTF-16 units, as Slack, Discord and Teams count.
[[nodiscard]] std::string cut_characters(std::string_view text, std::size_t most);

}  // namespace tiercel::output
