#include "listener.h"

#include <algorithm>
#include <string>
#include <utility>

#include <boost/asio/ip/v6_only.hpp>
#include <sys/socket.h>

#include "port_owner.h"

namespace tiercel::http {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

std::string bare_host(const std::string& host) {
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']') {
    return host.substr(1, host.size() - 2);
  }
  return host;
}

base::Error bind_error(const error_code& error, const Address& address,
                       const std::string& port_setting) {
  const std::string port = std::to_string(address.port);
  base::Error result{.code = "listen", .message = {}, .context = to_text(address)};
  if (error == asio::error::address_in_use) {
    const std::string owner = describe_port_owner(address.port);
    result.code = "port_in_use";
    result.message = "port " + port + " is in use already" +
                     (owner.empty() ? " by another process (see `ss -ltnp 'sport = :" + port + "'`)"
                                    : " by " + owner) +
                     "; stop that process or set " + port_setting + " to a free port";
  } else if (error == asio::error::access_denied) {
    result.message = "no permission to listen on port " + port +
                     "; ports below 1024 need CAP_NET_BIND_SERVICE, or set " + port_setting +
                     " to a higher port";
  } else if (error == boost::system::errc::address_not_available) {
    result.message = "no interface of this host has the address to listen on";
  } else {
    result.message = "cannot listen: " + error.message();
  }
  return result;
}

base::Result<std::vector<tcp::endpoint>> endpoints_of(asio::io_context& context,
                                                      const Address& address) {
  const std::string host = bare_host(address.host);
  std::vector<tcp::endpoint> endpoints;
  if (host.empty() || host == "*") {
    endpoints.emplace_back(asio::ip::address_v6::any(), address.port);
    return endpoints;
  }
  error_code error;
  if (const auto numeric = asio::ip::make_address(host, error); !error) {
    endpoints.emplace_back(numeric, address.port);
    return endpoints;
  }
  tcp::resolver resolver(context);
  for (const auto& entry : resolver.resolve(host, std::to_string(address.port), error)) {
    endpoints.push_back(entry.endpoint());
  }
  if (error || endpoints.empty()) {
    return base::Error{.code = "listen",
                       .message = "cannot find the address of the host to listen on: " +
                                  (error ? error.message() : std::string("no addresses")),
                       .context = host};
  }
  return endpoints;
}

error_code open_one(tcp::acceptor& acceptor, const tcp::endpoint& endpoint, bool v6_only) {
  error_code error;
  acceptor.open(endpoint.protocol(), error);
  if (!error) {
    // Only past TIME_WAIT; on Linux this does not let two listeners share a port.
    acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  }
  if (!error && endpoint.protocol() == tcp::v6()) {
    acceptor.set_option(asio::ip::v6_only(v6_only), error);
  }
  if (!error) {
    acceptor.bind(endpoint, error);
  }
  if (!error) {
    acceptor.listen(asio::socket_base::max_listen_connections, error);
  }
  return error;
}

bool names_all_of_ipv4(const std::vector<Address>& addresses, std::uint16_t port) {
  return std::any_of(addresses.begin(), addresses.end(), [port](const Address& address) {
    return address.host == "0.0.0.0" && address.port == port;
  });
}

// As sd_is_socket(descriptor, AF_UNSPEC, SOCK_STREAM, 1) sees it; AF_UNSPEC where it is none.
int listening_family(int descriptor) {
  int type = 0;
  int is_listening = 0;
  sockaddr_storage address{};
  socklen_t length = sizeof type;
  if (::getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &type, &length) != 0 || type != SOCK_STREAM) {
    return AF_UNSPEC;
  }
  length = sizeof is_listening;
  if (::getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &is_listening, &length) != 0 ||
      is_listening == 0) {
    return AF_UNSPEC;
  }
  length = sizeof address;
  return ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &length) == 0
             ? address.ss_family
             : AF_UNSPEC;
}

base::Error not_usable(int descriptor, const std::string& why) {
  return {.code = "listen",
          .message = "descriptor " + std::to_string(descriptor) + " of the service manager " + why,
          .context = {}};
}

}  // namespace

std::string to_text(const Address& address) {
  const std::string host = bare_host(address.host);
  const std::string port = ":" + std::to_string(address.port);
  if (host.empty()) {
    return "*" + port;
  }
  return (host.find(':') == std::string::npos ? host : "[" + host + "]") + port;
}

base::Result<Inherited> sort_inherited(const std::vector<int>& descriptors) {
  Inherited sorted;
  for (const int descriptor : descriptors) {
    const int family = listening_family(descriptor);
    if (family != AF_UNIX && family != AF_INET && family != AF_INET6) {
      return not_usable(descriptor,
                        "is no stream socket that is listened on: give the socket unit "
                        "ListenStream= and Accept=no");
    }
    if (family != AF_UNIX) {
      sorted.tcp.push_back(descriptor);
    } else if (sorted.local >= 0) {
      return not_usable(descriptor,
                        "is a second Unix socket, and a port takes one: leave one "
                        "ListenStream= with a path in the socket unit");
    } else {
      sorted.local = descriptor;
    }
  }
  return sorted;
}

base::Result<std::vector<tcp::acceptor>> adopt(asio::io_context& context,
                                               const std::vector<int>& descriptors) {
  std::vector<tcp::acceptor> acceptors;
  for (const int descriptor : descriptors) {
    tcp::acceptor acceptor(context);
    error_code error;
    acceptor.assign(listening_family(descriptor) == AF_INET ? tcp::v4() : tcp::v6(), descriptor,
                    error);
    if (error) {
      return not_usable(descriptor, "cannot be used: " + error.message());
    }
    acceptors.push_back(std::move(acceptor));
  }
  return acceptors;
}

base::Result<std::vector<tcp::acceptor>> listen(asio::io_context& context,
                                                const std::vector<Address>& addresses,
                                                const std::string& port_setting) {
  std::vector<tcp::acceptor> acceptors;
  for (const Address& address : addresses) {
    const auto endpoints = endpoints_of(context, address);
    if (!endpoints) {
      return endpoints.error();
    }
    for (tcp::endpoint endpoint : *endpoints) {
      tcp::acceptor acceptor(context);
      // "::" takes IPv4 too, unless 0.0.0.0 is named beside it.
      error_code error = open_one(acceptor, endpoint, names_all_of_ipv4(addresses, address.port));
      if (error == asio::error::address_family_not_supported &&
          endpoint.address() == asio::ip::address_v6::any()) {
        // A host without IPv6: "all interfaces" are those of IPv4.
        acceptor = tcp::acceptor(context);
        endpoint = tcp::endpoint(asio::ip::address_v4::any(), address.port);
        error = open_one(acceptor, endpoint, false);
      }
      if (error) {
        return bind_error(error, address, port_setting);
      }
      acceptors.push_back(std::move(acceptor));
    }
  }
  if (acceptors.empty()) {
    return base::Error{
        .code = "listen", .message = "no address to listen on is configured", .context = {}};
  }
  return acceptors;
}

}  // namespace tiercel::http
