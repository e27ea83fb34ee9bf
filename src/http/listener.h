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

[[nodiscard]] bool is_unix_socket(int descriptor);
/// The same as listen() for sockets that listen already.
[[nodiscard]] base::Result<std::vector<boost::asio::ip::tcp::acceptor>> adopt(
    boost::asio::io_context& context, const std::vector<int>& descriptors);

/// "10.0.0.1:80", "[::1]:80", "*:80"
[[nodiscard]] std::string to_text(const Address& address);

}  // namespace tiercel::http
