#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

namespace tiercel::source {

/// A compressed file (gzip or zstd) read from its beginning; it may still be written meanwhile.
///
/// Runs on: one thread.
class PackedFile {
 public:
  enum class State : std::uint8_t {
    kSome,
    kEnd,
    kEndsEarly,  ///< the end is missing: cut off, or still to be written
    kDamaged,
    kFailed,  ///< reading failed; errno says how
  };
  struct Read {
    std::size_t size = 0;  ///< uncompressed bytes; more than none with kSome only
    State state = State::kSome;
  };

  PackedFile() = default;
  virtual ~PackedFile() = default;
  PackedFile(const PackedFile&) = delete;
  PackedFile& operator=(const PackedFile&) = delete;

  /// Whether it begins as compressed files do.
  [[nodiscard]] static bool is_packed(int file);
  /// Reads what `file` is open on from its beginning, with a place of its own; the descriptor is
  /// the caller's and stays open as long as this object is used. None where the system refuses.
  [[nodiscard]] static std::unique_ptr<PackedFile> open(int file);

  [[nodiscard]] virtual Read read(char* room, std::size_t most) = 0;
  /// Compressed bytes that were used; none where that is not known.
  [[nodiscard]] virtual std::optional<std::uint64_t> offset() const = 0;
};

}  // namespace tiercel::source
