#include "traced_text.h"

#include <algorithm>

namespace tiercel::rules {

namespace {

constexpr std::string_view kBlanks = " \t\r\n";

}  // namespace

std::string_view trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) {
    return {};
  }
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

void TracedText::append(std::string_view text, Spot spot, Along along) {
  if (text.empty()) {
    return;
  }
  pieces_.push_back({static_cast<std::uint32_t>(text_.size()), along, spot.scope, spot.origin});
  text_ += text;
}

void TracedText::append(const TracedText& other, std::size_t from, std::size_t count) {
  from = std::min(from, other.size());
  const std::size_t end = from + std::min(count, other.size() - from);
  if (from == end) {
    return;
  }
  const std::size_t shift_to = text_.size();
  for (std::size_t at = other.piece_at(from); at < other.pieces_.size(); ++at) {
    Piece piece = other.pieces_[at];
    if (piece.begin >= end) {
      break;
    }
    if (piece.begin < from) {
      piece.origin.offset +=
          piece.along == Along::kWritten ? static_cast<std::uint32_t>(from) - piece.begin : 0U;
      piece.begin = static_cast<std::uint32_t>(from);
    }
    piece.begin = static_cast<std::uint32_t>(piece.begin - from + shift_to);
    pieces_.push_back(piece);
  }
  text_.append(other.text_, from, end - from);
}

void TracedText::pop_back() {
  text_.pop_back();
  if (!pieces_.empty() && pieces_.back().begin == text_.size()) {
    pieces_.pop_back();
  }
}

TracedText TracedText::trimmed() const {
  const std::string_view inner = trim(text_);
  TracedText out;
  if (!inner.empty()) {
    out.append(*this, static_cast<std::size_t>(inner.data() - text_.data()), inner.size());
  }
  return out;
}

TracedText TracedText::in_scope(std::uint32_t scope) const {
  TracedText out = *this;
  for (Piece& piece : out.pieces_) {
    piece.scope = scope;
  }
  return out;
}

TracedText::Spot TracedText::spot(std::size_t offset) const {
  if (pieces_.empty()) {
    return {};
  }
  offset = std::min(offset, text_.size());
  const Piece& piece = pieces_[piece_at(offset)];
  Origin origin = piece.origin;
  if (piece.along == Along::kWritten) {
    origin.offset += static_cast<std::uint32_t>(offset) - piece.begin;
  }
  return {origin, piece.scope};
}

std::size_t TracedText::piece_at(std::size_t offset) const {
  const auto after =
      std::upper_bound(pieces_.begin(), pieces_.end(), offset,
                       [](std::size_t at, const Piece& piece) { return at < piece.begin; });
  return static_cast<std::size_t>(after - pieces_.begin()) - (after == pieces_.begin() ? 0U : 1U);
}

}  // namespace tiercel::rules
