#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace tiercel::base {

/// Memory for what is read from one event: decoded texts and lists of views.
/// `reset()` forgets everything at once and keeps the blocks, so that in the
/// steady state an event allocates nothing from the heap.
///
/// Runs on: one thread; one instance per thread.
class Arena {
 public:
  Arena() = default;
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  /// `size` bytes aligned for any view; valid until `reset()`.
  [[nodiscard]] std::byte* allocate(std::size_t size) {
    const std::size_t rounded = (size + 15U) & ~std::size_t{15};
    if (rounded <= left_) {
      std::byte* const place = next_;
      next_ += rounded;
      left_ -= rounded;
      return place;
    }
    return allocate_slow(rounded);
  }
  [[nodiscard]] char* allocate_text(std::size_t size) {
    return reinterpret_cast<char*>(allocate(size));
  }
  /// A copy of the list's views (not of the texts they point to).
  [[nodiscard]] std::span<const std::string_view> copy(std::span<const std::string_view> views);
  /// A copy of the text's bytes.
  [[nodiscard]] std::string_view copy(std::string_view text);

  /// Forgets all; keeps at most `keep` bytes of blocks.
  void reset(std::size_t keep = kKeep);
  [[nodiscard]] std::size_t capacity() const { return capacity_; }

  static constexpr std::size_t kKeep = std::size_t{8} << 20U;

 private:
  struct Block {
    std::unique_ptr<std::byte[]> bytes;
    std::size_t size;
  };
  [[nodiscard]] std::byte* allocate_slow(std::size_t size);

  std::vector<Block> blocks_;
  std::size_t current_ = 0;  // index of the block in use
  std::byte* next_ = nullptr;
  std::size_t left_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace tiercel::base
