#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace tiercel::audit {

/// Why bytes are no document.
enum class ParseStatus : std::uint8_t {
  kOk,
  kEmpty,       ///< nothing but white space
  kUnreadable,  ///< a string without end, or a raw control character inside one
  kMalformed,   ///< brackets, commas, colons or a scalar out of place
  kTooDeep,
  kTooLarge,  ///< 2 GiB or more, or no memory for the index
};

/// A JSON text and the index of its tokens: where each bracket, comma, colon, string
/// and scalar begins (found with SIMD by simdjson's first stage), and for each opening
/// bracket the token that closes it. Values are not decoded here; reading a member
/// later jumps over its neighbours by the index.
///
/// The grammar is checked in one pass without recursion. Strings are not decoded and
/// numbers not converted, so neither an odd escape nor a huge number can fail a
/// document; invalid UTF-8 inside strings is no fault either (kube-apiserver writes it).
///
/// Lifetime: looks into the bytes it was given. Keeps its memory from parse to parse.
/// Runs on: one thread.
class Document {
 public:
  Document();
  ~Document();
  Document(Document&&) noexcept;
  Document& operator=(Document&&) noexcept;

  /// One value. `bytes` must be followed by kPadding readable bytes.
  [[nodiscard]] ParseStatus parse(std::string_view bytes, std::uint32_t max_depth);
  /// Of many values one after another: indexes the bytes, and looks at no value yet. No string
  /// of an indexed text goes over a line end.
  [[nodiscard]] ParseStatus index(std::string_view bytes);
  /// Checks the value that begins at token `at`: only then may it be read. `next()` is the token
  /// behind it. REQUIRES: index() gave kOk.
  [[nodiscard]] ParseStatus check(std::uint32_t at, std::uint32_t max_depth);
  [[nodiscard]] std::uint32_t next() const { return next_; }

  [[nodiscard]] const char* bytes() const { return bytes_; }
  /// Byte offset of token `at`; one more than the last gives the length of the text.
  [[nodiscard]] std::uint32_t offset(std::uint32_t at) const { return tokens_[at]; }
  [[nodiscard]] char token(std::uint32_t at) const { return bytes_[tokens_[at]]; }
  /// The token after the value that begins at `at`.
  [[nodiscard]] std::uint32_t after(std::uint32_t at) const {
    const char c = token(at);
    return (c == '{' || c == '[' ? close_[at] : at) + 1;
  }
  /// The byte behind the value whose last token is the one before `next`.
  [[nodiscard]] const char* end_before(std::uint32_t next) const {
    const char* end = bytes_ + tokens_[next];
    while (is_space(end[-1])) [[unlikely]] {
        --end;
      }
    return end;
  }
  [[nodiscard]] std::uint32_t token_count() const { return count_; }
  /// The deepest nesting of brackets of the value last checked.
  [[nodiscard]] std::uint32_t depth() const { return depth_; }

  void shrink();
  [[nodiscard]] std::size_t memory() const;

 private:
  class Indexer;
  static constexpr bool is_space(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }

  std::unique_ptr<Indexer> indexer_;
  const char* bytes_ = nullptr;
  const std::uint32_t* tokens_ = nullptr;
  std::uint32_t count_ = 0;
  std::uint32_t depth_ = 0;
  std::uint32_t next_ = 0;
  std::unique_ptr<std::uint32_t[]> close_;
  std::size_t close_capacity_ = 0;
  std::vector<std::uint32_t> stack_;
};

}  // namespace tiercel::audit
