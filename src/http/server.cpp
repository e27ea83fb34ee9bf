#include "tiercel/http/server.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <string>
#include <thread>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "tiercel/base/log.h"
#include "tiercel/base/log_limit.h"
#include "tiercel/base/mutex.h"
#include "tiercel/base/unix_listener.h"

#include "connection.h"
#include "connection_table.h"
#include "io_thread.h"
#include "listener.h"
#include "tls_context.h"

namespace tiercel::http {

namespace asio = boost::asio;
using asio::ip::tcp;
using Local = asio::local::stream_protocol;
using std::chrono::steady_clock;

namespace {

constexpr auto kWait = asio::as_tuple(asio::use_awaitable);
/// For connections to notice that they were cut.
constexpr std::chrono::milliseconds kAfterCut{500};
constexpr unsigned kUnixMode = 0600;  // root and our own user alone

std::string peer_name(const tcp::socket& socket) {
  boost::system::error_code error;
  const auto address = socket.remote_endpoint(error).address();
  if (error) {
    return "unknown";
  }
  // On a dual stack socket an IPv4 peer shows as ::ffff:1.2.3.4; it is the same peer.
  return address.is_v6() && address.to_v6().is_v4_mapped()
             ? asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).to_string()
             : address.to_string();
}

std::string peer_name(const Local::socket& /*socket*/) { return std::string(kUnixPeer); }

void set_options(tcp::socket& socket) {
  boost::system::error_code ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  socket.set_option(asio::socket_base::keep_alive(true), ignored);
}

void set_options(Local::socket& /*socket*/) {}

/// Whether the process or the host has no descriptors or no memory left.
bool lacks_room(const boost::system::error_code& error) {
  namespace errc = boost::system::errc;
  return error == errc::too_many_files_open || error == errc::too_many_files_open_in_system ||
         error == errc::no_buffer_space || error == errc::not_enough_memory;
}

base::Metric metric_of(ConnectionTable::Excess excess) {
  switch (excess) {
    case ConnectionTable::Excess::kInAll:
      break;
    case ConnectionTable::Excess::kOfPeer:
      return base::Metric::kRejectedConnectionsPerPeer;
    case ConnectionTable::Excess::kDescriptors:
      return base::Metric::kRejectedDescriptors;
  }
  return base::Metric::kRejectedConnections;
}

/// An exception out of a connection is a defect of ours: let the thread's top see it.
void rethrow(std::exception_ptr exception) {
  if (exception) {
    std::rethrow_exception(std::move(exception));
  }
}

}  // namespace

class Server::Impl {
 public:
  Impl(ServerOptions options, Router router, base::Metrics& metrics)
      : options_(std::move(options)),
        router_(std::move(router)),
        table_(options_.limits.connections, options_.limits.connections_per_peer),
        service_(options_, router_, metrics, table_) {}

  // NOLINTNEXTLINE(bugprone-exception-escape): join() throws where a thread joins itself alone.
  ~Impl() {
    end(std::chrono::milliseconds{0});
    // All loops end before any of them is destroyed: an accept on the first thread may
    // hold a socket of another.
    for (const auto& thread : threads_) {
      thread->join();
    }
    forget_acceptors();
  }

  base::Result<void> start();
  base::Result<void> reload_tls();
  /// The number of connections that had to be cut.
  std::size_t end(std::chrono::milliseconds deadline);
  bool stop(std::chrono::milliseconds deadline);
  [[nodiscard]] const std::vector<std::uint16_t>& ports() const { return ports_; }
  [[nodiscard]] std::size_t connections() const { return table_.size(); }
  [[nodiscard]] std::size_t most_of_one_peer() const { return table_.most_of_one_peer(); }
  [[nodiscard]] const Limits& limits() const { return options_.limits; }
  [[nodiscard]] std::chrono::milliseconds stalled_for() {
    std::chrono::milliseconds longest{0};
    for (const auto& thread : threads_) {
      longest = std::max(longest, thread->stalled_for());
    }
    return longest;
  }

 private:
  base::Result<void> listen();
  base::Result<void> listen_on_addresses();
  base::Result<void> listen_on_unix_path();
  base::Result<void> listen_on_inherited();
  void accept_on(std::vector<tcp::acceptor> acceptors);
  void accept_on_local(int descriptor);
  void forget_acceptors() {
    acceptors_.clear();
    local_acceptor_.reset();
  }
  template <class Acceptor>
  asio::awaitable<void> accept_loop(Acceptor& acceptor);
  asio::awaitable<void> pause_accepting(const boost::system::error_code& error);
  template <class Socket>
  void admit(std::size_t index, Socket socket);
  void close(const std::optional<ConnectionTable::Victim>& victim);
  template <class Socket>
  asio::awaitable<void> serve(std::size_t index, Socket socket,
                              std::shared_ptr<ConnectionSlot> slot);
  std::unique_ptr<Transport> make_transport(tcp::socket socket) TIERCEL_EXCLUDES(tls_mutex_);
  static std::unique_ptr<Transport> make_transport(Local::socket socket) {
    return make_plain_transport(std::move(socket));
  }

