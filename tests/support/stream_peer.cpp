#include "stream_peer.h"

#include <array>
#include <chrono>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace tiercel::support {

namespace {

constexpr int kPoll = 5;  // milliseconds

template <class Read>
auto read_pem(const std::string& text, Read read) {
  BIO* const bio = ::BIO_new_mem_buf(text.data(), static_cast<int>(text.size()));
  auto* const value = read(bio, nullptr, nullptr, nullptr);
  ::BIO_free(bio);
  return value;
}

void break_off(int connection) {
  const linger now{1, 0};
  ::setsockopt(connection, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  ::close(connection);
}

}  // namespace

StreamPeer::StreamPeer(Mode mode, const Certificate* certificate)
    : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)), mode_(mode) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  // One that does not read takes little.
  const int small = 4096;
  ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
  (void)::bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address);
  socklen_t size = sizeof address;
  ::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size);
  port_ = ntohs(address.sin_port);
  if (certificate != nullptr) {
    SSL_CTX* const context = ::SSL_CTX_new(::TLS_server_method());
    X509* const shown = read_pem(certificate->certificate, &::PEM_read_bio_X509);
    EVP_PKEY* const key = read_pem(certificate->key, &::PEM_read_bio_PrivateKey);
    ::SSL_CTX_use_certificate(context, shown);
    ::SSL_CTX_use_PrivateKey(context, key);
    ::X509_free(shown);
    ::EVP_PKEY_free(key);
    context_ = context;
  }
  acceptor_ = std::thread([this] { run(); });
}

StreamPeer::~StreamPeer() {
  is_over_ = true;
  acceptor_.join();
  for (std::thread& connection : connections_) {
    connection.join();
  }
  ::close(socket_);
  ::SSL_CTX_free(static_cast<SSL_CTX*>(context_));
}

void StreamPeer::become(Mode mode) {
  mode_ = mode;
  ++generation_;
}

std::string StreamPeer::text() const {
  const std::lock_guard lock(mutex_);
  return text_;
}

void StreamPeer::append(const char* data, long size) {
  const std::lock_guard lock(mutex_);
  text_.append(data, static_cast<std::size_t>(size));
}

void StreamPeer::run() {
  while (!is_over_) {
    if (mode_ == Mode::kDown) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
      continue;
    }
    if (!std::exchange(is_listening_, true)) {
      (void)::listen(socket_, 64);
    }
    pollfd one{socket_, POLLIN, 0};
    if (::poll(&one, 1, kPoll) <= 0) {
      continue;
    }
    const int connection = ::accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) {
      continue;
    }
    if (mode_ == Mode::kResets) {
      break_off(connection);
    } else {
      connections_.emplace_back(
          [this, connection, generation = generation_.load()] { serve(connection, generation); });
    }
  }
}

void StreamPeer::serve(int connection, std::uint64_t generation) {
  const auto is_over = [&] { return is_over_ || generation_ != generation; };
  SSL* tls = nullptr;
  std::array<char, 65536> room{};
  while (!is_over()) {
    pollfd one{connection, POLLIN, 0};
    if (mode_ != Mode::kReads) {
      one.events = 0;
    }
    if ((tls == nullptr || ::SSL_pending(tls) == 0) && ::poll(&one, 1, kPoll) <= 0) {
      continue;
    }
    if (mode_ != Mode::kReads) {
      break;  // the client has gone
    }
    if (context_ != nullptr && tls == nullptr) {
      tls = ::SSL_new(static_cast<SSL_CTX*>(context_));
      ::SSL_set_fd(tls, connection);
      if (::SSL_accept(tls) != 1) {
        break;
      }
      continue;
    }
    const long got = tls != nullptr ? ::SSL_read(tls, room.data(), static_cast<int>(room.size()))
                                    : ::recv(connection, room.data(), room.size(), 0);
    if (got <= 0) {
      break;
    }
    append(room.data(), got);
  }
  ::SSL_free(tls);
  break_off(connection);
}

}  // namespace tiercel::support
