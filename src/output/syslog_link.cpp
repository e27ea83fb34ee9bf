#include "syslog_link.h"

#include <array>
#include <cerrno>
#include <cstring>

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <netdb.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "dial.h"

namespace tiercel::output {

namespace {

using Clock = std::chrono::steady_clock;
using Transport = SyslogPeer::Transport;

std::string tls_reason() {
  const unsigned long code = ::ERR_get_error();
  const char* const reason = code == 0 ? nullptr : ::ERR_reason_error_string(code);
  ::ERR_clear_error();
  return reason == nullptr ? "the peer closed the connection" : reason;
}

}  // namespace

SyslogLink::SyslogLink(SyslogPeer peer, int interrupt)
    : peer_(std::move(peer)),
      interrupt_(interrupt),
      context_(nullptr, &::SSL_CTX_free),
      tls_(nullptr, &::SSL_free) {}

SyslogLink::~SyslogLink() { close(); }

base::Error SyslogLink::error(std::string what) const {
  const std::string place =
      peer_.transport == Transport::kLocal ? peer_.socket : peer_.host + ":" + peer_.port;
  return {"syslog_failed", std::move(what), place};
}

base::Error SyslogLink::not_ready(Ready ready) const {
  return ready == Ready::kInterrupted ? error("the daemon is stopping")
                                      : error("the syslog daemon does not answer within `timeout`");
}

SyslogLink::Ready SyslogLink::wait(short events, Clock::time_point deadline) const {
  while (true) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    std::array<pollfd, 2> wait{{{socket_.number(), events, 0}, {interrupt_, POLLIN, 0}}};
    const int count = ::poll(wait.data(), wait.size(), left > 0 ? static_cast<int>(left) + 1 : 0);
    if (wait[1].revents != 0) {
      return Ready::kInterrupted;
    }
    if (wait[0].revents != 0) {
      return Ready::kYes;
    }
    if (count == 0) {
      return Ready::kTimeout;
    }
  }
}

base::Result<void> SyslogLink::prepare() {
  if (peer_.transport != Transport::kLocal && (peer_.host.empty() || peer_.port.empty())) {
    return error("`address` must be HOST:PORT for this transport");
  }
  if (peer_.transport != Transport::kTls) {
    return {};
  }
  context_.reset(::SSL_CTX_new(::TLS_client_method()));
  ::SSL_CTX_set_min_proto_version(context_.get(), TLS1_2_VERSION);
  const int trusted = peer_.ca_file.empty() ? ::SSL_CTX_set_default_verify_paths(context_.get())
                                            : ::SSL_CTX_load_verify_locations(
                                                  context_.get(), peer_.ca_file.c_str(), nullptr);
  if (trusted != 1) {
    return error("cannot read ca_file '" + peer_.ca_file + "': " + tls_reason());
  }
  if (!peer_.client_cert.empty()) {
    const std::string& key = peer_.client_key.empty() ? peer_.client_cert : peer_.client_key;
    if (::SSL_CTX_use_certificate_chain_file(context_.get(), peer_.client_cert.c_str()) != 1 ||
        ::SSL_CTX_use_PrivateKey_file(context_.get(), key.c_str(), SSL_FILETYPE_PEM) != 1 ||
        ::SSL_CTX_check_private_key(context_.get()) != 1) {
      return error("cannot use client_cert '" + peer_.client_cert + "' with client_key '" + key +
                   "': " + tls_reason());
    }
  }
  ::SSL_CTX_set_verify(context_.get(), peer_.insecure ? SSL_VERIFY_NONE : SSL_VERIFY_PEER, nullptr);
  return {};
}

base::Result<void> SyslogLink::connect() {
  if (socket_.is_open() && !is_closed_by_peer()) {
    return {};
  }
  close();
  auto connected = peer_.transport == Transport::kLocal ? connect_local() : connect_remote();
  if (connected && peer_.transport == Transport::kTls) {
    connected = connect_tls();
  }
  if (!connected) {
    close();
  }
  return connected;
}

base::Result<void> SyslogLink::connect_local() {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (peer_.socket.size() >= sizeof address.sun_path) {
    return error("the socket's path is too long");
  }
  std::memcpy(address.sun_path, peer_.socket.data(), peer_.socket.size());
  socket_ = Descriptor(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (::connect(socket_.number(), reinterpret_cast<const sockaddr*>(&address), sizeof address) !=
      0) {
    return error(std::string("cannot reach the local syslog daemon: ") + std::strerror(errno) +
                 "; is one running?");
  }
  return {};
}

base::Result<void> SyslogLink::connect_remote() {
  addrinfo hints{};
  hints.ai_socktype = peer_.transport == Transport::kUdp ? SOCK_DGRAM : SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int code = ::getaddrinfo(peer_.host.c_str(), peer_.port.c_str(), &hints, &found);
      code != 0) {
    return error(std::string("cannot find the host: ") + ::gai_strerror(code));
  }
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> addresses(found, &::freeaddrinfo);
  Dialled dialled = dial(addresses.get(), peer_.timeout, interrupt_);
  switch (dialled.how) {
    case Dialled::How::kConnected:
      socket_ = std::move(dialled.socket);
      return {};
    case Dialled::How::kTimeout:
      return not_ready(Ready::kTimeout);
    case Dialled::How::kInterrupted:
      return not_ready(Ready::kInterrupted);
    case Dialled::How::kFailed:
      break;
  }
  return error("cannot connect to the syslog daemon: " + dialled.reason +
               "; does it listen on this port for this transport?");
}

