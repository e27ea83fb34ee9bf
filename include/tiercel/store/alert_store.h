#pragma once

#include <functional>

#include "tiercel/store/record.h"

namespace tiercel::store {

enum class AppendResult : std::uint8_t {
  kStored,    ///< the alerts are where they must be; the batch may be acknowledged
  kFailed,    ///< they are not (write error); the sender must try again
  kFull,      ///< there is no room now; the sender must come again later
  kStopping,  ///< the daemon is going down and takes nothing more
};

/// Where the pipeline hands alerts over, before the batch that caused them is
/// acknowledged.
///
/// Runs on: append() is called from io threads and returns at once; the completion
/// is called exactly once, on a thread of the store.
class AlertStore {
 public:
  using Completion = std::function<void(AppendResult)>;

  AlertStore() = default;
  AlertStore(const AlertStore&) = delete;
  AlertStore& operator=(const AlertStore&) = delete;
  virtual ~AlertStore();

  /// A batch without records but with positions waits for the next commit that happens
  /// anyway, a second at most.
  virtual void append(RecordBatch batch, Completion completion) = 0;
};

}  // namespace tiercel::store
