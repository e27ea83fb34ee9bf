#pragma once

#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "tiercel/base/error.h"
#include "tiercel/http/options.h"

namespace tiercel::http {

/// Binds every address and listens; `context` runs the accepts. No SO_REUSEPORT: a second
/// daemon on the same port must fail, not share the batches. The error says which address,
/// why, and what to do; `port_setting` is the config key it names.
[[nodiscard]] base::Result<std::vector<boost::asio::ip::tcp::acceptor>> listen(
    boost::asio::io_context& context, const std::vector<Address>& addresses,
    const std::string& port_setting);

/// Listening sockets that somebody else has opened.
struct Inherited {
  std::vector<int> tcp;
  int local = -1;  ///< of a Unix socket, -1 where there is none
};
/// Refuses what is no listening stream socket, and a second Unix socket.
[[nodiscard]] base::Result<Inherited> sort_inherited(const std::vector<int>& descriptors);
/// The same as listen() for TCP sockets that listen already.
[[nodiscard]] base::Result<std::vector<boost::asio::ip::tcp::acceptor>> adopt(
    boost::asio::io_context& context, const std::vector<int>& descriptors);

/// "10.0.0.1:80", "[::1]:80", "*:80"
[[nodiscard]] std::string to_text(const Address& address);

}  // namespace tiercel::http
