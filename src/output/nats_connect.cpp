#include "nats_connect.h"

#include <algorithm>
#include <utility>

#include "secret_file.h"

namespace tiercel::output {

namespace {

using Options = std::unique_ptr<natsOptions, NatsDestroyer<natsOptions, &::natsOptions_Destroy>>;

// A server that went without a word is noticed before long.
constexpr std::int64_t kPingMilliseconds = 20'000;

base::Error connect_error(natsStatus status, const std::string& server) {
  const std::string text = last_nats_text(status);
  switch (status) {
    case NATS_CONNECTION_AUTH_FAILED:
      return {"unauthorized",
              "the server does not know these credentials (" + text +
                  "): username and password, token, or credentials_file",
              server};
    case NATS_SECURE_CONNECTION_REQUIRED:
      return {"tls_failed", "the server wants TLS: set `tls`", server};
    case NATS_SECURE_CONNECTION_WANTED:
      return {"tls_failed", "the server does not speak TLS, and `tls` is set", server};
    case NATS_SSL_ERROR:
      return {"tls_failed",
              text +
                  ": set ca_file to the authority that signed the server's certificate, "
                  "server_name to the name in it",
              server};
    case NATS_TIMEOUT:
      return {"timeout", "the server does not answer in time", server};
    case NATS_NO_SERVER:
    case NATS_IO_ERROR:
      return {"connect_failed", "cannot connect: is it running, is the port right?", server};
    default:
      return {"connect_failed", "cannot connect: " + text, server};
  }
}

struct Secrets {
  std::string password;
  std::string token;
};

// One call after the other until one fails.
class Setup {
 public:
  Setup() {
    natsOptions* made = nullptr;
    status_ = ::natsOptions_Create(&made);
    options_.reset(made);
  }
  template <class... Expected, class... Given>
  void call(natsStatus (*set)(natsOptions*, Expected...), Given... values) {
    if (status_ == NATS_OK) {
      status_ = set(options_.get(), values...);
    }
  }
  [[nodiscard]] natsStatus status() const { return status_; }
  [[nodiscard]] natsOptions* get() const { return options_.get(); }

 private:
  Options options_;
  natsStatus status_ = NATS_OK;
};

void set_up_tls(Setup& setup, const NatsPeer& peer, const NatsUrl& url) {
  setup.call(&::natsOptions_SetSecure, true);
  if (!peer.ca_file.empty()) {
    setup.call(&::natsOptions_LoadCATrustedCertificates, peer.ca_file.c_str());
  }
  if (!peer.client_cert.empty()) {
    setup.call(&::natsOptions_LoadCertificatesChain, peer.client_cert.c_str(),
               peer.client_key.c_str());
  }
  if (peer.insecure) {
    setup.call(&::natsOptions_SkipServerVerification, true);
    return;  // an expected name would make the library verify after all
  }
  // Without a name the library would take any certificate that the authority has signed.
  std::string name = peer.server_name.empty() ? url.host : peer.server_name;
  if (name.starts_with('[') && name.ends_with(']')) {
    name = name.substr(1, name.size() - 2);
  }
  setup.call(&::natsOptions_SetExpectedHostname, name.c_str());
}

void set_up(Setup& setup, const NatsPeer& peer, const NatsUrl& url, const Secrets& secrets) {
  setup.call(&::natsOptions_SetURL, url.text().c_str());
  setup.call(&::natsOptions_SetName, peer.client_name.c_str());
  setup.call(&::natsOptions_SetAllowReconnect, false);
  setup.call(&::natsOptions_SetWriteDeadline, std::int64_t{peer.write_timeout.count()});
  setup.call(&::natsOptions_SetPingInterval, kPingMilliseconds);
  setup.call(&::natsOptions_SetMaxPingsOut, 1);
  if (!peer.username.empty()) {
    setup.call(&::natsOptions_SetUserInfo, peer.username.c_str(), secrets.password.c_str());
  }
  if (!secrets.token.empty()) {
    setup.call(&::natsOptions_SetToken, secrets.token.c_str());
  }
  if (!peer.credentials_file.empty()) {
    setup.call(&::natsOptions_SetUserCredentialsFromFiles, peer.credentials_file.c_str(),
               static_cast<const char*>(nullptr));
  }
  if (peer.tls || url.is_tls) {
    set_up_tls(setup, peer, url);
  }
}

}  // namespace

std::optional<NatsUrl> NatsUrl::parse(std::string_view text) {
  NatsUrl url;
  const std::size_t scheme = text.find("://");
  if (scheme != std::string_view::npos) {
    const std::string_view name = text.substr(0, scheme);
    if (name != "nats" && name != "tls") {
      return std::nullopt;
    }
    url.is_tls = name == "tls";
    text.remove_prefix(scheme + 3);
  }
  text.remove_suffix(text.ends_with('/') ? 1 : 0);
  if (text.find_first_of("@/ ") != std::string_view::npos) {
    return std::nullopt;
  }
  const std::size_t colon = text.rfind(':');
  const std::size_t bracket = text.rfind(']');
  const bool has_port =
      colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket);
  url.host = text.substr(0, has_port ? colon : text.size());
  if (has_port) {
    url.port = text.substr(colon + 1);
  }
  const bool is_number = !url.port.empty() && url.port.size() < 6 &&
                         url.port.find_first_not_of("0123456789") == std::string::npos;
  return url.host.empty() || !is_number ? std::nullopt : std::optional<NatsUrl>(std::move(url));
}

