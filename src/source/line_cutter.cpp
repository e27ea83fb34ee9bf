#include "line_cutter.h"

#include <algorithm>
#include <array>
#include <cstring>
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

std::string_view trimmed(std::string_view text) {
  const std::size_t from = text.find_first_not_of(kBlank);
  if (from == std::string_view::npos) {
    return {};
  }
  return text.substr(from, text.find_last_not_of(kBlank) - from + 1);
}

bool contains(std::string_view text, std::string_view word) {
  return ::memmem(text.data(), text.size(), word.data(), word.size()) != nullptr;
}

// Whether a line can share an array with others: an event. Lists are bodies of their own.
bool can_share(std::string_view text) {
  return is_one_object(text) &&
         (text.starts_with(R"({"kind":"Event",)") || !contains(text, "EventList"));
}

LineCutter::Piece piece_of(std::string_view text, std::uint64_t lines) {
  LineCutter::Piece piece;
  piece.bytes.reserve(text.size() + audit::kPadding);
  piece.bytes.assign(text.begin(), text.end());
  piece.bytes.resize(text.size() + audit::kPadding);
  piece.size = text.size();
  piece.lines = lines;
  return piece;
}

// Where the string that began before `at` ends: behind its closing quote.
std::size_t behind_string(std::string_view text, std::size_t at) {
  while (at < text.size() && text[at] != '"') {
    at += text[at] == '\\' ? 2U : 1U;
  }
  return at + 1;
}

}  // namespace

bool is_one_object(std::string_view text) {
  if (text.size() < 2 || text.front() != '{' || text.back() != '}') {
    return false;
  }
  std::uint64_t depth = 0;
  std::size_t at = 0;
  while (at < text.size()) {
    const char c = text[at];
    if (c == '"') {
      at = behind_string(text, at + 1);
      continue;
    }
    ++at;
    if (c == '{' || c == '[') {
      ++depth;
    } else if (c == '}' || c == ']') {
      // The outermost bracket closes with the last byte and not before; depth is never 0
      // here, since the text begins with one.
      if (--depth == 0) {
        return at == text.size();
      }
    }
  }
  return false;
}

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
  Piece piece;
  std::size_t length = 0;
  std::optional<Line> next = line;
  while (next) {
    const std::string_view event = trimmed(next->text);
    if (!event.empty()) {
      // Of the first line all this is known.
      if (piece.lines > 0 && (piece.lines >= limits_.batch_lines ||
                              piece.bytes.size() + event.size() > limits_.batch_bytes ||
                              next->text.size() > limits_.max_line || !can_share(event))) {
        break;
      }
      piece.bytes.push_back(piece.lines > 0 ? ',' : '[');
      piece.bytes.insert(piece.bytes.end(), event.begin(), event.end());
      ++piece.lines;
    }
    length += next->length;
    next = whole_line(begin_ + length, input);
  }
  if (piece.lines == 1) {
    piece.bytes.erase(piece.bytes.begin());
  } else {
    piece.bytes.push_back(']');
  }
  piece.size = piece.bytes.size();
  piece.bytes.resize(piece.size + audit::kPadding);
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
    const std::string_view text = trimmed(line->text);
    if (text.empty()) {
      drop(line->length);
      continue;
    }
    if (line->text.size() > limits_.max_line) {
      Piece piece = piece_of(text.substr(0, kHeadBytes), 1);
      piece.is_too_long = true;
      piece.whole_size = line->text.size();
      drop(line->length);
      return piece;
    }
    if (can_share(text)) {
      return gather(*line, input);
    }
    Piece piece = piece_of(text, 1);
    drop(line->length);
    return piece;
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
