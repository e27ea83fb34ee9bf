#include "http_client.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>
#include <zlib.h>

namespace tiercel::support {

namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same_word(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

int connect_to(const std::string& address, std::uint16_t port) {
  const bool v6 = address.find(':') != std::string::npos;
  const int descriptor = ::socket(v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int result = -1;
  if (v6) {
    sockaddr_in6 target{};
    target.sin6_family = AF_INET6;
    target.sin6_port = htons(port);
    ::inet_pton(AF_INET6, address.c_str(), &target.sin6_addr);
    result = ::connect(descriptor, reinterpret_cast<sockaddr*>(&target), sizeof(target));
  } else {
    sockaddr_in target{};
    target.sin_family = AF_INET;
    target.sin_port = htons(port);
    ::inet_pton(AF_INET, address.c_str(), &target.sin_addr);
    result = ::connect(descriptor, reinterpret_cast<sockaddr*>(&target), sizeof(target));
  }
  if (result != 0) {
    ::close(descriptor);
    return -1;
  }
  const int on = 1;
  ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  return descriptor;
}

std::string alpn_list(const std::vector<std::string>& protocols) {
  std::string list;
  for (const std::string& protocol : protocols) {
    list.push_back(static_cast<char>(protocol.size()));
    list += protocol;
  }
  return list;
}

}  // namespace

struct HttpClient::Impl {
  int descriptor = -1;
  SSL_CTX* context = nullptr;
  SSL* ssl = nullptr;
  std::string problem;
  std::string read_ahead;
  bool timed_out = false;
  int alert = -1;

  void start_tls(const TlsClientOptions& options);
  /// 0 at the end, -1 on error or timeout.
  long receive(char* room, std::size_t size) {
    const long got = ssl != nullptr ? SSL_read(ssl, room, static_cast<int>(size))
                                    : ::recv(descriptor, room, size, 0);
    timed_out = got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
    if (ssl != nullptr && got <= 0) {
      return SSL_get_error(ssl, static_cast<int>(got)) == SSL_ERROR_ZERO_RETURN ? 0 : -1;
    }
    return got;
  }
  bool more() {
    char room[16384];
    const long got = receive(room, sizeof(room));
    if (got > 0) {
      read_ahead.append(room, static_cast<std::size_t>(got));
    }
    return got > 0;
  }
};

void HttpClient::Impl::start_tls(const TlsClientOptions& options) {
  ::signal(SIGPIPE, SIG_IGN);  // SSL_write knows no MSG_NOSIGNAL
  context = SSL_CTX_new(TLS_client_method());
  // Tests also try what is too old today.
  SSL_CTX_set_security_level(context, 0);
  SSL_CTX_set_min_proto_version(context, TLS1_VERSION);
  if (options.max_version != 0) {
    SSL_CTX_set_max_proto_version(context, options.max_version);
  }
  if (!options.ca_file.empty()) {
    SSL_CTX_load_verify_locations(context, options.ca_file.c_str(), nullptr);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  }
  if (!options.certificate_file.empty()) {
    SSL_CTX_use_certificate_chain_file(context, options.certificate_file.c_str());
    SSL_CTX_use_PrivateKey_file(context, options.certificate_file.c_str(), SSL_FILETYPE_PEM);
  }
  ssl = SSL_new(context);
  if (!options.alpn.empty()) {
    const std::string list = alpn_list(options.alpn);
    SSL_set_alpn_protos(ssl, reinterpret_cast<const unsigned char*>(list.data()),
                        static_cast<unsigned>(list.size()));
  }
  if (options.session != nullptr) {
    SSL_set_session(ssl, options.session.get());
  }
  SSL_set_app_data(ssl, this);
  SSL_set_info_callback(ssl, [](const SSL* from, int where, int what) {
    if ((where & SSL_CB_READ_ALERT) == SSL_CB_READ_ALERT) {
      static_cast<Impl*>(SSL_get_app_data(from))->alert = what & 0xff;
    }
  });
  SSL_set_fd(ssl, descriptor);
  if (SSL_connect(ssl) != 1) {
    const char* reason = ERR_reason_error_string(ERR_peek_last_error());
    problem = reason == nullptr ? "handshake failed" : reason;
    ERR_clear_error();
  }
}

HttpClient::HttpClient(std::uint16_t port, const TlsClientOptions* tls, const std::string& address)
    : impl_(std::make_unique<Impl>()) {
  impl_->descriptor = connect_to(address, port);
  if (impl_->descriptor < 0) {
    impl_->problem = "connection refused";
    return;
  }
  set_timeout(std::chrono::seconds{10});
  if (tls != nullptr) {
    impl_->start_tls(*tls);
  }
}

HttpClient::~HttpClient() {
  if (impl_) {
    close();
  }
}

HttpClient::HttpClient(HttpClient&&) noexcept = default;

void HttpClient::close() {
  SSL_free(impl_->ssl);
  SSL_CTX_free(impl_->context);
  impl_->ssl = nullptr;
  impl_->context = nullptr;
  if (impl_->descriptor >= 0) {
    ::close(impl_->descriptor);
    impl_->descriptor = -1;
  }
}

bool HttpClient::connected() const { return impl_->problem.empty(); }
const std::string& HttpClient::problem() const { return impl_->problem; }

std::string HttpClient::alpn() const {
  const unsigned char* name = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(impl_->ssl, &name, &size);
  return size == 0 ? std::string() : std::string(reinterpret_cast<const char*>(name), size);
}

int HttpClient::alert() const { return impl_->alert; }

std::string HttpClient::cipher() const {
  return impl_->ssl == nullptr ? "" : SSL_get_cipher_name(impl_->ssl);
}

std::shared_ptr<SSL_SESSION> HttpClient::session() const {
  return {SSL_get1_session(impl_->ssl), &SSL_SESSION_free};
}

bool HttpClient::is_resumed() const { return SSL_session_reused(impl_->ssl) == 1; }

std::string HttpClient::tls_version() const { return SSL_get_version(impl_->ssl); }

void HttpClient::set_timeout(std::chrono::milliseconds timeout) {
  timeval value{};
  value.tv_sec = timeout.count() / 1000;
  value.tv_usec = (timeout.count() % 1000) * 1000;
  ::setsockopt(impl_->descriptor, SOL_SOCKET, SO_RCVTIMEO, &value, sizeof(value));
  ::setsockopt(impl_->descriptor, SOL_SOCKET, SO_SNDTIMEO, &value, sizeof(value));
}

bool HttpClient::renegotiate() {
  const bool is_done = SSL_renegotiate(impl_->ssl) == 1 && SSL_do_handshake(impl_->ssl) == 1;
  // Whatever the peer answers to it is seen by a read.
  char none = 0;
  const bool is_alive = is_done && SSL_peek(impl_->ssl, &none, 0) >= 0;
  ERR_clear_error();
  return is_alive && SSL_renegotiate_pending(impl_->ssl) == 0;
}

bool HttpClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const long sent =
        impl_->ssl != nullptr
            ? SSL_write(impl_->ssl, bytes.data(),
                        static_cast<int>(std::min<std::size_t>(bytes.size(), 1U << 20U)))
            : ::send(impl_->descriptor, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) {
      return false;
    }
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

void HttpClient::end_sending_raw() { ::shutdown(impl_->descriptor, SHUT_WR); }

bool HttpClient::send_raw(std::string_view bytes) {
  return ::send(impl_->descriptor, bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
         static_cast<ssize_t>(bytes.size());
}

void HttpClient::end_sending() {
  if (impl_->ssl != nullptr) {
    SSL_shutdown(impl_->ssl);
  } else {
    end_sending_raw();
  }
}

bool HttpClient::closed_by_peer() {
  if (!impl_->read_ahead.empty()) {
    return false;
  }
  char byte = 0;
  return impl_->receive(&byte, 1) <= 0 && !impl_->timed_out;
}

std::string HttpAnswer::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (same_word(key, name)) {
      return value;
    }
  }
  return {};
}

HttpAnswer HttpClient::read_answer(bool head_only, bool informational) {
  std::string& bytes = impl_->read_ahead;
  std::size_t end = bytes.find("\r\n\r\n");
  while (end == std::string::npos) {
    if (!impl_->more()) {
      return {};
    }
    end = bytes.find("\r\n\r\n");
  }
  HttpAnswer answer;
  std::string_view head(bytes.data(), end);
  if (head.starts_with("HTTP/1.1 ")) {
    answer.status = std::atoi(std::string(head.substr(9, 3)).c_str());
  }
  std::size_t line = head.find("\r\n");
  while (line != std::string_view::npos) {
    head.remove_prefix(line + 2);
    line = head.find("\r\n");
    const std::string_view text = head.substr(0, line);
    const std::size_t colon = text.find(": ");
    if (colon != std::string_view::npos) {
      answer.headers.emplace_back(text.substr(0, colon), text.substr(colon + 2));
    }
  }
  bytes.erase(0, end + 4);
  if (answer.status == 100 && !informational) {
    return read_answer(head_only, informational);
  }
  const std::string length = answer.header("Content-Length");
  const std::size_t size =
      head_only || length.empty() ? 0 : std::strtoul(length.c_str(), nullptr, 10);
  while (bytes.size() < size) {
    if (!impl_->more()) {
      return {};
    }
  }
  answer.body = bytes.substr(0, size);
  bytes.erase(0, size);
  return answer;
}

HttpAnswer HttpClient::exchange(std::string_view bytes) {
  send(bytes);
  return read_answer();
}

std::string post(std::string_view path, std::string_view body, std::string_view more_headers) {
  std::string text = "POST ";
  text += path;
  text += " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
  text += more_headers;
  text += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n";
  text += body;
  return text;
}

std::string get(std::string_view path) {
  return "GET " + std::string(path) + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
}

std::string gzipped(std::string_view text) {
  z_stream z{};
  deflateInit2(&z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&z, text.size()), '\0');
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  z.avail_in = static_cast<uInt>(text.size());
  z.next_out = reinterpret_cast<Bytef*>(out.data());
  z.avail_out = static_cast<uInt>(out.size());
  deflate(&z, Z_FINISH);
  out.resize(z.total_out);
  deflateEnd(&z);
  return out;
}

}  // namespace tiercel::support
