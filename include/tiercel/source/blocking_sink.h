#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "tiercel/source/source.h"

namespace tiercel::source {

/// Takes a batch and returns when it is decided what became of it; called on the thread of
/// a source that has one of its own. After kBusy and kFailed the same batch comes again.
using BlockingBatchSink = std::function<BatchOutcome(const Batch&)>;

/// Something that an operator must learn of: to become an alert of our own. The source has
/// logged it.
struct Trouble {
  std::string_view code;
  std::string peer;  ///< what it is about, as the file
  std::string message;
};
/// Called on the source's thread; must not wait.
using TroubleSink = std::function<void(const Trouble&)>;

}  // namespace tiercel::source
