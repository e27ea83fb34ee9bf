#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <string>

#include <sys/types.h>

namespace tiercel::support {

/// One file as its handles see it: the real one and, over it, what was not synced.
///
/// Runs on: any thread, with the lock of its ForgetfulDisk held.
class ForgetfulFile {
 public:
  using Bytes = std::int64_t;

  /// A file that has no name on the disk yet.
  explicit ForgetfulFile(std::string path) : path_(std::move(path)) {}
  /// A real file; owns the descriptor.
  ForgetfulFile(std::string path, int descriptor);
  ~ForgetfulFile();
  ForgetfulFile(const ForgetfulFile&) = delete;
  ForgetfulFile& operator=(const ForgetfulFile&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] bool is_real() const { return descriptor_ >= 0; }
  [[nodiscard]] int descriptor() const { return descriptor_; }
  [[nodiscard]] Bytes size() const { return size_; }
  [[nodiscard]] bool is_clean() const { return blocks_.empty() && !is_resized_; }

  /// How many bytes there were; -1 where the disk does not work.
  [[nodiscard]] Bytes read(char* to, Bytes count, Bytes offset) const;
  [[nodiscard]] bool write(const char* from, Bytes count, Bytes offset);
  void truncate(Bytes size);
  void become_real(int descriptor) { descriptor_ = descriptor; }
  /// Writes all to the real file. REQUIRES: is_real().
  [[nodiscard]] bool flush();
  /// Some sectors of one block, or a change of the length, reach the real file.
  void scatter(std::mt19937& random);

 private:
  static constexpr Bytes kBlock = 4096;
  static constexpr Bytes kSector = 512;
  using Block = std::array<char, kBlock>;

  [[nodiscard]] bool load(Bytes block, Block& bytes) const;

  const std::string path_;
  int descriptor_ = -1;
  Bytes size_ = 0;
  Bytes valid_ = 0;          ///< up to here the real file counts
  bool is_resized_ = false;  ///< the real file has another length
  std::map<Bytes, Block> blocks_;
};

}  // namespace tiercel::support
