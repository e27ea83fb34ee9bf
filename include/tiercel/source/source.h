#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include <boost/asio/awaitable.hpp>

#include "tiercel/audit/decode.h"
#include "tiercel/source/batch.h"

namespace tiercel::source {

/// What became of a batch, and with that the answer to who sent it.
enum class BatchOutcome : std::uint8_t {
  kDone,    ///< evaluated and its alerts delivered, or quarantined: 200
  kBusy,    ///< not taken, come again soon: 429 with Retry-After
  kFailed,  ///< its alerts could not be stored: 503
};

/// Takes a batch; resumed on the io thread that called it. Several at once.
using BatchSink = std::function<boost::asio::awaitable<BatchOutcome>(Batch)>;

/// Bytes that a source could not make a batch of: an item longer than max_event, or a
/// body that is none. To be quarantined and reported.
struct BadPiece {
  /// What is wrong, in the decoder's words. `input.bytes` is the beginning of the piece,
  /// valid during the call only.
  audit::BadInput input;
  std::uint64_t size = 0;  ///< of the whole piece, as far as it was seen
  std::int64_t arrival = 0;
  std::string_view source;
  std::string peer;
  std::uint64_t request = 0;
};
/// Called on an io thread, or on that of a source which has one; must not wait.
using BadPieceSink = std::function<void(const BadPiece&)>;

}  // namespace tiercel::source
