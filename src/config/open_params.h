#pragma once

#include <string>
#include <string_view>

#include "tiercel/config/settings.h"

namespace tiercel::config {

/// What a k8saudit plugin's `open_params` say. Private to the room.
struct OpenParameters {
  PluginReceiver receiver;
  std::string problem;  ///< empty: the receiver is usable
  std::string hint;
  bool is_refused = false;  ///< well-formed, but not a receiver
};

/// `http://HOST:PORT/PATH` or `https://…`; host empty (all interfaces), a name, an
/// address or `[v6]`; 80 or 443 where neither host nor port is given.
[[nodiscard]] OpenParameters parse_open_parameters(std::string_view text);

}  // namespace tiercel::config