  // Constant after start().
  const ServerOptions options_;
  const Router router_;
  std::vector<std::uint16_t> ports_;

  // Own synchronisation.
  ConnectionTable table_;
  Service service_;
  base::Mutex tls_mutex_;
  std::shared_ptr<asio::ssl::context> tls_ TIERCEL_GUARDED_BY(tls_mutex_);

  // Main thread only.
  bool running_ = false;
  base::UnixListener unix_listener_;

  std::vector<std::unique_ptr<IoThread>> threads_;

  // First io thread only.
  std::vector<tcp::acceptor> acceptors_;
  std::optional<Local::acceptor> local_acceptor_;
  std::size_t next_thread_ = 0;
  base::LogLimit accept_log_;
};

base::Result<void> Server::Impl::start() {
  if (options_.tls.enabled) {
    if (auto loaded = reload_tls(); !loaded) {
      return loaded.error();
    }
  }
  const std::size_t count = options_.threads == 0 ? 1 : options_.threads;
  for (std::size_t index = 0; index < count; ++index) {
    threads_.push_back(std::make_unique<IoThread>());
  }
  if (auto listening = listen(); !listening) {
    forget_acceptors();  // they are their thread's
    threads_.clear();
    return listening;
  }
  for (std::size_t index = 0; index < count; ++index) {
    threads_[index]->start(options_.name + "-" + std::to_string(index));
  }
  running_ = true;
  return {};
}

base::Result<void> Server::Impl::listen() {
  if (!options_.inherited.empty()) {
    return listen_on_inherited();
  }
  if (!options_.addresses.empty() || options_.unix_path.empty()) {
    if (auto listening = listen_on_addresses(); !listening) {
      return listening;
    }
  }
  return options_.unix_path.empty() ? base::Result<void>() : listen_on_unix_path();
}

base::Result<void> Server::Impl::listen_on_addresses() {
  auto acceptors =
      http::listen(threads_.front()->context(), options_.addresses, options_.port_setting);
  if (!acceptors) {
    return acceptors.error();
  }
  accept_on(std::move(*acceptors));
  return {};
}

base::Result<void> Server::Impl::listen_on_inherited() {
  const auto sorted = sort_inherited(options_.inherited);
  if (!sorted) {
    return sorted.error();
  }
  auto acceptors = adopt(threads_.front()->context(), sorted->tcp);
  if (!acceptors) {
    return acceptors.error();
  }
  if (sorted->local >= 0) {
    accept_on_local(sorted->local);
  }
  accept_on(std::move(*acceptors));
  return {};
}

void Server::Impl::accept_on_local(int descriptor) {
  local_acceptor_.emplace(threads_.front()->context(), Local(), descriptor);
  asio::co_spawn(threads_.front()->context(), accept_loop(*local_acceptor_), &rethrow);
}

void Server::Impl::accept_on(std::vector<tcp::acceptor> acceptors) {
  acceptors_ = std::move(acceptors);
  for (tcp::acceptor& acceptor : acceptors_) {
    boost::system::error_code error;
    ports_.push_back(acceptor.local_endpoint(error).port());
    asio::co_spawn(threads_.front()->context(), accept_loop(acceptor), &rethrow);
  }
}

base::Result<void> Server::Impl::listen_on_unix_path() {
  if (auto opened = unix_listener_.open(options_.unix_path, kUnixMode); !opened) {
    base::Error error = opened.error();
    error.message += "; " + options_.unix_setting + " names it";
    return error;
  }
  accept_on_local(unix_listener_.release());
  return {};
}

base::Result<void> Server::Impl::reload_tls() {
  if (!options_.tls.enabled) {
    return {};
  }
  auto made = make_tls_context(options_.tls);
  if (!made) {
    return made.error();
  }
  const base::MutexLock lock(tls_mutex_);
  tls_ = std::move(*made);
  return {};
}

std::unique_ptr<Transport> Server::Impl::make_transport(tcp::socket socket) {
  if (!options_.tls.enabled) {
    return make_plain_transport(std::move(socket));
  }
  std::shared_ptr<asio::ssl::context> context;
  {
    const base::MutexLock lock(tls_mutex_);
    context = tls_;
  }
  return make_tls_transport(std::move(socket), std::move(context));
}

