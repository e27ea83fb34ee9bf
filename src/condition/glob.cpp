#include "glob.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include "text_search.h"

namespace tiercel::condition {

namespace {

bool in_class(std::string_view name, unsigned char code) {
  const bool lower = code >= 'a' && code <= 'z';
  const bool upper = code >= 'A' && code <= 'Z';
  const bool digit = code >= '0' && code <= '9';
  const bool graph = code > 0x20 && code < 0x7F;
  if (name == "alpha") {
    return lower || upper;
  }
  if (name == "digit") {
    return digit;
  }
  if (name == "alnum") {
    return lower || upper || digit;
  }
  if (name == "lower") {
    return lower;
  }
  if (name == "upper") {
    return upper;
  }
  if (name == "xdigit") {
    return digit || (code >= 'a' && code <= 'f') || (code >= 'A' && code <= 'F');
  }
  if (name == "space") {
    return code == ' ' || (code >= '\t' && code <= '\r');
  }
  if (name == "blank") {
    return code == ' ' || code == '\t';
  }
  if (name == "punct") {
    return graph && !(lower || upper || digit);
  }
  if (name == "cntrl") {
    return code < 0x20 || code == 0x7F;
  }
  if (name == "graph") {
    return graph;
  }
  return name == "print" && (graph || code == ' ');
}

bool is_class(std::string_view name) {
  for (unsigned code = 0; code < 256; ++code) {
    if (in_class(name, static_cast<unsigned char>(code))) {
      return true;
    }
  }
  return false;
}

std::size_t index_of(char byte) { return static_cast<unsigned char>(byte); }

}  // namespace

// Reads a pattern from left to right into the pieces of a Glob.
class Glob::Builder {
 public:
  Builder(Glob& glob, std::string_view pattern) : glob_(glob), pattern_(pattern) {}

  void build() {
    glob_.pieces_.emplace_back();
    while (at_ < pattern_.size() && !glob_.never_) {
      const char byte = pattern_[at_++];
      switch (byte) {
        case '*':
          glob_.pieces_.emplace_back();
          break;
        case '?':
          add({Cell::Kind::kAny, '\0', 0});
          break;
        case '[':
          add_bracket();
          break;
        case '\\':
          if (at_ == pattern_.size()) {
            glob_.never_ = true;
            break;
          }
          add_byte(pattern_[at_++]);
          break;
        default:
          add_byte(byte);
      }
    }
    for (Piece& piece : glob_.pieces_) {
      finish(piece);
    }
  }

 private:
  // Classes look at the byte as it is, all else at the folded one.
  struct Members {
    ByteSet bytes;
    ByteSet classes;
  };

  void add(Cell cell) { glob_.pieces_.back().cells.push_back(cell); }
  void add_byte(char byte) { add({Cell::Kind::kByte, folded_byte(byte), 0}); }
  [[nodiscard]] char folded_byte(char byte) const {
    return glob_.letters_ == Case::kFolded ? fold(byte) : byte;
  }

  void finish(Piece& piece) {
    glob_.least_ += piece.cells.size();
    const bool plain = glob_.letters_ == Case::kExact &&
                       std::all_of(piece.cells.begin(), piece.cells.end(),
                                   [](const Cell& cell) { return cell.kind == Cell::Kind::kByte; });
    if (plain) {
      for (const Cell& cell : piece.cells) {
        piece.literal.push_back(cell.byte);
      }
      piece.cells.clear();
    }
  }

  // After a `[`. Falls back to a literal one when no `]` closes it.
  void add_bracket() {
    const std::size_t start = at_;
    Members members;
    const bool negated = at_ < pattern_.size() && (pattern_[at_] == '!' || pattern_[at_] == '^');
    at_ += negated ? 1U : 0U;
    bool first = true;
    while (at_ < pattern_.size() && (first || pattern_[at_] != ']')) {
      first = false;
      if (!add_member(members)) {
        break;
      }
    }
    if (at_ >= pattern_.size() || pattern_[at_] != ']') {
      at_ = start;
      add_byte('[');
      return;
    }
    ++at_;
    ByteSet set = members.classes;
    for (std::size_t code = 0; code < set.size(); ++code) {
      const char byte = folded_byte(static_cast<char>(code));
      set.set(code, set.test(code) || members.bytes.test(index_of(byte)));
    }
    glob_.sets_.push_back(negated ? ~set : set);
    add({Cell::Kind::kSet, '\0', static_cast<std::uint32_t>(glob_.sets_.size() - 1)});
  }

