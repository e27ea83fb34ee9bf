#include <array>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "transport.h"

namespace tiercel::http {

namespace {

namespace asio = boost::asio;
constexpr auto kWait = asio::as_tuple(asio::use_awaitable);

template <class Socket>
class PlainTransport final : public Transport {
 public:
  explicit PlainTransport(Socket socket) : socket_(std::move(socket)) {}

  asio::awaitable<bool> open(std::string& /*problem*/) override { co_return true; }

  asio::awaitable<ReadResult> read_some(std::span<char> room) override {
    const auto [error, size] =
        co_await socket_.async_read_some(asio::buffer(room.data(), room.size()), kWait);
    co_return ReadResult{error, size};
  }

  asio::awaitable<boost::system::error_code> write(std::string_view head,
                                                   std::string_view body) override {
    const std::array<asio::const_buffer, 2> buffers{asio::buffer(head), asio::buffer(body)};
    const auto [error, size] = co_await asio::async_write(socket_, buffers, kWait);
    co_return error;
  }

  asio::awaitable<void> end_sending() override {
    boost::system::error_code ignored;
    socket_.shutdown(asio::socket_base::shutdown_send, ignored);
    co_return;
  }

  void cancel() override {
    boost::system::error_code ignored;
    socket_.cancel(ignored);
  }

  void close() override {
    boost::system::error_code ignored;
    socket_.close(ignored);
  }

 private:
  Socket socket_;
};

}  // namespace

std::unique_ptr<Transport> make_plain_transport(asio::ip::tcp::socket socket) {
  return std::make_unique<PlainTransport<asio::ip::tcp::socket>>(std::move(socket));
}

std::unique_ptr<Transport> make_plain_transport(asio::local::stream_protocol::socket socket) {
  return std::make_unique<PlainTransport<asio::local::stream_protocol::socket>>(std::move(socket));
}

}  // namespace tiercel::http
