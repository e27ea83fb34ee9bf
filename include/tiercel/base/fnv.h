#pragma once

#include <cstdint>
#include <string_view>

namespace tiercel::base {

/// FNV-1a, the same on every machine and in every version: it names things in files. It keeps
/// nothing secret and resists nobody who wants two texts of one hash.
class Fnv1a {
 public:
  void add(std::string_view bytes) {
    for (const char c : bytes) {
      hash_ = (hash_ ^ static_cast<unsigned char>(c)) * 0x100000001B3U;
    }
  }
  [[nodiscard]] std::uint64_t value() const { return hash_; }

 private:
  std::uint64_t hash_ = 0xCBF29CE484222325U;
};

[[nodiscard]] inline std::uint64_t fnv1a(std::string_view bytes) {
  Fnv1a hash;
  hash.add(bytes);
  return hash.value();
}

}  // namespace tiercel::base