  // One byte, one range or one class; false when the pattern ends inside it.
  bool add_member(Members& members) {
    if (const std::optional<std::string_view> name = class_name()) {
      for (unsigned code = 0; code < 256; ++code) {
        if (in_class(*name, static_cast<unsigned char>(code))) {
          members.classes.set(code);
        }
      }
      return true;
    }
    const std::optional<char> low = member_byte();
    if (!low) {
      return false;
    }
    const bool range =
        at_ + 1 < pattern_.size() && pattern_[at_] == '-' && pattern_[at_ + 1] != ']';
    if (!range) {
      members.bytes.set(index_of(*low));
      return true;
    }
    ++at_;
    const std::optional<char> high = member_byte();
    if (!high) {
      return false;
    }
    for (std::size_t code = index_of(*low); code <= index_of(*high); ++code) {
      members.bytes.set(code);
    }
    return true;
  }

  // "alpha" of `[:alpha:]` at the cursor; a bad name is read as ordinary members.
  std::optional<std::string_view> class_name() {
    if (!pattern_.substr(at_).starts_with("[:")) {
      return std::nullopt;
    }
    const std::size_t end = pattern_.find(":]", at_ + 2);
    if (end == std::string_view::npos) {
      return std::nullopt;
    }
    const std::string_view name = pattern_.substr(at_ + 2, end - at_ - 2);
    if (!is_class(name)) {
      return std::nullopt;
    }
    at_ = end + 2;
    return name;
  }

  // The ends of a range are folded before it is spanned, as the C library does.
  std::optional<char> member_byte() {
    if (at_ < pattern_.size() && pattern_[at_] == '\\') {
      ++at_;
    }
    if (at_ >= pattern_.size()) {
      return std::nullopt;
    }
    return folded_byte(pattern_[at_++]);
  }

  Glob& glob_;
  std::string_view pattern_;
  std::size_t at_ = 0;
};

Glob::Glob(std::string_view pattern, Case letters) : letters_(letters) {
  Builder(*this, pattern).build();
}

bool Glob::fits(const Piece& piece, std::string_view text, std::size_t at) const {
  if (piece.cells.empty()) {
    return text.compare(at, piece.literal.size(), piece.literal) == 0;
  }
  for (const Cell& cell : piece.cells) {
    const char byte = text[at++];
    switch (cell.kind) {
      case Cell::Kind::kAny:
        break;
      case Cell::Kind::kByte:
        if ((letters_ == Case::kFolded ? fold(byte) : byte) != cell.byte) {
          return false;
        }
        break;
      case Cell::Kind::kSet:
        if (!sets_[cell.set].test(index_of(byte))) {
          return false;
        }
        break;
    }
  }
  return true;
}

// The first place at or after `from` where the piece fits, or npos.
std::size_t Glob::find(const Piece& piece, std::string_view text, std::size_t from) const {
  if (piece.cells.empty()) {
    if (piece.literal.empty()) {
      return from;
    }
    const void* const found =
        memmem(text.data() + from, text.size() - from, piece.literal.data(), piece.literal.size());
    return found == nullptr
               ? std::string_view::npos
               : static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
  }
  for (std::size_t at = from; at + piece.size() <= text.size(); ++at) {
    if (fits(piece, text, at)) {
      return at;
    }
  }
  return std::string_view::npos;
}

bool Glob::matches(std::string_view text) const {
  if (never_ || text.size() < least_) {
    return false;
  }
  const Piece& first = pieces_.front();
  if (pieces_.size() == 1) {
    return text.size() == first.size() && fits(first, text, 0);
  }
  const Piece& last = pieces_.back();
  if (!fits(first, text, 0) || !fits(last, text, text.size() - last.size())) {
    return false;
  }
  // What the first and last piece cover is taken; the others go leftmost in between.
  std::size_t at = first.size();
  const std::string_view middle = text.substr(0, text.size() - last.size());
  for (std::size_t number = 1; number + 1 < pieces_.size(); ++number) {
    at = find(pieces_[number], middle, at);
    if (at == std::string_view::npos) {
      return false;
    }
    at += pieces_[number].size();
  }
  return true;
}

bool has_glob_bytes(std::string_view text) {
  return text.find_first_of("*?[") != std::string_view::npos;
}

}  // namespace tiercel::condition
