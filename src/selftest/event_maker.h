#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "needs.h"

namespace tiercel::selftest {

/// What all events of one self-test share.
struct EventBase {
  std::string mark;
  std::string audit_id;
  std::string time;  ///< RFC 3339 with microseconds, as kube-apiserver writes it
};

/// An audit event that has what the needs ask for, as one line of JSON; empty where these needs
/// cannot stand in one event.
[[nodiscard]] std::string make_event(const Needs& needs, const EventBase& base);

}  // namespace tiercel::selftest
