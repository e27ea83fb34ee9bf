#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "tiercel/base/error.h"

namespace tiercel::output {

/// Owns a file descriptor.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Descriptor();

  [[nodiscard]] int number() const { return number_; }
  [[nodiscard]] bool is_open() const { return number_ >= 0; }

 private:
  int number_ = -1;
};

/// A lock on an open file, among processes that take it.
class FileLock {
 public:
  enum class Wait : std::uint8_t { kNo, kYes };
  FileLock(int file, Wait wait);
  ~FileLock();
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;
  [[nodiscard]] bool is_held() const { return is_held_; }

 private:
  const int file_;
  const bool is_held_;
};

/// Writes all chunks with as few system calls as they allow; waits where the descriptor
/// does not take more. `written` counts the bytes that went out, on failure too. The
/// error number of a failure, 0 for none.
[[nodiscard]] int write_chunks(int descriptor, std::span<const std::string_view> chunks,
                               std::size_t& written);

/// Brings new and changed names in a folder (empty: the present one) to the disk, as far as it can:
/// without that a power cut takes a new file, however well its content was synced.
void sync_folder(const std::string& folder);

/// How many chunks, from the first, the first `written` bytes hold whole.
[[nodiscard]] std::size_t whole_lines(std::span<const std::string_view> chunks,
                                      std::size_t written);

/// "No space left on device" and the like, with what the operator can do.
[[nodiscard]] base::Error write_error(int number, std::string_view path);

}  // namespace tiercel::output
