#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "encoding.h"

namespace tiercel::tests {

/// A credential made at run time: `text` holds it as it is written, `core` is what must not be
/// found, and nothing but random characters.
struct PlantedCredential {
  std::string name;
  std::string text;
  std::string core;
};

/// Makes credentials that differ in every one of their parts.
class Planter {
 public:
  Planter() : random_(kSeed) {}

  /// Of each shape that is known by itself one that was never made before.
  [[nodiscard]] std::vector<PlantedCredential> shapes();
  /// Letters and digits: what is a credential for where it stands alone.
  [[nodiscard]] std::string word(std::size_t length = 40);

 private:
  static constexpr unsigned kSeed = 20260102;
  [[nodiscard]] std::string of(std::string_view alphabet, std::size_t length);

  std::mt19937 random_;
};

using support::to_base64;
using support::to_percent;

/// Looks for every part of ten characters of every credential, as it is and as base64, in any
/// case, in one pass over the bytes.
class Finder {
 public:
  void add(const std::string& name, std::string_view core);
  /// The names of those found in `bytes`, each once.
  [[nodiscard]] std::vector<std::string> found_in(std::string_view bytes) const;
  [[nodiscard]] std::size_t size() const { return count_; }

 private:
  static constexpr std::size_t kPart = 10;
  void add_parts(const std::string& name, std::string text);

  std::size_t count_ = 0;
  std::unordered_map<std::string, std::string> parts_;
  std::vector<bool> first_ = std::vector<bool>(std::size_t{1} << 24U);  // by three characters
};

}  // namespace tiercel::tests
