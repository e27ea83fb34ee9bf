#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "history_segment.h"

namespace tiercel::store {

/// Copies the segments of the folder `store` into the store folder `folder`, which must be empty
/// or not be there, in short reads while a daemon may write. The copy has its name when it is
/// whole; of one that failed nothing stays. Cursors and positions are copied before alerts, so
/// that a daemon on the copy delivers and reads again rather than too little. The number of
/// alerts.
[[nodiscard]] base::Result<std::uint64_t> copy_segments(
    const std::vector<HistorySegment*>& segments, const std::string& store,
    const std::string& folder);

}  // namespace tiercel::store
