#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "descriptor.h"

struct addrinfo;

namespace tiercel::output {

/// What became of a try to connect.
struct Dialled {
  enum class How : std::uint8_t { kConnected, kFailed, kTimeout, kInterrupted };
  How how = How::kFailed;
  Descriptor socket{};   ///< where it is connected
  std::string reason{};  ///< where it failed
};

/// Connects to the first of `addresses` that takes it, one after the other within `timeout`; each
/// has its share of the time that is left, so that one which never answers keeps nobody from the
/// next. The socket does not block. Ends early once `interrupt` becomes readable.
[[nodiscard]] Dialled dial(const addrinfo* addresses, std::chrono::milliseconds timeout,
                           int interrupt);

}  // namespace tiercel::output
