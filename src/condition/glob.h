#pragma once

#include <bitset>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tiercel::condition {

enum class Case : std::uint8_t { kExact, kFolded };

/// A shell pattern with the meaning of fnmatch() without flags: `*` any run of
/// bytes (slashes too), `?` one byte, `[a-z]`, `[!a-z]` or `[^a-z]`, classes such as
/// `[[:digit:]]`, a backslash before a byte that means itself. An unclosed `[` means
/// itself; a pattern that ends with a backslash matches nothing.
/// DIFFERS FROM FALCO: collating symbols `[.x.]` and equivalence classes `[=x=]` are
/// read as ordinary members of the brackets.
///
/// The pattern is cut at its stars. Each piece goes where it first fits, so the time
/// is at most size of text × size of longest piece, never exponential.
/// Immutable; any thread. Matching does not allocate.
class Glob {
 public:
  explicit Glob(std::string_view pattern, Case letters = Case::kExact);

  [[nodiscard]] bool matches(std::string_view text) const;

 private:
  using ByteSet = std::bitset<256>;
  struct Cell {
    enum class Kind : std::uint8_t { kByte, kAny, kSet };
    Kind kind = Kind::kByte;
    char byte = '\0';
    std::uint32_t set = 0;
  };
  /// What stands between two stars: plain bytes, or cells where it is not plain.
  struct Piece {
    std::string literal;
    std::vector<Cell> cells;
    [[nodiscard]] std::size_t size() const { return cells.empty() ? literal.size() : cells.size(); }
  };
  class Builder;

  [[nodiscard]] bool fits(const Piece& piece, std::string_view text, std::size_t at) const;
  [[nodiscard]] std::size_t find(const Piece& piece, std::string_view text, std::size_t from) const;

  std::vector<Piece> pieces_;  // one more than there are stars
  std::vector<ByteSet> sets_;
  std::size_t least_ = 0;  // bytes that any match has at least
  bool never_ = false;
  Case letters_;
};

/// True when the text holds a byte that a glob treats specially: `* ? [`.
[[nodiscard]] bool has_glob_bytes(std::string_view text);

}  // namespace tiercel::condition
