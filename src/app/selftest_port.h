#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tiercel/http/client.h"
#include "tiercel/selftest/synthetic_event.h"

#include "options.h"

namespace tiercel::app {

/// The daemon's audit port, as `tiercel selftest` posts to it. What goes wrong is said on standard
/// error.
///
/// Runs on: one thread.
class SelftestPort {
 public:
  SelftestPort(const SelftestOptions& options, std::string url);

  /// In whose name it takes our events; empty: in nobody's. Nothing where it takes none.
  [[nodiscard]] std::optional<std::string> ask_identity();
  /// False where it does not take them all.
  [[nodiscard]] bool post(const std::vector<selftest::SyntheticEvent>& events);

 private:
  [[nodiscard]] std::optional<http::ClientResponse> send(std::string_view body);

  const std::string url_;
  http::Client client_;
};

}  // namespace tiercel::app
