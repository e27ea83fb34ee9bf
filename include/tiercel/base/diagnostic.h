#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tiercel::base {

/// A place in a file. Lines and columns count from 1; 0 means "the whole file".
/// Columns count bytes.
struct Location {
  std::string file;
  std::uint32_t line = 0;
  std::uint32_t column = 0;

  friend bool operator==(const Location&, const Location&) = default;
};

enum class Severity : std::uint8_t { kNote, kWarning, kError };

/// One mistake of the operator in config or rules: where it is, what it is, and
/// what to do about it. `code` is stable (lower case, documented); `falco_code`
/// is the code that Falco 0.44 gives for the same mistake, empty where Falco has
/// none (our own advice).
struct Diagnostic {
  Severity severity = Severity::kError;
  std::string code;
  std::string falco_code;
  Location location;
  std::string message;
  /// What encloses the place, outermost first: "rule \"X\"", "exception \"y\"".
  std::vector<std::string> within;
  /// Help: nearest known name, what to write instead.
  std::vector<std::string> notes;
  /// The source line (or condition text) and the caret's zero-based byte column in it.
  std::string snippet;
  std::uint32_t caret = 0;
};

/// Collects what is wrong, in order of discovery; printed sorted by place.
class Diagnostics {
 public:
  void add(Diagnostic diagnostic) { list_.push_back(std::move(diagnostic)); }
  void append(Diagnostics other);

  [[nodiscard]] const std::vector<Diagnostic>& list() const { return list_; }
  [[nodiscard]] bool empty() const { return list_.empty(); }
  [[nodiscard]] bool has_errors() const { return count(Severity::kError) != 0; }
  [[nodiscard]] std::size_t count(Severity severity) const;
  /// Stable order by file (in order of first mention), line, column.
  void sort_by_place();

 private:
  std::vector<Diagnostic> list_;
};

enum class Colour : std::uint8_t { kOff, kOn };

/// "file:line:column: error: message [code]", the snippet with a caret, notes.
[[nodiscard]] std::string to_text(const Diagnostic& diagnostic, Colour colour = Colour::kOff);
/// All of them, then "2 errors, 1 warning".
[[nodiscard]] std::string to_text(const Diagnostics& diagnostics, Colour colour = Colour::kOff);
/// One JSON array of objects, members in a fixed order.
[[nodiscard]] std::string to_json(const Diagnostics& diagnostics);

}  // namespace tiercel::base
