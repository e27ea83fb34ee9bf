#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "tiercel/base/diagnostic.h"
#include "tiercel/config/codes.h"
#include "tiercel/config/node.h"

namespace tiercel::config {

/// Makes located diagnostics, with the source line and a caret, out of places.
/// Both references must outlive it. Of each severity the first kMost are kept, so
/// that a hostile file cannot make millions.
class Reporter {
 public:
  using Notes = std::vector<std::string>;

  Reporter(const Sources& sources, base::Diagnostics& diagnostics)
      : sources_(sources), diagnostics_(diagnostics) {}

  static constexpr std::size_t kMost = 200;

  void error(Code code, Place place, std::string message, Notes notes = {});
  void warning(Code code, Place place, std::string message, Notes notes = {});
  void note(Code code, Place place, std::string message, Notes notes = {});

  /// Where a place is, for settings that are judged later.
  [[nodiscard]] base::Location locate(Place place) const { return sources_.locate(place); }

  /// True where further errors would not be kept.
  [[nodiscard]] bool is_full() const {
    return counts_[static_cast<std::size_t>(base::Severity::kError)] >= kMost;
  }

  /// Remembers a key that has no effect here; `hint` may be empty.
  void ignore(std::string key, Place place, std::string_view hint);
  /// One warning that names all ignored keys.
  void report_ignored();

 private:
  struct Ignored {
    std::string key;
    Place place;
    std::string hint;
  };
  void add(base::Severity severity, Code code, Place place, std::string message, Notes notes);

  const Sources& sources_;
  base::Diagnostics& diagnostics_;
  std::vector<Ignored> ignored_;
  std::array<std::size_t, 3> counts_{};  // by severity
};

}  // namespace tiercel::config
