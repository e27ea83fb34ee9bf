#include <algorithm>
#include <cerrno>
#include <cstring>
#include <list>
#include <optional>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tiercel/base/log_limit.h"
#include "tiercel/base/units.h"
#include "tiercel/base/unix_listener.h"
#include "tiercel/source/pipe_source.h"

#include "stream_lines.h"

namespace tiercel::source {

namespace {

constexpr std::size_t kBlock = std::size_t{256} << 10U;
constexpr std::chrono::milliseconds kNoRoomPause{100};

}  // namespace

class SocketSource::Impl {
 public:
  Impl(SocketOptions options, BlockingBatchSink sink, BadPieceSink bad, const base::Clock& clock,
       base::Metrics& metrics)
      : options_(std::move(options)),
        bad_(std::move(bad)),
        clock_(clock),
        metrics_(metrics),
        delivery_(options_.name, std::move(sink),
                  {options_.pipe.retry_first, options_.pipe.retry_most}, Delivery::AtStop::kGoOn) {}

  base::Result<void> start() {
    if (auto opened = listener_.open(options_.path, options_.mode); !opened) {
      return opened;
    }
    return worker_.start([this] { run(); });
  }
  void ask_to_stop() { worker_.ask_to_stop(); }
  bool stop(std::chrono::milliseconds deadline) {
    const bool is_clean = worker_.stop(deadline);
    listener_.remove_file();
    return is_clean;
  }

 private:
  using SteadyClock = std::chrono::steady_clock;
  struct Connection {
    Connection(int number, const SocketOptions& options, Delivery& delivery,
               const BadPieceSink& bad, const base::Clock& clock)
        : socket(number),
          lines(options.name, options.path,
                {options.pipe.max_line, options.pipe.batch_bytes, options.pipe.batch_lines},
                delivery, bad, clock) {}
    ~Connection() { ::close(socket); }
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    int socket;
    StreamLines lines;
    SteadyClock::time_point last_read = SteadyClock::now();
  };

  void run();
  // Until a further connection has room, or can be given some; none while it has.
  [[nodiscard]] std::optional<std::chrono::milliseconds> wait_for_room() const;
  void accept_one();
  void close_longest_idle();
  // False where the connection is over.
  bool read_from(Connection& connection);
  void bound_memory();

