#include "connection.h"

#include <algorithm>
#include <utility>

namespace tiercel::http {

namespace asio = boost::asio;
using std::chrono::steady_clock;

namespace {

constexpr std::chrono::seconds kGoodbye{1};
// Longer than any of them lives; steady time ends some centuries after it.
constexpr std::chrono::hours kLongestConnection{24 * 365 * 100};
constexpr char kTlsHandshakeRecord = 0x16;

Response busy() {
  Response response = text_response(429, "stopping");
  response.headers.push_back({"Retry-After", "1"});
  response.close = true;
  return response;
}

/// Our answer to a body that could not be read to its end; 0 where there is nobody to tell.
unsigned status_of(const base::Error& failure) {
  if (failure.code == "too_large") {
    return 413;
  }
  if (failure.code == "timeout") {
    return 408;
  }
  return failure.code == "closed" ? 0 : 400;
}

}  // namespace

Connection::Connection(Service& service, std::unique_ptr<Transport> transport,
                       std::shared_ptr<ConnectionSlot> slot)
    : service_(service),
      limits_(service.options.limits),
      // The buffer must hold a whole header and, later, the longest chunk frame.
      channel_(std::move(transport), std::move(slot), limits_.header_bytes + (8U << 10U)) {}

asio::awaitable<void> Connection::run() {
  if (!co_await open()) {
    channel_.close();
    co_return;
  }
  Next next = Next::kKeep;
  while (next == Next::kKeep) {
    next = co_await serve_one();
  }
  co_await close(next);
}

asio::awaitable<bool> Connection::open() {
  channel_.enter(Stage::kHeader);
  std::string problem;
  const auto opened = co_await channel_.open(steady_clock::now() + limits_.header_timeout, problem);
  if (opened != Channel::Status::kOk) {
    tell_failed_handshake(opened, problem);
    co_return false;
  }
  PeerCertificate certificate = channel_.peer_certificate();
  peer_names_ = std::move(certificate.names);
  if (certificate.good_for < kLongestConnection) {
    good_until_ = steady_clock::now() + certificate.good_for;
  }
  co_return true;
}

void Connection::tell_failed_handshake(Channel::Status status, const std::string& problem) {
  const std::string& peer = channel_.slot().peer;
  if (channel_.has_refused_peer()) {
    service_.count_rejected(base::Metric::kRejectedAuthentication);
    if (service_.options.on_refused_peer) {
      service_.options.on_refused_peer(peer, problem);
      return;
    }
  } else if (!problem.empty()) {
    service_.count_rejected(base::Metric::kRejectedHandshake);
  }
  if (!problem.empty()) {
    service_.tls_log.warn(service_.options.name + ": " + problem + " (from " + peer + ")");
  }
  if (status == Channel::Status::kTimeout) {
    service_.count_rejected(base::Metric::kRejectedTimeout);
    service_.tls_log.warn(service_.options.name + ": a TLS handshake with " + peer +
                          " did not end within limits.header_timeout; look at the network between "
                          "(its MTU, for one)");
  }
}

void Connection::vouch() {
  is_vouched_for_ = true;
  service_.table.vouch(channel_.slot());
}

asio::awaitable<Connection::Next> Connection::serve_one() {
  if (const auto waited = co_await wait_for_request(); waited != Channel::Status::kOk) {
    if (waited == Channel::Status::kTimeout && !has_expired()) {
      service_.metrics.add(base::Metric::kConnectionsIdle);
    }
    co_return waited == Channel::Status::kClosed ? Next::kDrop : Next::kFinish;
  }
  channel_.enter(Stage::kHeader);
  HeadParser parser(limits_.header_bytes);
  unsigned refusal = 0;
  const auto read = co_await read_head(parser, refusal);
  if (refusal != 0) {
    co_return co_await refuse(refusal);
  }
  if (read != Channel::Status::kOk) {
    co_return Next::kDrop;
  }
  Request request;
  parser.describe(request);
  request.peer = channel_.slot().peer;
  request.peer_names = peer_names_;
  if (!is_vouched_for_) {
    request.vouch = [this] { vouch(); };
  }
  request.scheme = service_.options.tls.enabled ? "https" : "http";
  request.number = service_.requests.fetch_add(1, std::memory_order_relaxed) + 1;
  MessageBody body(channel_, parser, request, limits_);
  channel_.enter(body.finished() ? Stage::kAnswering : Stage::kBody);
  Response response = co_await answer(request, body);
  co_return co_await finish(parser, request, std::move(response), body);
}

asio::awaitable<Channel::Status> Connection::wait_for_request() {
  channel_.enter(Stage::kIdle);
  const SteadyTime deadline =
      std::min<SteadyTime>(steady_clock::now() + limits_.idle_timeout, good_until_);
  while (true) {
    // What the certificate proved is proved no more: the client has to show another one.
    if (has_expired()) {
      co_return Channel::Status::kTimeout;
    }
    // A client may send an empty line too many after a body (RFC 9112, 2.2).
    while (!channel_.buffered().empty() &&
           (channel_.buffered().front() == '\r' || channel_.buffered().front() == '\n')) {
      channel_.consume(1);
    }
    if (!channel_.buffered().empty()) {
      co_return Channel::Status::kOk;
    }
    if (service_.stopping.load()) {
      co_return Channel::Status::kLetGo;
    }
    channel_.rest();
    if (const auto status = co_await channel_.fill(deadline); status != Channel::Status::kOk) {
      co_return status;
    }
  }
}

asio::awaitable<Channel::Status> Connection::read_head(HeadParser& parser, unsigned& refusal) {
  const SteadyTime deadline = steady_clock::now() + limits_.header_timeout;
  while (true) {
    std::size_t consumed = 0;
    const char first = channel_.buffered().empty() ? '\0' : channel_.buffered().front();
    const auto parsed = parser.parse(channel_.buffered(), consumed);
    channel_.consume(consumed);
    switch (parsed) {
      case HeadParser::Status::kDone:
        co_return Channel::Status::kOk;
      case HeadParser::Status::kTooLong:
        refusal = 431;
        co_return Channel::Status::kOk;
      case HeadParser::Status::kUnsupported:
        refusal = 501;
        co_return Channel::Status::kOk;
      case HeadParser::Status::kMalformed:
        if (first == kTlsHandshakeRecord) {
          report_malformed();
        }
        refusal = 400;
        co_return Channel::Status::kOk;
      case HeadParser::Status::kNeedMore:
        break;
    }
    const auto status = co_await channel_.fill(deadline);
    if (status == Channel::Status::kFull) {
      refusal = 431;
    } else if (status == Channel::Status::kTimeout) {
      refusal = 408;
    } else if (status == Channel::Status::kEnd) {
      // The same whether the parser had looked at all that came or waited for more.
      refusal = 400;
    }
    if (status != Channel::Status::kOk) {
      co_return status;
    }
  }
}

void Connection::report_malformed() {
  service_.protocol_log.warn(service_.options.name + ": a client (" + channel_.slot().peer +
                             ") speaks TLS to the plain port: use http:// in its URL, or "
                             "enable TLS here");
}

asio::awaitable<Connection::Next> Connection::refuse(unsigned status) {
  const Response response = text_response(status, reason_phrase(status));
  service_.count_answer(response);
  co_return co_await send(response, false, "close") ? Next::kLinger : Next::kDrop;
}

asio::awaitable<Response> Connection::answer(const Request& request, MessageBody& body) {
  if (service_.stopping.load()) {
    co_return busy();
  }
  Router::Match match = service_.router.dispatch(request);
  if (match.handler == nullptr) {
    Response response = text_response(match.status, reason_phrase(match.status));
    if (!match.allow.empty()) {
      response.headers.push_back({"Allow", std::move(match.allow)});
    }
    co_return response;
  }
  const std::string_view coding = request.header("Content-Encoding");
  if (!request.gzip && !coding.empty() && !same_word(coding, "identity")) {
    Response response = text_response(415, "only gzip is understood as Content-Encoding");
    response.headers.push_back({"Accept-Encoding", "gzip"});
    co_return response;
  }
  if (request.content_length && *request.content_length > limits_.body_bytes) {
    co_return text_response(413, "the body is larger than the limit");
  }
  co_return co_await (*match.handler)(request, body);
}

asio::awaitable<Connection::Next> Connection::finish(const HeadParser& parser,
                                                     const Request& request, Response response,
                                                     MessageBody& body) {
  bool broken = false;
  if (const auto& failure = body.failure()) {
    const unsigned status = status_of(*failure);
    if (status == 0) {
      co_return Next::kDrop;
    }
    response = text_response(status, failure->message);
    broken = true;
  }
  service_.count_answer(response);
  const bool keep = parser.keep_alive() && !response.close && !broken &&
                    !service_.stopping.load() && body.short_rest(limits_.keep_alive_drain_bytes);
  const std::string_view connection =
      !keep ? "close" : (parser.is_http_1_0() ? "keep-alive" : std::string_view());
  channel_.enter(Stage::kAnswering);
  if (!co_await send(response, request.method == "HEAD", connection)) {
    co_return Next::kDrop;
  }
  if (body.finished()) {
    if (keep) {
      co_return Next::kKeep;
    }
    co_return channel_.buffered().empty() ? Next::kFinish : Next::kLinger;
  }
  if (broken && response.status != 413) {
    co_return Next::kLinger;
  }
  co_return co_await drain(body, keep ? Next::kKeep : Next::kFinish);
}

/// What is left of a body whose answer was given before its end; then what is wanted, where that
/// end was reached.
asio::awaitable<Connection::Next> Connection::drain(MessageBody& body, Next after) {
  channel_.enter(Stage::kClosing);
  using Drained = MessageBody::Drained;
  const Drained drained = co_await body.drain(limits_.drain_bytes, limits_.drain_timeout);
  if (drained == Drained::kTooLong) {
    service_.count_rejected(base::Metric::kDrainsCutSize);
  } else if (drained == Drained::kTooSlow) {
    service_.count_rejected(base::Metric::kDrainsCutTime);
  }
  co_return drained == Drained::kWhole ? after : Next::kLinger;
}

asio::awaitable<bool> Connection::send(const Response& response, bool head_only,
                                       std::string_view connection) {
  const std::string head = response_head(response, connection);
  const auto status = co_await channel_.write(head, head_only ? std::string_view() : response.body,
                                              steady_clock::now() + limits_.write_timeout);
  if (status == Channel::Status::kTimeout) {
    service_.count_rejected(base::Metric::kRejectedTimeout);
  }
  co_return status == Channel::Status::kOk;
}

asio::awaitable<void> Connection::linger() {
  const SteadyTime until = steady_clock::now() + kGoodbye;
  std::vector<char> room(16U << 10U);
  Channel::Read read;
  while (read.status == Channel::Status::kOk && steady_clock::now() < until) {
    read = co_await channel_.read_into(room, until);
  }
}

asio::awaitable<void> Connection::close(Next next) {
  if (next != Next::kDrop && !channel_.was_cut()) {
    channel_.enter(Stage::kClosing);
    // Closing with unread bytes makes the kernel send a reset, which can overtake the
    // answer on its way to the client. TLS has no half-closed state to read in.
    const bool tls = service_.options.tls.enabled;
    if (next == Next::kLinger && tls) {
      co_await linger();
    }
    co_await channel_.end_sending(steady_clock::now() + kGoodbye);
    if (next == Next::kLinger && !tls) {
      co_await linger();
    }
  }
  channel_.close();
}

}  // namespace tiercel::http
