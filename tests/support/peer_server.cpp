#include "peer_server.h"

#include <array>
#include <atomic>
#include <condition_variable>
#include <list>
#include <mutex>
#include <thread>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

namespace tiercel::support {

namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return out;
}

std::string gunzip(const std::string& body) {
  z_stream stream{};
  ::inflateInit2(&stream, 15 + 16);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(body.data()));
  stream.avail_in = static_cast<uInt>(body.size());
  std::string out;
  std::array<char, 65536> room{};
  int result = Z_OK;
  while (result == Z_OK) {
    stream.next_out = reinterpret_cast<Bytef*>(room.data());
    stream.avail_out = room.size();
    result = ::inflate(&stream, Z_NO_FLUSH);
    out.append(room.data(), room.size() - stream.avail_out);
  }
  ::inflateEnd(&stream);
  return result == Z_STREAM_END ? out : "not gzip";
}

std::string unzstd(const std::string& body) {
  std::string out(std::size_t{64} << 20U, '\0');
  const std::size_t size = ::ZSTD_decompress(out.data(), out.size(), body.data(), body.size());
  out.resize(::ZSTD_isError(size) != 0 ? 0 : size);
  return out;
}

using Context = std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)>;

X509* read_certificate(const std::string& pem) {
  BIO* const bio = ::BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
  X509* const certificate = ::PEM_read_bio_X509(bio, nullptr, nullptr, nullptr);
  ::BIO_free(bio);
  return certificate;
}

Context make_context(const PeerOptions& options) {
  Context context(nullptr, &::SSL_CTX_free);
  if (options.certificate.empty()) {
    return context;
  }
  context.reset(::SSL_CTX_new(::TLS_server_method()));
  X509* const certificate = read_certificate(options.certificate);
  ::SSL_CTX_use_certificate(context.get(), certificate);
  ::X509_free(certificate);
  BIO* const bio = ::BIO_new_mem_buf(options.key.data(), static_cast<int>(options.key.size()));
  EVP_PKEY* const key = ::PEM_read_bio_PrivateKey(bio, nullptr, nullptr, nullptr);
  ::SSL_CTX_use_PrivateKey(context.get(), key);
  ::EVP_PKEY_free(key);
  ::BIO_free(bio);
  if (!options.client_ca.empty()) {
    X509* const authority = read_certificate(options.client_ca);
    ::X509_STORE_add_cert(::SSL_CTX_get_cert_store(context.get()), authority);
    ::X509_free(authority);
    ::SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  }
  return context;
}

}  // namespace

std::string PeerRequest::header(std::string_view name) const {
  for (const auto& [known, value] : headers) {
    if (lower(known) == lower(name)) {
      return value;
    }
  }
  return {};
}