  const SocketOptions options_;
  const BadPieceSink bad_;
  const base::Clock& clock_;
  base::Metrics& metrics_;
  base::LogLimit closed_;
  base::UnixListener listener_;
  Delivery delivery_;
  std::list<Connection> connections_;
  std::string block_ = std::string(kBlock, '\0');
  Worker worker_;  // last: its thread ends before the others do
};

namespace {

template <class Connections>
auto longest_idle(Connections& connections) {
  return std::min_element(connections.begin(), connections.end(),
                          [](const auto& a, const auto& b) { return a.last_read < b.last_read; });
}

}  // namespace

void SocketSource::Impl::run() {
  while (!worker_.is_stopping()) {
    std::vector<pollfd> wait{{worker_.stop_file(), POLLIN, 0}};
    // Meanwhile further connections wait in the system's queue.
    const auto for_room = wait_for_room();
    wait.push_back({for_room ? -1 : listener_.file(), POLLIN, 0});
    for (const Connection& connection : connections_) {
      wait.push_back({connection.socket, POLLIN, 0});
    }
    if (::poll(wait.data(), wait.size(), for_room ? static_cast<int>(for_room->count()) : -1) < 0) {
      continue;
    }
    std::size_t at = 2;
    for (auto connection = connections_.begin(); connection != connections_.end(); ++at) {
      const bool goes_on = wait[at].revents == 0 || read_from(*connection);
      connection = goes_on ? std::next(connection) : connections_.erase(connection);
    }
    if (wait[1].revents != 0) {
      accept_one();
    }
    bound_memory();
  }
  for (Connection& connection : connections_) {
    (void)connection.lines.hand_on(LineCutter::Input::kEnded, worker_);
  }
  connections_.clear();
}

std::optional<std::chrono::milliseconds> SocketSource::Impl::wait_for_room() const {
  if (connections_.size() < options_.max_connections) {
    return std::nullopt;
  }
  const auto idle = SteadyClock::now() - longest_idle(connections_)->last_read;
  if (idle >= options_.min_idle) {
    return std::nullopt;
  }
  return std::chrono::ceil<std::chrono::milliseconds>(options_.min_idle - idle);
}

// What its peer has sent is read first.
void SocketSource::Impl::close_longest_idle() {
  const auto idle = longest_idle(connections_);
  const auto time = SteadyClock::now() - idle->last_read;
  ucred peer{};
  socklen_t size = sizeof peer;
  (void)::getsockopt(idle->socket, SOL_SOCKET, SO_PEERCRED, &peer, &size);
  // From now on its peer cannot send any more, and reading comes to an end.
  (void)::shutdown(idle->socket, SHUT_RD);
  while (read_from(*idle)) {
  }
  connections_.erase(idle);
  metrics_.add(base::Metric::kSocketSourceClosed);
  closed_.warn(
      "source '" + options_.name + "': " + std::to_string(options_.max_connections) +
      " connections are open, as many as socket_source.max_connections allows: the one that was "
      "idle longest, for " +
      base::to_text(std::chrono::duration_cast<std::chrono::milliseconds>(time)) + ", of process " +
      std::to_string(peer.pid) + ", was closed for a new one");
}

void SocketSource::Impl::accept_one() {
  if (connections_.size() >= options_.max_connections) {
    if (wait_for_room()) {
      return;  // All of them have sent something since.
    }
    close_longest_idle();
  }
  const int socket = ::accept4(listener_.file(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (socket >= 0) {
    connections_.emplace_back(socket, options_, delivery_, bad_, clock_);
  } else if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED) {
    // No descriptor or memory left: the connection waits, and asking again at once burns a core.
    worker_.rest(kNoRoomPause);
  }
}

bool SocketSource::Impl::read_from(Connection& connection) {
  const ssize_t got = ::read(connection.socket, block_.data(), block_.size());
  if (got < 0 && (errno == EINTR || errno == EAGAIN)) {
    return true;
  }
  if (got <= 0) {
    (void)connection.lines.hand_on(LineCutter::Input::kEnded, worker_);
    return false;
  }
  connection.last_read = SteadyClock::now();
  connection.lines.feed(std::string_view(block_).substr(0, static_cast<std::size_t>(got)));
  return connection.lines.hand_on(LineCutter::Input::kMoreMayCome, worker_);
}

void SocketSource::Impl::bound_memory() {
  std::uint64_t held = 0;
  for (Connection& connection : connections_) {
    held += connection.lines.cutter().held();
  }
  while (held > options_.max_buffered) {
    const auto longest = std::max_element(
        connections_.begin(), connections_.end(), [](Connection& a, Connection& b) {
          return a.lines.cutter().held() < b.lines.cutter().held();
        });
    const std::uint64_t before = longest->lines.cutter().held();
    longest->lines.cutter().skip_line();
    const std::uint64_t after = longest->lines.cutter().held();
    if (after >= before) {
      return;
    }
    held -= before - after;
  }
}

SocketSource::SocketSource(SocketOptions options, BlockingBatchSink sink, BadPieceSink bad,
                           const base::Clock& clock, base::Metrics& metrics)
    : impl_(std::make_unique<Impl>(std::move(options), std::move(sink), std::move(bad), clock,
                                   metrics)) {}
SocketSource::~SocketSource() = default;
base::Result<void> SocketSource::start() { return impl_->start(); }
void SocketSource::ask_to_stop() { impl_->ask_to_stop(); }
bool SocketSource::stop(std::chrono::milliseconds deadline) { return impl_->stop(deadline); }

}  // namespace tiercel::source