base::Result<void> SyslogLink::wait_tls(int result, Clock::time_point deadline) {
  const int code = ::SSL_get_error(tls_.get(), result);
  if (code == SSL_ERROR_WANT_READ || code == SSL_ERROR_WANT_WRITE) {
    const Ready ready = wait(code == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT, deadline);
    return ready == Ready::kYes ? base::Result<void>{} : base::Result<void>(not_ready(ready));
  }
  const long verified = ::SSL_get_verify_result(tls_.get());
  if (verified != X509_V_OK && !peer_.insecure) {
    return error(std::string("the peer's certificate is not trusted: ") +
                 ::X509_verify_cert_error_string(verified) + "; set ca_file or server_name");
  }
  return error("TLS failed: " + tls_reason());
}

base::Result<void> SyslogLink::connect_tls() {
  const std::string& name = peer_.server_name.empty() ? peer_.host : peer_.server_name;
  tls_.reset(::SSL_new(context_.get()));
  ::SSL_set_fd(tls_.get(), socket_.number());
  std::array<unsigned char, sizeof(in6_addr)> address{};
  if (::inet_pton(AF_INET, name.c_str(), address.data()) == 1 ||
      ::inet_pton(AF_INET6, name.c_str(), address.data()) == 1) {
    ::X509_VERIFY_PARAM_set1_ip_asc(::SSL_get0_param(tls_.get()), name.c_str());
  } else {
    ::SSL_set1_host(tls_.get(), name.c_str());
    // What the macro SSL_set_tlsext_host_name does, without its C cast.
    ::SSL_ctrl(tls_.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
               const_cast<char*>(name.c_str()));
  }
  const auto deadline = Clock::now() + peer_.timeout;
  while (true) {
    ::ERR_clear_error();
    const int result = ::SSL_connect(tls_.get());
    if (result == 1) {
      return {};
    }
    if (auto ready = wait_tls(result, deadline); !ready) {
      return ready;
    }
  }
}

// A syslog daemon says nothing, so anything to read is the end, or TLS's own affairs.
bool SyslogLink::is_closed_by_peer() const {
  if (peer_.transport == Transport::kUdp || peer_.transport == Transport::kLocal) {
    return false;
  }
  char byte = 0;
  const ssize_t got = ::recv(socket_.number(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  if (got > 0 && tls_ != nullptr) {
    ::ERR_clear_error();
    const int read = ::SSL_read(tls_.get(), &byte, 1);
    return read <= 0 && ::SSL_get_error(tls_.get(), read) != SSL_ERROR_WANT_READ;
  }
  return got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR);
}

base::Result<void> SyslogLink::send(std::string_view bytes) {
  auto sent = tls_ != nullptr ? send_tls(bytes) : send_stream(bytes);
  if (!sent && sent.error().code != "message_too_long") {
    close();
  }
  return sent;
}

base::Result<void> SyslogLink::send_stream(std::string_view bytes) {
  const auto deadline = Clock::now() + peer_.timeout;
  const bool is_datagram =
      peer_.transport == Transport::kUdp || peer_.transport == Transport::kLocal;
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_.number(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent >= 0) {
      bytes.remove_prefix(is_datagram ? bytes.size() : static_cast<std::size_t>(sent));
      continue;
    }
    if (errno == EMSGSIZE) {
      base::Error too_long = error("the message is too long for a datagram: lower max_message");
      too_long.code = "message_too_long";
      return too_long;
    }
    if (errno == ECONNREFUSED && peer_.transport == Transport::kUdp) {
      return refused();
    }
    if (errno != EAGAIN && errno != EINTR && errno != ENOBUFS) {
      return error(std::string("cannot send to the syslog daemon: ") + std::strerror(errno));
    }
    if (const Ready ready = wait(POLLOUT, deadline); ready != Ready::kYes) {
      return not_ready(ready);
    }
  }
  return {};
}

base::Result<void> SyslogLink::send_tls(std::string_view bytes) {
  const auto deadline = Clock::now() + peer_.timeout;
  while (!bytes.empty()) {
    ::ERR_clear_error();
    const int sent = ::SSL_write(tls_.get(), bytes.data(), static_cast<int>(bytes.size()));
    if (sent > 0) {
      bytes.remove_prefix(static_cast<std::size_t>(sent));
      continue;
    }
    if (auto ready = wait_tls(sent, deadline); !ready) {
      return ready;
    }
  }
  return {};
}

base::Error SyslogLink::refused() const {
  base::Error refused = error("nobody listens on the syslog daemon's port");
  refused.code = kEarlierRefused;
  return refused;
}

base::Result<void> SyslogLink::settle() {
  if (peer_.transport == Transport::kLocal) {
    return {};
  }
  if (peer_.transport == Transport::kUdp) {
    int code = 0;
    socklen_t size = sizeof code;
    ::getsockopt(socket_.number(), SOL_SOCKET, SO_ERROR, &code, &size);
    if (code != ECONNREFUSED) {
      return {};
    }
    close();
    return refused();
  }
  const auto deadline = Clock::now() + peer_.timeout;
  int unacknowledged = 0;
  while (::ioctl(socket_.number(), SIOCOUTQ, &unacknowledged) == 0 && unacknowledged > 0) {
    // Nothing tells of an acknowledgement; on a healthy network it is there in a moment.
    pollfd interrupt{interrupt_, POLLIN, 0};
    if (::poll(&interrupt, 1, 1) != 0 || Clock::now() > deadline) {
      close();
      return not_ready(interrupt.revents != 0 ? Ready::kInterrupted : Ready::kTimeout);
    }
  }
  if (is_closed_by_peer()) {
    close();
    return error("the syslog daemon closed the connection");
  }
  return {};
}

void SyslogLink::close() {
  if (tls_ != nullptr) {
    (void)::SSL_shutdown(tls_.get());
    ::ERR_clear_error();
    tls_.reset();
  }
  socket_ = Descriptor();
}

}  // namespace tiercel::output
