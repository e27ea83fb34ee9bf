#include "inherited_sockets.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "tiercel/base/log.h"

namespace tiercel::app {

namespace {

constexpr std::string_view kAdmin = "admin";

void describe(InheritedSockets::Socket& socket) {
  sockaddr_storage address{};
  socklen_t length = sizeof address;
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (::getsockname(socket.descriptor, reinterpret_cast<sockaddr*>(&address), &length) != 0) {
    return;
  }
  if (address.ss_family == AF_INET) {
    const auto& in = reinterpret_cast<const sockaddr_in&>(address);
    ::inet_ntop(AF_INET, &in.sin_addr, text.data(), text.size());
    socket.port = ntohs(in.sin_port);
  } else if (address.ss_family == AF_INET6) {
    const auto& in = reinterpret_cast<const sockaddr_in6&>(address);
    ::inet_ntop(AF_INET6, &in.sin6_addr, text.data(), text.size());
    socket.port = ntohs(in.sin6_port);
  } else if (address.ss_family == AF_UNIX) {
    socket.host = reinterpret_cast<const sockaddr_un&>(address).sun_path;
    return;
  }
  socket.host = text.data();
}

std::string text_of(const InheritedSockets::Socket& socket) {
  const bool is_v6 = socket.host.find(':') != std::string::npos;
  return "the service manager's socket '" + socket.name + "' listens on " +
         (is_v6 ? "[" + socket.host + "]" : socket.host) + ":" + std::to_string(socket.port);
}

void append_word(std::string& text, const std::string& word) {
  text += (text.empty() ? "" : " and ") + word;
}

std::string text_of(const std::vector<InheritedSockets::Socket>& sockets) {
  std::string text;
  for (const InheritedSockets::Socket& socket : sockets) {
    append_word(text, socket.port == 0 ? socket.host : "port " + std::to_string(socket.port));
  }
  return text;
}

std::string text_of(const config::Listener& listener) {
  std::string text;
  if (!listener.hosts.empty()) {
    append_word(text, "port " + std::to_string(listener.port));
  }
  if (!listener.socket.empty()) {
    append_word(text, listener.socket);
  }
  return text;
}

base::Error refused(std::string message) {
  return {.code = "inherited_socket", .message = std::move(message), .context = {}};
}

base::Result<void> check_audit(const config::Settings& settings, const config::Listener& asked,
                               const InheritedSockets::Socket& socket) {
  if (socket.port == 0) {
    return refused("the service manager's socket '" + socket.name +
                   "' is none of TCP, and audit batches come over TCP: give ListenStream= an "
                   "address and a port, or name the socket admin (FileDescriptorName=)");
  }
  if (config::is_loopback(socket.host) || config::asks_for_proof(settings, asked) ||
      !std::all_of(asked.hosts.begin(), asked.hosts.end(), &config::is_loopback)) {
    return {};
  }
  const std::string message =
      text_of(socket) + ", which others can reach, and nothing proves who posts there";
  if (!settings.webserver.allow_unauthenticated) {
    return refused(message + ": write ListenStream=127.0.0.1:" + std::to_string(socket.port) +
                   " in the socket unit, set 'webserver.tokens' or 'webserver.ssl_client_ca', or "
                   "accept it: webserver: {allow_unauthenticated: true}");
  }
  base::log_warning(message + ": whoever reaches it can forge events");
  return {};
}

base::Result<void> check_admin(const config::AdminSettings& admin,
                               const InheritedSockets::Socket& socket) {
  if (socket.port == 0 || config::is_loopback(socket.host)) {
    return {};
  }
  const std::string message =
      text_of(socket) + ", which others can reach, and the admin port asks nobody who they are";
  if (!admin.allow_remote) {
    return refused(message + ": write ListenStream=127.0.0.1:" + std::to_string(socket.port) +
                   " or a path in the socket unit, or set 'admin.allow_remote: true' where a "
                   "firewall says who may connect");
  }
  base::log_warning(message + ": let a firewall or NetworkPolicy decide who that is");
  return {};
}

}  // namespace

base::Result<void> check_sockets(const config::Settings& settings, const config::Listener& asked,
                                 const std::vector<InheritedSockets::Socket>& sockets) {
  for (const InheritedSockets::Socket& socket : sockets) {
    auto checked = asked.audit_paths.empty() ? check_admin(settings.admin, socket)
                                             : check_audit(settings, asked, socket);
    if (!checked) {
      return checked;
    }
  }
  return {};
}

InheritedSockets InheritedSockets::take() {
  char** names = nullptr;
  // Takes the variables out of the environment too.
  const int count = ::sd_listen_fds_with_names(1, &names);
  std::vector<Socket> sockets;
  for (int at = 0; at < count; ++at) {
    Socket& socket = sockets.emplace_back();
    socket.descriptor = SD_LISTEN_FDS_START + at;
    socket.name = names[at];
    describe(socket);
  }
  for (int at = 0; at < count; ++at) {
    std::free(names[at]);
  }
  std::free(names);
  return InheritedSockets(std::move(sockets));
}

std::vector<InheritedSockets::Socket> InheritedSockets::take_audit(
    const config::Listener& listener, const std::vector<config::Listener>& all) {
  if (listener.audit_paths.empty()) {
    return {};
  }
  const auto has_other = [&](const Socket& socket) {
    return std::any_of(all.begin(), all.end(), [&](const config::Listener& other) {
      return !(other == listener) && !other.audit_paths.empty() && other.port == socket.port;
    });
  };
  std::vector<Socket> taken;
  std::erase_if(sockets_, [&](const Socket& socket) {
    const bool is_ours = socket.name != kAdmin && !has_other(socket);
    if (is_ours) {
      taken.push_back(socket);
    }
    return is_ours;
  });
  if (!taken.empty() && listener.port != 0 && taken.front().port != listener.port) {
    base::log_warning("the service manager's socket '" + taken.front().name + "' listens on port " +
                      std::to_string(taken.front().port) + ", the configuration says " +
                      std::to_string(listener.port) +
                      ": the socket counts; make ListenStream= of the socket unit agree");
  }
  return taken;
}

std::vector<InheritedSockets::Socket> InheritedSockets::take_admin(
    const config::Listener& listener) {
  std::vector<Socket> taken;
  std::erase_if(sockets_, [&](const Socket& socket) {
    const bool is_ours = socket.name == kAdmin;
    if (is_ours) {
      taken.push_back(socket);
    }
    return is_ours;
  });
  const bool has_socket =
      listener.socket.empty() || std::any_of(taken.begin(), taken.end(), [&](const Socket& socket) {
        return socket.port == 0 && socket.host == listener.socket;
      });
  const auto is_asked_for = [&](const Socket& socket) {
    const bool is_port =
        !listener.hosts.empty() && (listener.port == 0 || listener.port == socket.port);
    return socket.port == 0 ? socket.host == listener.socket : is_port;
  };
  if (!taken.empty() && !(has_socket && std::all_of(taken.begin(), taken.end(), is_asked_for))) {
    base::log_warning("the service manager's sockets for the admin port are " + text_of(taken) +
                      ", the configuration says " + text_of(listener) +
                      ": those sockets count, commands look where the configuration says; make "
                      "ListenStream= of the socket unit and 'admin' agree");
  }
  return taken;
}

void InheritedSockets::close_rest() {
  for (const Socket& socket : std::exchange(sockets_, {})) {
    base::log_warning("the service manager's socket '" + socket.name +
                      "' is for no port of the configuration and was closed: name it audit or "
                      "admin (FileDescriptorName=)");
    ::close(socket.descriptor);
  }
}

}  // namespace tiercel::app
