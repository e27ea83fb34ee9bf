#include "trace_scalar.h"

#include <algorithm>
#include <string_view>

namespace tiercel::rules {

namespace {

enum class Style : std::uint8_t { kPlain, kSingleQuoted, kDoubleQuoted, kBlock };

constexpr std::string_view kWhite = " \t\r\n";

bool is_white(char c) { return kWhite.find(c) != std::string_view::npos; }

// Walks the raw text of a scalar and its value together. Where the two disagree in a
// way this does not know, the rest of the value is placed at the last known byte.
class Walk {
 public:
  Walk(const SourceFiles& files, const Node& node)
      : raw_(files.content(node.origin.file)),
        value_(node.text),
        file_(node.origin.file),
        at_(std::min<std::size_t>(node.origin.offset, raw_.size())) {}

  TracedText run() {
    skip_properties();
    enter();
    while (value_at_ < value_.size()) {
      step();
    }
    flush();
    return std::move(out_);
  }

 private:
  [[nodiscard]] char raw(std::size_t ahead = 0) const {
    return at_ + ahead < raw_.size() ? raw_[at_ + ahead] : '\0';
  }

  // An anchor or a tag stands before the scalar.
  void skip_properties() {
    while (raw() == '&' || raw() == '!') {
      at_ = std::min(raw_.find_first_of(kWhite, at_), raw_.size());
      at_ = std::min(raw_.find_first_not_of(kWhite, at_), raw_.size());
    }
  }

  void enter() {
    if (raw() == '|' || raw() == '>') {
      style_ = Style::kBlock;
      at_ = std::min(raw_.find('\n', at_), raw_.size());
    } else if (raw() == '\'') {
      style_ = Style::kSingleQuoted;
      ++at_;
    } else if (raw() == '"') {
      style_ = Style::kDoubleQuoted;
      ++at_;
    }
  }

  void step() {
    if (style_ == Style::kDoubleQuoted && raw() == '\\') {
      escape();
    } else if (is_white(raw())) {
      white();
    } else if (at_ >= raw_.size() || raw() != value_[value_at_]) {
      emit(1, 0);
    } else {
      const bool doubled = style_ == Style::kSingleQuoted && raw() == '\'';
      emit(1, doubled ? 2 : 1);
    }
  }

  // Takes `count` bytes of the value as written at the present byte, then goes on.
  void emit(std::size_t count, std::size_t raw_length) {
    count = std::min(count, value_.size() - value_at_);
    const bool one_to_one = count == 1 && raw_length == 1;
    if (!one_to_one || at_ != piece_raw_ + piece_size_) {
      flush();
      piece_raw_ = at_;
    }
    piece_size_ += count;
    value_at_ += count;
    at_ += raw_length;
    if (!one_to_one) {
      flush(TracedText::Along::kAdded);
    }
  }

  // `along` is kAdded for what one escape or one fold left: all at one place.
  void flush(TracedText::Along along = TracedText::Along::kWritten) {
    if (piece_size_ > 0) {
      const Origin origin{file_, static_cast<std::uint32_t>(std::min(piece_raw_, raw_.size()))};
      out_.append(value_.substr(value_at_ - piece_size_, piece_size_), {origin, 0}, along);
    }
    piece_size_ = 0;
  }

  // The white space of the file from here on becomes as much white space of the value
  // as it would without folding, or what a fold leaves.
  void white() {
    const std::size_t end = std::min(raw_.find_first_not_of(kWhite, at_), raw_.size());
    const std::string_view run = std::string_view(raw_).substr(at_, end - at_);
    if (value_.substr(value_at_).starts_with(run)) {
      for (std::size_t n = run.size(); n > 0; --n) {
        emit(1, 1);
      }
      return;
    }
    const auto breaks = static_cast<std::size_t>(std::count(run.begin(), run.end(), '\n'));
    std::size_t left = std::min(value_.find_first_not_of(kWhite, value_at_), value_.size());
    left -= value_at_;
    if (style_ != Style::kBlock) {
      left = std::min(left, breaks <= 1 ? 1 : breaks - 1);
    }
    if (left > 0) {
      emit(left, 0);
    }
    at_ = end;
  }

  void escape() {
    const char c = raw(1);
    if (c == '\n' || c == '\r') {  // an escaped line break: nothing, and the indentation goes
      at_ = std::min(raw_.find_first_not_of(kWhite, at_ + 1), raw_.size());
      return;
    }
    std::size_t digits = 0;
    if (c == 'x') {
      digits = 2;
    } else if (c == 'u') {
      digits = 4;
    } else if (c == 'U') {
      digits = 8;
    }
    const bool wide = c == '_' || c == 'N';
    const std::size_t bytes = wide ? 2 : (c == 'L' || c == 'P') ? 3 : utf8_length(digits);
    emit(bytes, 2 + digits);
  }

  // Of the character that stands next in the value.
  [[nodiscard]] std::size_t utf8_length(std::size_t digits) const {
    if (digits == 0 || value_at_ >= value_.size()) {
      return 1;
    }
    const auto lead = static_cast<unsigned char>(value_[value_at_]);
    return lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  }

  const std::string& raw_;
  std::string_view value_;
  std::uint32_t file_;
  std::size_t at_;
  std::size_t value_at_ = 0;
  Style style_ = Style::kPlain;
  TracedText out_;
  std::size_t piece_raw_ = 0;
  std::size_t piece_size_ = 0;
};

}  // namespace

TracedText trace_scalar(const SourceFiles& files, const Node& node) {
  return Walk(files, node).run();
}

}  // namespace tiercel::rules
