#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

#include "tiercel/source/blocking_sink.h"

#include "worker.h"

namespace tiercel::source {

/// Gives a batch to the sink until it is taken, with growing pauses.
///
/// Runs on: the source's thread.
class Delivery {
 public:
  enum class AtStop : std::uint8_t {
    kGiveUp,  ///< one more attempt at the most: the input can be read again
    kGoOn,    ///< until the deadline: it cannot
  };
  struct Pauses {
    std::chrono::milliseconds first;
    std::chrono::milliseconds most;
  };

  Delivery(std::string name, BlockingBatchSink sink, Pauses pauses, AtStop at_stop);

  /// True when it was taken; false only at stop, and from then on: nothing may pass a batch
  /// that was not taken. From its second attempt on the batch is marked as a repeat. `refused` is
  /// called after each attempt that did not succeed.
  [[nodiscard]] bool deliver(Batch& batch, const Worker& worker,
                             const std::function<void()>& refused = {});

 private:
  const std::string name_;
  const BlockingBatchSink sink_;
  const Pauses pauses_;
  const AtStop at_stop_;
  bool has_given_up_ = false;
};

}  // namespace tiercel::source
