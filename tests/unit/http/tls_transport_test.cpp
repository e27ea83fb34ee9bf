#include <atomic>
#include <functional>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <sys/socket.h>
#include <unistd.h>

#include "tls_context.h"
#include "tls_fixture.h"
#include "transport.h"

namespace tiercel::http {
namespace {

// A transport alone, with a client on a thread of its own that has sent all it will before
// anything is read.
class TlsTransportTest : public Tls {
 protected:
  using Serve = std::function<boost::asio::awaitable<void>(Transport&)>;
  void run(const std::function<void(HttpClient&)>& send, const Serve& serve) {
    namespace asio = boost::asio;
    const auto context = make_tls_context(one_file());
    ASSERT_TRUE(context);
    asio::ip::tcp::acceptor acceptor(io_, {asio::ip::address_v4::loopback(), 0});
    std::atomic<bool> has_sent{false};
    std::thread sender([&, port = acceptor.local_endpoint().port()] {
      const TlsClientOptions options;
      HttpClient client(port, &options);
      send(client);
      has_sent = true;
      EXPECT_TRUE(client.closed_by_peer());
    });
    const auto accept = [&]() -> asio::awaitable<void> {
      const auto transport =
          make_tls_transport(co_await acceptor.async_accept(asio::use_awaitable), *context);
      std::string problem;
      EXPECT_TRUE(co_await transport->open(problem)) << problem;
      EXPECT_TRUE(eventually([&] { return has_sent.load(); }));  // nobody else is on this thread
      co_await serve(*transport);
      transport->close();
    };
    asio::co_spawn(io_, accept(), asio::detached);
    io_.run();
    sender.join();
  }

  boost::asio::io_context io_;
};

// Where all bytes are here already, others on the thread have their turn before they are read.
TEST_F(TlsTransportTest, YieldsBeforeItReads) {
  const std::string text(8'000, 'x');
  std::vector<std::string> order;
  run([&](HttpClient& client) { client.send(text); },
      [&](Transport& transport) -> boost::asio::awaitable<void> {
        std::vector<char> room(1'000);
        for (std::size_t size = 0; size < text.size();) {
          boost::asio::post(io_, [&order] { order.emplace_back("other"); });
          const auto read = co_await transport.read_some(room);
          if (read.error) {
            break;
          }
          size += read.size;
          order.emplace_back("read");
        }
      });
  ASSERT_EQ(order.size(), 16U);
  for (std::size_t at = 0; at < order.size(); ++at) {
    EXPECT_EQ(order[at], at % 2 == 0 ? "other" : "read") << at;
  }
}

// A stop that comes before the read has begun to wait is not missed.
TEST_F(TlsTransportTest, EndsAReadThatIsCancelledBeforeItWaits) {
  run([](HttpClient&) {},
      [&](Transport& transport) -> boost::asio::awaitable<void> {
        boost::asio::post(io_, [&transport] { transport.cancel(); });
        std::vector<char> room(1'000);
        const auto read = co_await transport.read_some(room);
        EXPECT_EQ(read.error, boost::asio::error::operation_aborted);
        EXPECT_EQ(read.size, 0U);
      });
}

// A record that was changed on the way is no end of the connection, also behind one that is good.
TEST_F(TlsTransportTest, TellsOfABadRecordBehindAGoodOne) {
  run(
      [](HttpClient& client) {
        client.send("good");
        client.send_raw(std::string("\x17\x03\x03\x00\x20", 5) + std::string(32, 'x'));
      },
      [&](Transport& transport) -> boost::asio::awaitable<void> {
        std::vector<char> room(1'000);
        const auto good = co_await transport.read_some(room);
        EXPECT_FALSE(good.error);
        EXPECT_EQ(std::string(room.data(), good.size), "good");
        const auto bad = co_await transport.read_some(room);
        EXPECT_EQ(bad.error.category(), boost::asio::error::get_ssl_category())
            << bad.error.message();
      });
}

// A wait ends early where an event of another socket, which had the same number a moment ago, was
// on its way: the connection goes on.
TEST_F(TlsTransportTest, WaitsOnWhereThereIsNothingToRead) {
  namespace asio = boost::asio;
  const auto context = make_tls_context(one_file());
  ASSERT_TRUE(context);
  asio::ip::tcp::acceptor acceptor(io_, {asio::ip::address_v4::loopback(), 0});
  asio::ip::tcp::socket client(io_);
  client.connect(acceptor.local_endpoint());
  asio::ip::tcp::socket accepted = acceptor.accept();
  const int also = ::dup(accepted.native_handle());
  const auto transport = make_tls_transport(std::move(accepted), *context);
  std::string problem;
  bool is_over = false;
  const auto open = [&]() -> asio::awaitable<void> {
    EXPECT_FALSE(co_await transport->open(problem));
    is_over = true;
  };
  asio::co_spawn(io_, open(), asio::detached);
  io_.poll();
  // The reactor sees the byte; it is gone when the wait's handler runs.
  asio::write(client, asio::buffer("x", 1));
  bool is_taken = false;
  asio::post(io_, [&] {
    char byte = 0;
    is_taken = ::recv(also, &byte, 1, MSG_DONTWAIT) == 1;
  });
  io_.poll();
  EXPECT_TRUE(is_taken);
  EXPECT_FALSE(is_over) << problem;
  // What comes then is looked at: no TLS.
  asio::write(client, asio::buffer("GET / HTTP/1.1\r\n\r\n", 18));
  client.shutdown(asio::socket_base::shutdown_send);
  io_.run();
  EXPECT_TRUE(is_over);
  EXPECT_NE(problem.find("plain HTTP"), std::string::npos) << problem;
  ::close(also);
}

}  // namespace
}  // namespace tiercel::http
