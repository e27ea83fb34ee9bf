#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "tiercel/audit/decode.h"
#include "tiercel/base/bytes.h"
#include "tiercel/base/error.h"

namespace tiercel::source {

/// How far a source has read one of its inputs once a batch is stored; the value is the
/// source's own affair, an empty one forgets the key.
struct Position {
  std::string key;
  std::string value;
};

/// What the windows of one large body have in common; theirs in turn, never at the same time.
struct Windows {
  bool has_begun = false;  ///< one was evaluated
  bool is_last = false;    ///< it is known that no window comes after the one that is handed over
  std::uint64_t first_key = 0;  ///< of the body's first event: what it is known by; 0: none yet
};

/// One request body, or one window of a large one.
struct Batch {
  /// The bytes, followed by audit::kPadding more that the parser may read:
  /// bytes.size() == size + kPadding.
  base::Bytes bytes;
  std::size_t size = 0;
  audit::BatchForm form = audit::BatchForm::kBody;
  std::int64_t arrival = 0;   ///< nanoseconds since the epoch
  std::string_view source;    ///< "webhook", "file", "stdin", "socket"
  std::string peer;           ///< the sender's address, the log's or socket's path, "stdin"
  std::uint64_t request = 0;  ///< running number, for reports
  /// ka.cluster.name: the name that the sender has proved to be, which counts more than what
  /// its events say, or the one in its path, which counts less. Empty: neither.
  std::string cluster;
  bool cluster_is_proved = false;
  /// It was handed over before and not taken: what is wrong with it has been reported, and it
  /// has been counted.
  bool is_repeat = false;
  /// Where it is one window of a body; lives until the batch is answered.
  Windows* windows = nullptr;
  /// Stored in one transaction with the alerts of this batch.
  std::vector<Position> positions;

  [[nodiscard]] std::string_view view() const { return {bytes.data(), size}; }
};

}  // namespace tiercel::source
