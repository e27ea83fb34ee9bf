#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace tiercel::watch {

/// The first events' keys of the last batches that were acknowledged, some 16,000: buckets of four,
/// in each of which the oldest makes room. Two keys of 64 bits are taken for the same by chance
/// once in 10^18 looks.
///
/// Runs on: guarded by its owner.
class SeenKeys {
 public:
  SeenKeys() : buckets_(kBuckets) {}

  [[nodiscard]] bool has(std::uint64_t key) const {
    for (const std::uint64_t one : bucket_of(key)) {
      if (one == key) {
        return true;
      }
    }
    return false;
  }
  void add(std::uint64_t key) {
    if (!has(key)) {
      Bucket& bucket = buckets_[index_of(key)];
      for (std::size_t at = bucket.size() - 1; at > 0; --at) {
        bucket[at] = bucket[at - 1];
      }
      bucket[0] = key;
    }
  }

  static constexpr std::size_t kBuckets = 4096;
  static constexpr std::size_t kOfBucket = 4;

 private:
  using Bucket = std::array<std::uint64_t, kOfBucket>;
  [[nodiscard]] static std::size_t index_of(std::uint64_t key) {
    return static_cast<std::size_t>(key >> 52U) % kBuckets;
  }
  [[nodiscard]] const Bucket& bucket_of(std::uint64_t key) const { return buckets_[index_of(key)]; }

  std::vector<Bucket> buckets_;
};

}  // namespace tiercel::watch