class PeerServer::Impl {
 public:
  explicit Impl(const PeerOptions& options)
      : context_(make_context(options)), socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    (void)::bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address);
    socklen_t size = sizeof address;
    ::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    if (options.listens) {
      listen();
    }
  }

  ~Impl() {
    stopping_ = true;
    if (acceptor_.joinable()) {
      acceptor_.join();
    }
    for (std::thread& connection : connections_) {
      connection.join();
    }
    ::close(socket_);
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  void listen() {
    (void)::listen(socket_, 64);
    acceptor_ = std::thread([this] { accept_all(); });
  }
  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] bool is_tls() const { return context_ != nullptr; }
  void answer_with(std::function<PeerAnswer(const PeerRequest&)> answer) {
    const std::lock_guard lock(mutex_);
    answer_ = std::move(answer);
  }
  [[nodiscard]] std::vector<PeerRequest> requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
  }
  void keep_requests(bool keep) {
    const std::lock_guard lock(mutex_);
    keeps_requests_ = keep;
  }
  [[nodiscard]] bool wait_for(std::size_t count, std::chrono::milliseconds deadline) const {
    std::unique_lock lock(mutex_);
    return more_.wait_for(lock, deadline, [&] { return requests_.size() >= count; });
  }

 private:
  // One connection: bytes in and out, plain or through TLS; both end when the server stops.
  struct Channel {
    int socket;
    SSL* tls;
    const std::atomic<bool>& stopping;

    [[nodiscard]] bool wait(short events) const {
      while (!stopping) {
        pollfd one{socket, events, 0};
        if (::poll(&one, 1, 10) > 0) {
          return true;
        }
      }
      return false;
    }
    [[nodiscard]] ssize_t read(char* room, std::size_t size) const {
      if (tls != nullptr && ::SSL_pending(tls) > 0) {
        return ::SSL_read(tls, room, static_cast<int>(size));
      }
      if (!wait(POLLIN)) {
        return 0;
      }
      return tls != nullptr ? ::SSL_read(tls, room, static_cast<int>(size))
                            : ::recv(socket, room, size, 0);
    }
    // False where the other end is gone.
    bool write(std::string_view text) const {  // NOLINT(modernize-use-nodiscard)
      while (!text.empty()) {
        const ssize_t sent = tls != nullptr
                                 ? ::SSL_write(tls, text.data(), static_cast<int>(text.size()))
                                 : ::send(socket, text.data(), text.size(), MSG_NOSIGNAL);
        if (sent <= 0 || stopping) {
          return false;
        }
        text.remove_prefix(static_cast<std::size_t>(sent));
      }
      return true;
    }
  };

  void accept_all() {
    while (!stopping_) {
      pollfd one{socket_, POLLIN, 0};
      if (::poll(&one, 1, 10) <= 0) {
        continue;
      }
      const int connection = ::accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC);
      if (connection >= 0) {
        const std::uint64_t number = ++accepted_;
        connections_.emplace_back([this, connection, number] { serve(connection, number); });
      }
    }
  }

  void serve(int socket, std::uint64_t number) {
    SSL* tls = nullptr;
    if (context_ != nullptr) {
      tls = ::SSL_new(context_.get());
      ::SSL_set_fd(tls, socket);
      if (::SSL_accept(tls) != 1) {
        ::SSL_free(tls);
        ::close(socket);
        return;
      }
    }
    const Channel channel{socket, tls, stopping_};
    std::string rest;
    PeerRequest request;
    while (!stopping_ && read_request(channel, rest, request)) {
      request.connection = number;
      if (!answer(channel, request)) {
        break;
      }
    }
    if (tls != nullptr) {
      ::SSL_free(tls);
    }
    ::close(socket);
  }

  static bool read_request(const Channel& channel, std::string& rest, PeerRequest& request) {
    request = {};
    std::array<char, 65536> room{};
    std::size_t end = 0;
    while ((end = rest.find("\r\n\r\n")) == std::string::npos) {
      const ssize_t got = channel.read(room.data(), room.size());
      if (got <= 0) {
        return false;
      }
      rest.append(room.data(), static_cast<std::size_t>(got));
    }
    read_head(rest.substr(0, end + 2), request);
    rest.erase(0, end + 4);
    const std::string length = request.header("content-length");
    const std::size_t wanted = length.empty() ? 0 : std::stoul(length);
    while (rest.size() < wanted) {
      const ssize_t got = channel.read(room.data(), room.size());
      if (got <= 0) {
        return false;
      }
      rest.append(room.data(), static_cast<std::size_t>(got));
    }
    request.body = rest.substr(0, wanted);
    rest.erase(0, wanted);
    const std::string coding = request.header("content-encoding");
    if (coding == "gzip") {
      request.body = gunzip(request.body);
    } else if (coding == "zstd") {
      request.body = unzstd(request.body);
    }
    return true;
  }

  static void read_head(std::string_view head, PeerRequest& request) {
    const std::size_t blank = head.find(' ');
    request.method = head.substr(0, blank);
    request.target = head.substr(blank + 1, head.find(' ', blank + 1) - blank - 1);
    head.remove_prefix(head.find("\r\n") + 2);
    while (!head.empty()) {
      const std::string_view line = head.substr(0, head.find("\r\n"));
      const std::size_t colon = line.find(':');
      std::string_view value = line.substr(colon + 1);
      value.remove_prefix(std::min(value.find_first_not_of(' '), value.size()));
      request.headers.emplace_back(line.substr(0, colon), value);
      head.remove_prefix(line.size() + 2);
    }
  }

  // False where the connection ends.
  bool answer(const Channel& channel, const PeerRequest& request) {
    std::function<PeerAnswer(const PeerRequest&)> choose;
    {
      const std::lock_guard lock(mutex_);
      if (keeps_requests_) {
        requests_.push_back(request);
      }
      choose = answer_;
      more_.notify_all();
    }
    if (request.method == "CONNECT") {
      tunnel(channel, request.target);
      return false;
    }
    const PeerAnswer answer = choose ? choose(request) : PeerAnswer{};
    const auto until = std::chrono::steady_clock::now() + answer.delay;
    while (!stopping_ && (answer.hang || std::chrono::steady_clock::now() < until)) {
      pollfd one{channel.socket, 0, 0};
      (void)::poll(&one, 1, 5);
      if ((one.revents & (POLLHUP | POLLERR)) != 0) {
        return false;
      }
    }
    if (answer.reset) {
      const linger now{1, 0};
      ::setsockopt(channel.socket, SOL_SOCKET, SO_LINGER, &now, sizeof now);
      return false;
    }
    std::string text = "HTTP/1.1 " + std::to_string(answer.status) + " Said\r\n";
    for (const auto& [name, value] : answer.headers) {
      text += name + ": " + value + "\r\n";
    }
    if (answer.endless) {
      text += "\r\n";
      while (channel.write(text)) {
        text = answer.body;
      }
      return false;
    }
    text += "Content-Length: " + std::to_string(answer.body.size()) + "\r\n\r\n" + answer.body;
    channel.write(
        text.substr(0, answer.cut ? text.size() - answer.body.size() / 2 - 1 : text.size()));
    return !answer.cut;
  }

  // Carries bytes both ways until one end closes.
  void tunnel(const Channel& client, const std::string& target) const {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port =
        htons(static_cast<std::uint16_t>(std::stoi(target.substr(target.rfind(':') + 1))));
    const int other = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const bool is_there =
        ::connect(other, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
    client.write(is_there ? "HTTP/1.1 200 Connected\r\n\r\n" : "HTTP/1.1 502 Nobody\r\n\r\n");
    const Channel server{other, nullptr, stopping_};
    std::array<char, 65536> room{};
    while (is_there && !stopping_) {
      std::array<pollfd, 2> both{pollfd{client.socket, POLLIN, 0}, pollfd{other, POLLIN, 0}};
      (void)::poll(both.data(), both.size(), 10);
      const std::array<const Channel*, 2> ends{&client, &server};
      bool is_over = false;
      for (std::size_t at = 0; at < 2; ++at) {
        if (both[at].revents != 0) {
          const ssize_t got = ends[at]->read(room.data(), room.size());
          is_over = is_over || got <= 0 ||
                    !ends[1 - at]->write({room.data(), static_cast<std::size_t>(got)});
        }
      }
      if (is_over) {
        break;
      }
    }
    ::close(other);
  }

  Context context_;
  int socket_;
  std::uint16_t port_ = 0;
  std::thread acceptor_;
  std::list<std::thread> connections_;  // on the acceptor's thread, then on the destructor's
  std::atomic<bool> stopping_{false};
  std::atomic<std::uint64_t> accepted_{0};
  mutable std::mutex mutex_;
  mutable std::condition_variable more_;
  bool keeps_requests_ = true;
  std::vector<PeerRequest> requests_;
  std::function<PeerAnswer(const PeerRequest&)> answer_;
};

PeerServer::PeerServer(PeerOptions options) : impl_(std::make_unique<Impl>(options)) {}
PeerServer::~PeerServer() = default;

std::uint16_t PeerServer::port() const { return impl_->port(); }
void PeerServer::listen() { impl_->listen(); }
std::string PeerServer::url(std::string_view path) const {
  return std::string(impl_->is_tls() ? "https" : "http") +
         "://127.0.0.1:" + std::to_string(port()) + std::string(path);
}
void PeerServer::answer_with(std::function<PeerAnswer(const PeerRequest&)> answer) {
  impl_->answer_with(std::move(answer));
}
std::vector<PeerRequest> PeerServer::requests() const { return impl_->requests(); }
void PeerServer::keep_requests(bool keep) { impl_->keep_requests(keep); }
bool PeerServer::wait_for(std::size_t count, std::chrono::milliseconds deadline) const {
  return impl_->wait_for(count, deadline);
}

}  // namespace tiercel::support
