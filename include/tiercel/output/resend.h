#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "tiercel/base/error.h"
#include "tiercel/output/dead_letters.h"
#include "tiercel/output/output.h"

namespace tiercel::output {

struct Resent {
  std::uint64_t delivered = 0;
  std::uint64_t left = 0;        ///< that were not taken; they stay in the file
  std::uint64_t unreadable = 0;  ///< lines that are no letters; they stay too
  bool has_failed = false;       ///< a delivery failed, so that no further one was tried
  std::string why;               ///< what the peer said of the first that is left
};

/// Delivers the letters of a file that no daemon writes to (set_aside_dead_letters()), at most
/// `most` at once. After a delivery that failed no further one is tried. What was not taken
/// stays in the file; a file of which nothing is left is removed, one of which nothing was taken
/// is left alone. When this ends before its end
/// (a kill) the file is as it was, so letters may come twice and none is lost.
[[nodiscard]] base::Result<Resent> resend_dead_letters(
    const std::string& path, std::size_t most,
    const std::function<Delivery(std::span<const DeadLetter>)>& deliver);

/// The files of dead letters beside `path` that were set aside, the oldest first.
[[nodiscard]] std::vector<std::string> dead_letters_set_aside(const std::string& path);

}  // namespace tiercel::output
