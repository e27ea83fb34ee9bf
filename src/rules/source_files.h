#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "tiercel/base/diagnostic.h"

namespace tiercel::rules {

/// A byte of a rules file. `file` is a number given by SourceFiles.
struct Origin {
  static constexpr std::uint32_t kNoFile = std::numeric_limits<std::uint32_t>::max();
  std::uint32_t file = kNoFile;
  std::uint32_t offset = 0;

  friend bool operator==(const Origin&, const Origin&) = default;
};

/// The texts of all rules files read so far; turns byte offsets into lines,
/// columns and snippets. A UTF-8 byte-order mark is dropped, so that the first
/// line's columns count as an editor shows them.
class SourceFiles {
 public:
  /// The number of the new file.
  std::uint32_t add(const std::string& name, std::string_view content);
  [[nodiscard]] const std::string& content(std::uint32_t file) const {
    return files_[file].content;
  }
  [[nodiscard]] base::Location locate(Origin origin) const;
  /// Fills in location, snippet and caret. A long line is cut around the caret.
  void place(base::Diagnostic& diagnostic, Origin origin) const;

 private:
  struct File {
    std::string name;
    std::string content;
    std::vector<std::uint32_t> line_starts;
  };
  std::vector<File> files_;
};

}  // namespace tiercel::rules
