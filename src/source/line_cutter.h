#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tiercel/source/batch.h"

namespace tiercel::source {

/// Sizes in bytes.
struct LineLimits {
  std::uint64_t max_line = 0;
  std::uint64_t batch_bytes = 0;
  std::uint64_t batch_lines = 0;
};

/// Makes batches of whole lines (audit::BatchForm::kLines) of a stream.
///
/// Memory: what was fed and not taken; of a line longer than max_line the beginning alone.
/// Runs on: one thread.
class LineCutter {
 public:
  static constexpr std::size_t kMostTail = 256;
  enum class Input : std::uint8_t { kMoreMayCome, kEnded };

  struct Piece {
    base::Bytes bytes;  ///< lines, with audit::kPadding behind; of a long one the beginning
    std::size_t size = 0;
    bool is_too_long = false;
    bool was_crowded_out = false;  ///< too long by skip_line(), for others' sake
    std::uint64_t lines = 0;       ///< that are not blank
    std::uint64_t whole_size = 0;  ///< of a line that is too long
  };

  explicit LineCutter(LineLimits limits) : limits_(limits) {}

  void feed(std::string_view bytes);
  /// The next batch, or the next line that is too long; nothing while no line is whole.
  /// After kEnded what stands behind the last line end is a line too.
  [[nodiscard]] std::optional<Piece> next(Input input);
  /// Bytes fed that belong to lines which next() has returned, or which hold nothing.
  [[nodiscard]] std::uint64_t taken() const { return taken_; }
  /// The last of those, kMostTail at the most; fewer, or none, behind a line that was too long.
  [[nodiscard]] std::string_view tail() const { return tail_; }
  /// Bytes held.
  [[nodiscard]] std::size_t held() const { return buffer_.size() - begin_; }
  /// Counts the unfinished line as too long, since others need the room.
  void skip_line();
  /// Forgets what is held; taken() becomes 0.
  void reset();

 private:
  struct Line {
    std::string_view text;  // without line end
    std::size_t length;     // with it
  };
  [[nodiscard]] std::optional<Line> whole_line(std::size_t from, Input input);
  [[nodiscard]] std::optional<Piece> finish_long_line(Input input);
  [[nodiscard]] Piece gather(Line line, Input input);
  void drop(std::size_t bytes);
  void skip_nothing();
  void begin_skipping();

  const LineLimits limits_;
  std::string buffer_;
  std::size_t begin_ = 0;     // what stands before is taken
  std::size_t searched_ = 0;  // no line end from begin_ to here
  std::uint64_t taken_ = 0;
  std::string tail_;
  // A line longer than max_line: its beginning, and its bytes so far.
  bool is_skipping_ = false;
  bool was_crowded_out_ = false;
  std::string head_;
  std::uint64_t skipped_ = 0;
};

}  // namespace tiercel::source
