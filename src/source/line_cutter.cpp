#include "line_cutter.h"

#include <algorithm>
#include <utility>

namespace tiercel::source {

namespace {

// Of a line that is too long so much is kept for the report.
constexpr std::size_t kHeadBytes = std::size_t{64} << 10U;
// What is taken is moved out of the buffer once it is so much, so that moving stays cheap.
constexpr std::size_t kCompactAbove = std::size_t{1} << 20U;
// An empty buffer keeps so much: many files may be followed, and most are quiet.
constexpr std::size_t kKeepEmpty = std::size_t{64} << 10U;
constexpr std::string_view kBlank{" \t\r\0", 4};

bool is_blank(std::string_view line) {
  return line.find_first_not_of(kBlank) == std::string_view::npos;
}

LineCutter::Piece piece_of(std::string_view text, std::uint64_t lines) {
  LineCutter::Piece piece;
  piece.bytes.reserve(text.size() + audit::kPadding);
  base::append(piece.bytes, text);
  piece.bytes.resize(text.size() + audit::kPadding, '\0');
  piece.size = text.size();
  piece.lines = lines;
  return piece;
}

}  // namespace

void LineCutter::feed(std::string_view bytes) {
  // Once the long line's end is in the buffer, what follows is kept.
  if (is_skipping_ && buffer_.empty()) {
    const std::size_t end = bytes.find('\n');
    const std::size_t count = std::min(end, bytes.size());
    skipped_ += count;
    bytes.remove_prefix(count);
    if (bytes.empty()) {
      return;
    }
  }
  buffer_.append(bytes);
}

void LineCutter::drop(std::size_t bytes) {
  const std::size_t kept = std::min(bytes, kMostTail);
  tail_.erase(0, tail_.size() - std::min(tail_.size(), kMostTail - kept));
  tail_.append(buffer_, begin_ + bytes - kept, kept);
  begin_ += bytes;
  taken_ += bytes;
  searched_ = std::max(searched_, begin_);
  if (begin_ == buffer_.size()) {
    buffer_.clear();
    if (buffer_.capacity() > kKeepEmpty) {
      buffer_.shrink_to_fit();
    }
    begin_ = 0;
    searched_ = 0;
  } else if (begin_ > kCompactAbove) {
    buffer_.erase(0, begin_);
    searched_ -= begin_;
    begin_ = 0;
  }
}

// Blank lines, and the zeros that a writer leaves which goes on at its old offset after its
// file was truncated: such a hole can be longer than any line.
void LineCutter::skip_nothing() {
  const std::size_t next = buffer_.find_first_not_of(std::string_view("\n\r\0", 3), begin_);
  drop(std::min(next, buffer_.size()) - begin_);
}

std::optional<LineCutter::Line> LineCutter::whole_line(std::size_t from, Input input) {
  const std::size_t end = buffer_.find('\n', std::max(from, searched_));
  if (end == std::string::npos) {
    searched_ = std::max(from, buffer_.size());
    if (input == Input::kMoreMayCome || from == buffer_.size()) {
      return std::nullopt;
    }
    return Line{std::string_view(buffer_).substr(from), buffer_.size() - from};
  }
  return Line{std::string_view(buffer_).substr(from, end - from), end + 1 - from};
}

void LineCutter::skip_line() {
  if (!is_skipping_ && held() != 0) {
    begin_skipping();
    was_crowded_out_ = true;
  }
}

void LineCutter::begin_skipping() {
  is_skipping_ = true;
  head_ = buffer_.substr(begin_, std::min(held(), kHeadBytes));
  skipped_ = held();
  buffer_.clear();
  buffer_.shrink_to_fit();
  begin_ = 0;
  searched_ = 0;
}

std::optional<LineCutter::Piece> LineCutter::finish_long_line(Input input) {
  if (buffer_.empty() && input == Input::kMoreMayCome) {
    return std::nullopt;
  }
  Piece piece = piece_of(head_, 1);
  piece.is_too_long = true;
  piece.was_crowded_out = std::exchange(was_crowded_out_, false);
  piece.whole_size = skipped_;
  taken_ += std::exchange(skipped_, 0);
  tail_.clear();
  is_skipping_ = false;
  head_ = {};
  if (!buffer_.empty()) {
    drop(1);  // the line end
  }
  return piece;
}

LineCutter::Piece LineCutter::gather(Line line, Input input) {
  std::uint64_t lines = 0;
  std::size_t length = 0;
  std::optional<Line> next = line;
  while (next && lines < limits_.batch_lines && next->text.size() <= limits_.max_line &&
         (lines == 0 || length + next->length <= limits_.batch_bytes)) {
    lines += is_blank(next->text) ? 0U : 1U;
    length += next->length;
    next = whole_line(begin_ + length, input);
  }
  Piece piece = piece_of(std::string_view(buffer_).substr(begin_, length), lines);
  drop(length);
  return piece;
}

std::optional<LineCutter::Piece> LineCutter::next(Input input) {
  if (is_skipping_) {
    return finish_long_line(input);
  }
  while (true) {
    skip_nothing();
    const std::optional<Line> line = whole_line(begin_, input);
    if (!line) {
      if (held() <= limits_.max_line) {
        return std::nullopt;
      }
      begin_skipping();
      return finish_long_line(input);
    }
    if (is_blank(line->text)) {
      drop(line->length);
      continue;
    }
    if (line->text.size() > limits_.max_line) {
      Piece piece = piece_of(line->text.substr(0, kHeadBytes), 1);
      piece.is_too_long = true;
      piece.whole_size = line->text.size();
      drop(line->length);
      return piece;
    }
    return gather(*line, input);
  }
}

void LineCutter::reset() {
  buffer_.clear();
  buffer_.shrink_to_fit();
  begin_ = 0;
  searched_ = 0;
  taken_ = 0;
  tail_.clear();
  is_skipping_ = false;
  was_crowded_out_ = false;
  head_ = {};
  skipped_ = 0;
}

}  // namespace tiercel::source
