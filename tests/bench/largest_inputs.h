#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace tiercel::bench {

/// A largest legal input, or a part of it that has the same shape.
struct LargestInput {
  const char* name;
  std::size_t full;    ///< bytes, containers or items: what `make` counts in
  std::size_t weight;  ///< bytes of one of them, about
  std::string (*make)(std::size_t count);
};

/// Batches of recorded events, and bodies with one event, or one thing of an event, that is as
/// large as an apiserver lets it be.
[[nodiscard]] std::span<const LargestInput> largest_inputs();

/// An EventList of recorded events, of about so many bytes; ids of their own.
[[nodiscard]] std::string recorded_batch(std::size_t bytes);

}  // namespace tiercel::bench
