#pragma once

#include <filesystem>
#include <string>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace tiercel::support {

/// The path of an installed program, or nothing.
inline std::string find_program(const std::string& name) {
  for (const char* const folder : {"/usr/sbin/", "/usr/bin/", "/sbin/", "/bin/"}) {
    if (std::filesystem::exists(folder + name)) {
      return folder + name;
    }
  }
  return {};
}

/// A port of the loopback that nobody listens on now. For programs that cannot be given
/// port 0; somebody else may take it in between, which a test sees as a failure to start.
inline std::uint16_t free_port(int type) {
  const int socket = ::socket(AF_INET, type, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  (void)::bind(socket, reinterpret_cast<sockaddr*>(&address), sizeof address);
  socklen_t size = sizeof address;
  ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size);
  ::close(socket);
  return ntohs(address.sin_port);
}

}  // namespace tiercel::support
