#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "source_files.h"

namespace tiercel::rules {

/// A text that remembers where in the rules files each of its bytes was written,
/// through every cut, join and substitution. Conditions are traced texts, so that
/// a mistake in what was finally parsed points to what its author wrote.
class TracedText {
 public:
  /// How the bytes of a piece relate to the file: each byte to the next byte there,
  /// or all to the same place (text that nobody wrote, such as added parentheses).
  enum class Along : std::uint8_t { kWritten, kAdded };

  /// Where a byte comes from; `scope` says what it was written in (0: nothing but
  /// the condition itself; see Scopes).
  struct Spot {
    Origin origin;
    std::uint32_t scope = 0;
  };

  TracedText() = default;
  TracedText(std::string_view text, Spot spot, Along along) { append(text, spot, along); }

  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] bool empty() const { return text_.empty(); }
  [[nodiscard]] std::size_t size() const { return text_.size(); }

  void append(std::string_view text, Spot spot, Along along);
  /// Appends `count` bytes of `other` from `from` on.
  void append(const TracedText& other, std::size_t from = 0, std::size_t count = std::string::npos);
  /// Drops the last byte. REQUIRES: not empty.
  void pop_back();
  [[nodiscard]] TracedText trimmed() const;
  /// The same text, said to be written in `scope`.
  [[nodiscard]] TracedText in_scope(std::uint32_t scope) const;

  /// Where the byte at `offset` was written; the end is one past the last byte.
  [[nodiscard]] Spot spot(std::size_t offset) const;

  friend bool operator==(const TracedText&, const TracedText&) = default;

 private:
  struct Piece {
    std::uint32_t begin = 0;
    Along along = Along::kWritten;
    std::uint32_t scope = 0;
    Origin origin;

    friend bool operator==(const Piece&, const Piece&) = default;
  };
  [[nodiscard]] std::size_t piece_at(std::size_t offset) const;

  std::string text_;
  std::vector<Piece> pieces_;  // by begin; the first begins at 0
};

/// What a condition's author calls blank: space, tab, CR, LF.
[[nodiscard]] std::string_view trim(std::string_view text);

}  // namespace tiercel::rules