template <class Acceptor>
asio::awaitable<void> Server::Impl::accept_loop(Acceptor& acceptor) {
  while (!service_.stopping.load()) {
    const std::size_t index = next_thread_++ % threads_.size();
    auto [error, socket] = co_await acceptor.async_accept(threads_[index]->context(), kWait);
    if (error == asio::error::operation_aborted || error == asio::error::bad_descriptor) {
      break;
    }
    if (error) {
      co_await pause_accepting(error);
      continue;
    }
    admit<typename Acceptor::protocol_type::socket>(index, std::move(socket));
  }
}

asio::awaitable<void> Server::Impl::pause_accepting(const boost::system::error_code& error) {
  if (error == asio::error::connection_aborted) {
    co_return;
  }
  const bool is_out_of_room = lacks_room(error);
  const std::string line = options_.name + ": cannot accept a connection: " + error.message();
  if (is_out_of_room) {
    close(table_.spare(nanoseconds(steady_clock::now())));
  }
  accept_log_.warn(is_out_of_room ? line + "; raise LimitNOFILE or lower limits.max_connections"
                                  : line + "; it is tried again");
  asio::steady_timer timer(threads_.front()->context(), std::chrono::milliseconds{20});
  co_await timer.async_wait(kWait);
}

template <class Socket>
void Server::Impl::admit(std::size_t index, Socket socket) {
  service_.metrics.add(base::Metric::kConnections);
  set_options(socket);
  auto admitted = table_.add(peer_name(socket), index, nanoseconds(steady_clock::now()));
  close(admitted.victim);
  asio::co_spawn(threads_[index]->context(),
                 serve(index, std::move(socket), std::move(admitted.slot)), &rethrow);
}

void Server::Impl::close(const std::optional<ConnectionTable::Victim>& victim) {
  if (victim) {
    service_.count_rejected(metric_of(victim->excess));
    threads_[victim->thread]->cut(victim->id);
  }
}

template <class Socket>
asio::awaitable<void> Server::Impl::serve(std::size_t index, Socket socket,
                                          std::shared_ptr<ConnectionSlot> slot) {
  /// Leaves thread and table also when the coroutine is destroyed while it waits.
  struct Membership {
    IoThread& thread;
    ConnectionTable& table;
    std::uint64_t id;
    Membership(IoThread& a, ConnectionTable& b, std::uint64_t c) : thread(a), table(b), id(c) {}
    Membership(const Membership&) = delete;
    Membership& operator=(const Membership&) = delete;
    ~Membership() {
      thread.dismiss(id);
      table.remove(id);
    }
  };
  const std::uint64_t id = slot->id;
  Connection connection(service_, make_transport(std::move(socket)), std::move(slot));
  const Membership membership(*threads_[index], table_, id);
  threads_[index]->enrol(id, connection.channel());
  co_await connection.run();
}

std::size_t Server::Impl::end(std::chrono::milliseconds deadline) {
  if (!running_) {
    return 0;
  }
  running_ = false;
  service_.stopping.store(true);
  asio::post(threads_.front()->context(), [this] {
    for (tcp::acceptor& acceptor : acceptors_) {
      boost::system::error_code ignored;
      acceptor.close(ignored);
    }
    if (local_acceptor_) {
      boost::system::error_code ignored;
      local_acceptor_->close(ignored);
    }
  });
  for (const auto& thread : threads_) {
    thread->let_go_all();
  }
  if (table_.wait_empty(steady_clock::now() + deadline)) {
    return 0;
  }
  const std::size_t left = table_.size();
  for (const auto& thread : threads_) {
    thread->cut_all();
  }
  table_.wait_empty(steady_clock::now() + kAfterCut);
  return left;
}

bool Server::Impl::stop(std::chrono::milliseconds deadline) {
  const std::size_t cut = end(deadline);
  if (cut != 0) {
    base::log_warning(options_.name + ": closed " + std::to_string(cut) +
                      " connections that did not end in time");
  }
  return cut == 0;
}

Server::Server(ServerOptions options, Router router, base::Metrics& metrics)
    : impl_(std::make_unique<Impl>(std::move(options), std::move(router), metrics)) {}
Server::~Server() = default;
base::Result<void> Server::start() { return impl_->start(); }
const std::vector<std::uint16_t>& Server::ports() const { return impl_->ports(); }
base::Result<void> Server::reload_tls() { return impl_->reload_tls(); }
bool Server::stop(std::chrono::milliseconds deadline) { return impl_->stop(deadline); }
std::chrono::milliseconds Server::stalled_for() { return impl_->stalled_for(); }
std::size_t Server::connections() const { return impl_->connections(); }
std::size_t Server::most_of_one_peer() const { return impl_->most_of_one_peer(); }
const Limits& Server::limits() const { return impl_->limits(); }

}  // namespace tiercel::http