std::string last_nats_text(natsStatus status) {
  natsStatus known = NATS_OK;
  const char* const last = ::nats_GetLastError(&known);
  std::string text = last != nullptr && *last != '\0' ? last : ::natsStatus_GetText(status);
  // "(conn.c:733): ", a place in the library's source.
  const std::size_t place = text.starts_with('(') ? text.find("): ") : std::string::npos;
  return place == std::string::npos ? text : text.substr(place + 3);
}

NatsAttempt connect_to_nats(const NatsPeer& peer, const NatsUrl& url,
                            std::chrono::milliseconds timeout) {
  NatsAttempt attempt;
  auto password = secret_of(peer.password, peer.password_file, "password_file");
  auto token = secret_of(peer.token, peer.token_file, "token_file");
  if (!password || !token) {
    attempt.error = !password ? password.error() : token.error();
    return attempt;
  }
  Setup setup;
  set_up(setup, peer, url, {std::move(*password), std::move(*token)});
  setup.call(&::natsOptions_SetTimeout, std::int64_t{timeout.count()});
  if (setup.status() != NATS_OK) {
    attempt.error = {"bad_options", last_nats_text(setup.status()), url.text()};
    return attempt;
  }
  natsConnection* connection = nullptr;
  const natsStatus status = ::natsConnection_Connect(&connection, setup.get());
  attempt.connection.reset(connection);
  if (status != NATS_OK) {
    attempt.error = connect_error(status, url.text());
  }
  return attempt;
}

base::Result<void> check_nats_peer(const NatsPeer& peer) {
  if (peer.servers.empty()) {
    return base::Error{"bad_options", "`servers` names none", ""};
  }
  bool has_tls = peer.tls;
  for (std::size_t at = 0; at < peer.servers.size(); ++at) {
    const auto url = NatsUrl::parse(peer.servers[at]);
    if (!url) {
      // Told by its place: somebody may have put a password into it.
      return base::Error{"bad_url",
                         "a server is nats://HOST:PORT or tls://HOST:PORT; credentials have "
                         "options of their own",
                         "`servers`, number " + std::to_string(at + 1)};
    }
    has_tls = has_tls || url->is_tls;
  }
  if (!has_tls && (!peer.ca_file.empty() || !peer.client_cert.empty() || !peer.client_key.empty() ||
                   peer.insecure || !peer.server_name.empty())) {
    return base::Error{"bad_options", "certificates need `tls`, or servers with tls://", ""};
  }
  if (peer.client_cert.empty() != peer.client_key.empty()) {
    return base::Error{"bad_options", "`client_cert` and `client_key` belong together", ""};
  }
  if (peer.username.empty() && (!peer.password.empty() || !peer.password_file.empty())) {
    return base::Error{"bad_options", "a password without `username`", ""};
  }
  if (auto files = check_files({{"ca_file", peer.ca_file},
                                {"client_cert", peer.client_cert},
                                {"client_key", peer.client_key},
                                {"credentials_file", peer.credentials_file},
                                {"password_file", peer.password_file},
                                {"token_file", peer.token_file}});
      !files) {
    return files;
  }
  Setup setup;
  set_up(setup, peer, *NatsUrl::parse(peer.servers.front()), {});
  if (setup.status() != NATS_OK) {
    return base::Error{"bad_options", last_nats_text(setup.status()), ""};
  }
  return {};
}

}  // namespace tiercel::output
