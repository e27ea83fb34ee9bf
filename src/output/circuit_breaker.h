#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>

namespace tiercel::output {

/// After so many failures in a row a peer is left alone for a pause; then one message alone
/// is tried. Each failed try doubles the pause, up to `longest`; a success closes it.
///
/// Runs on: one thread.
class CircuitBreaker {
 public:
  using milliseconds = std::chrono::milliseconds;

  /// `failures` 0: never opens. A `longest` under `pause` is taken as `pause`.
  CircuitBreaker(std::uint32_t failures, milliseconds pause, milliseconds longest)
      : failures_(failures), pause_(pause), longest_(std::max(pause, longest)), next_(pause) {}

  /// How long to leave the peer alone; nothing while this stays closed.
  [[nodiscard]] std::optional<milliseconds> failed() {
    if (failures_ == 0 || ++in_a_row_ < failures_) {
      return std::nullopt;
    }
    in_a_row_ = failures_;
    is_open_ = true;
    const milliseconds pause = next_;
    next_ = next_ > longest_ / 2 ? longest_ : next_ * 2;
    return pause;
  }
  void succeeded() {
    is_open_ = false;
    in_a_row_ = 0;
    next_ = pause_;
  }
  [[nodiscard]] bool is_open() const { return is_open_; }

 private:
  const std::uint32_t failures_;
  const milliseconds pause_;
  const milliseconds longest_;
  milliseconds next_;
  std::uint32_t in_a_row_ = 0;
  bool is_open_ = false;
};

}  // namespace tiercel::output
