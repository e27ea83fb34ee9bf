#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "source_files.h"

namespace tiercel::rules {

/// What parts of a condition were written in, besides the condition itself: an
/// exception, or a list whose items were put there. Numbers from 1; equal scopes
/// get equal numbers.
class Scopes {
 public:
  struct Scope {
    std::string label;         ///< `list "x"`
    std::uint32_t parent = 0;  ///< what the list's name stood in
    Origin used_at;            ///< where the list's name stood; no file for an exception
  };

  [[nodiscard]] std::uint32_t intern(Scope scope) {
    const auto key =
        std::make_tuple(scope.label, scope.parent, scope.used_at.file, scope.used_at.offset);
    const auto [known, is_new] = numbers_.emplace(key, static_cast<std::uint32_t>(all_.size() + 1));
    if (is_new) {
      all_.push_back(std::move(scope));
    }
    return known->second;
  }
  /// REQUIRES: number is not 0.
  [[nodiscard]] const Scope& operator[](std::uint32_t number) const { return all_[number - 1]; }

 private:
  std::map<std::tuple<std::string, std::uint32_t, std::uint32_t, std::uint32_t>, std::uint32_t>
      numbers_;
  std::vector<Scope> all_;
};

}  // namespace tiercel::rules
