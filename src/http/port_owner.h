#pragma once

#include <cstdint>
#include <string>

namespace tiercel::http {

/// "tiercel (pid 1234)" for the process that listens on the port, as far as /proc shows
/// it to us; empty where it does not (a process of another user).
[[nodiscard]] std::string describe_port_owner(std::uint16_t port);

}  // namespace tiercel::http
