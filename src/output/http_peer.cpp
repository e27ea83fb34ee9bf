#include "http_peer.h"

#include <algorithm>
#include <array>

#include "tiercel/base/cut_utf8.h"
#include "tiercel/base/json_text.h"

namespace tiercel::output {

namespace {

constexpr std::size_t kMostSaid = 200;

http::ClientOptions client_options(const HttpPeerOptions& from,
                                   std::vector<std::pair<std::string, std::string>> headers) {
  using Compression = http::ClientOptions::Compression;
  http::ClientOptions options;
  options.user_agent = from.user_agent;
  options.insecure = from.insecure;
  options.ca_cert = from.ca_cert;
  options.ca_bundle = from.ca_bundle;
  options.ca_path = from.ca_path;
  options.mtls = from.mtls;
  options.client_cert = from.client_cert;
  options.client_key = from.client_key;
  options.proxy = from.proxy;
  options.bearer_token = from.bearer_token;
  options.bearer_token_file = from.bearer_token_file;
  options.username = from.username;
  options.password = from.password;
  options.headers = std::move(headers);
  options.headers.insert(options.headers.end(), from.headers.begin(), from.headers.end());
  // DIFFERS FROM FALCO: there compress_uploads only announces it; here it compresses.
  options.compression = from.compression == Compression::kNone && from.compress_uploads
                            ? Compression::kGzip
                            : from.compression;
  options.connect_timeout = from.connect_timeout;
  options.timeout = from.timeout;
  options.tcp_keep_alive = from.keep_alive;
  return options;
}

void describe_tls(config::Section<HttpPeerOptions>& s) {
  s.option("insecure", &HttpPeerOptions::insecure,
           "Do not check the peer's certificate and its name.");
  s.option("ca_cert", &HttpPeerOptions::ca_cert,
           "Authority that the peer's certificate must be signed by, PEM. The first of ca_cert, "
           "ca_bundle and ca_path that is not empty counts.")
      .file();
  s.option("ca_bundle", &HttpPeerOptions::ca_bundle, "Several such authorities in one file.")
      .file();
  s.option("ca_path", &HttpPeerOptions::ca_path, "A folder of authorities, named by hash.").file();
  s.option("mtls", &HttpPeerOptions::mtls, "Show the peer a certificate of our own.");
  s.option("client_cert", &HttpPeerOptions::client_cert, "That certificate, PEM.").file();
  s.option("client_key", &HttpPeerOptions::client_key, "Its key, PEM.").file();
}

void describe_credentials(config::Section<HttpPeerOptions>& s) {
  s.option("headers", &HttpPeerOptions::headers, "Further headers of each request.")
      .example("{X-Scope-OrgID: audit}")
      .secret();
  s.option("bearer_token", &HttpPeerOptions::bearer_token, "Authorization: Bearer TOKEN.").secret();
  s.option("bearer_token_file", &HttpPeerOptions::bearer_token_file,
           "A file with the token, read for each request, so that it can be exchanged.");
  s.option("auth_username", &HttpPeerOptions::username, "Basic authentication.");
  s.option("auth_password", &HttpPeerOptions::password, "Its password.").secret();
}

}  // namespace

void describe_transport(config::Schema& schema, const std::string& section,
                        HttpPeerOptions& options) {
  using Compression = http::ClientOptions::Compression;
  config::Section<HttpPeerOptions> s(schema, section, options);
  describe_credentials(s);
  describe_tls(s);
  s.option("user_agent", &HttpPeerOptions::user_agent, "User-Agent of the requests, as Falco's.");
  s.option("proxy", &HttpPeerOptions::proxy,
           "URL of a proxy; empty: none, whatever the environment says.")
      .secret();
  s.choice<Compression>(
      "compression", &HttpPeerOptions::compression,
      {{"none", Compression::kNone}, {"gzip", Compression::kGzip}, {"zstd", Compression::kZstd}},
      "Compress the bodies of requests.");
  s.option("compress_uploads", &HttpPeerOptions::compress_uploads,
           "Falco's word for compression: gzip.");
  s.option("keep_alive", &HttpPeerOptions::keep_alive,
           "TCP keep-alive probes; connections are used again in any case.");
  s.option("connect_timeout", &HttpPeerOptions::connect_timeout, "For a connection.")
      .between(std::chrono::milliseconds(10), std::chrono::minutes(5));
  s.option("timeout", &HttpPeerOptions::timeout, "For a whole request with its answer.")
      .between(std::chrono::milliseconds(10), std::chrono::minutes(30));
}

HttpPeer::HttpPeer(const HttpPeerOptions& options, PeerKind kind)
    : url_(options.url),
      timeout_(options.timeout),
      secrets_(options, kind.secrets),
      taking_(kind.taking),
      client_(client_options(options, std::move(kind.headers))) {}

base::Result<void> HttpPeer::check(std::string_view url_name) const {
  if (const std::string complaint = http::url_complaint(url_); !complaint.empty()) {
    return base::Error{"bad_url", "`" + std::string(url_name) + "` " + complaint, ""};
  }
  return client_.check();
}

base::Result<http::ClientResponse> HttpPeer::post(
    std::string_view url, std::string_view content_type, std::string_view body,
    std::vector<std::pair<std::string, std::string>> headers) {
  http::ClientRequest request;
  request.url = url;
  request.content_type = content_type;
  request.body = body;
  request.headers = std::move(headers);
  return client_.send(request);
}

Deadline HttpPeer::deadline() const { return delivery_deadline(timeout_); }

bool is_again(int status) {
  static constexpr std::array kAgain{401, 402, 403, 404, 405, 407, 408, 410, 421, 425, 429};
  return status >= 500 || status < 200 || (status >= 300 && status < 400) ||
         std::find(kAgain.begin(), kAgain.end(), status) != kAgain.end();
}

namespace {
// Where a redirect leads, without its path: that may be a secret.
std::string redirect_text(std::string_view location) {
  const std::size_t host = location.find("://");
  if (host == std::string_view::npos) {
    return "a redirect to another path; set the URL to where it leads";
  }
  std::string origin;
  base::append_json_escaped(origin, location.substr(0, location.find_first_of("/?#", host + 3)));
  return "a redirect to " + cut_text(origin, kMostSaid) + "; set the URL to where it leads";
}
}  // namespace

std::string HttpPeer::without_secrets(std::string_view said) const {
  return secrets_.hide(said, client_.last_token());
}

std::string HttpPeer::answer_text(const http::ClientResponse& answer) const {
  if (!answer.location.empty() && answer.status >= 300 && answer.status < 400) {
    return "HTTP " + std::to_string(answer.status) + ": " +
           redirect_text(without_secrets(answer.location));
  }
  std::string said;
  base::append_json_escaped(said, cut_text(without_secrets(answer.body), kMostSaid));
  return "HTTP " + std::to_string(answer.status) + (said.empty() ? "" : ": " + said);
}

// DIFFERS FROM FALCO: it looks at no status, so that an error page loses the alert.
Delivery HttpPeer::judge(const base::Result<http::ClientResponse>& answer,
                         std::size_t messages) const {
  if (!answer) {
    return Delivery::again_from(0, messages, answer.error());
  }
  if (answer->status >= 200 && answer->status < 300) {
    if (taking_.is_it == nullptr || taking_.is_it(*answer)) {
      return Delivery::delivered(answer_text(*answer));
    }
    return Delivery::again_from(
        0, messages,
        {"refused",
         "not what the peer answers when it takes alerts (" + std::string(taking_.answer) +
             "): " + answer_text(*answer) + "; is the URL right, does a proxy stand between?",
         ""},
        answer->retry_after);
  }
  if (is_again(answer->status)) {
    return Delivery::again_from(0, messages, {"refused", answer_text(*answer), ""},
                                answer->retry_after);
  }
  Delivery delivery;
  for (std::size_t at = 0; at < messages; ++at) {
    delivery.rejected.push_back({at, answer_text(*answer)});
  }
  return delivery;
}

Delivery post_each(HttpPeer& peer, std::string_view url, std::string_view content_type,
                   std::span<const Message> messages, const MakeBody& make, const JudgeOne& judge) {
  std::string body;
  return deliver_each(messages, peer.deadline(), [&](const Message& message) {
    body.clear();
    make(message, body);
    const auto answer = peer.post(url, content_type, body);
    return judge ? judge(answer) : peer.judge(answer, 1);
  });
}

std::string label_name(std::string_view text) {
  std::string name;
  for (const char c : text) {
    const bool is_good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
                         (c >= '0' && c <= '9' && !name.empty());
    name += is_good ? c : '_';
  }
  return name.empty() ? "_" : name;
}

std::string cut_text(std::string_view text, std::size_t most_bytes) {
  constexpr std::string_view kEllipsis = "\u2026";
  if (text.size() <= most_bytes) {
    return std::string(text);
  }
  const std::size_t room = most_bytes > kEllipsis.size() ? most_bytes - kEllipsis.size() : 0;
  return std::string(base::cut_utf8(text, room)) + std::string(kEllipsis);
}

std::string cut_characters(std::string_view text, std::size_t most) {
  std::size_t units = 0;
  std::size_t end = 0;  // of the characters that leave room for an ellipsis
  for (std::size_t at = 0; at < text.size();) {
    std::size_t next = at + 1;
    while (next < text.size() && (static_cast<unsigned char>(text[next]) & 0xC0U) == 0x80U) {
      ++next;
    }
    units += static_cast<unsigned char>(text[at]) >= 0xF0U ? 2U : 1U;
    end = units < most ? next : end;
    at = next;
  }
  return units <= most ? std::string(text) : std::string(text.substr(0, end)) + "\u2026";
}

}  // namespace tiercel::output
