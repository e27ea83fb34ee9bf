#include "tiercel/audit/item_splitter.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

namespace tiercel::audit {

namespace {

constexpr bool is_space(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }

// Bytes that mean something outside strings; all others are passed over.
constexpr std::array<bool, 256> make_structural() {
  std::array<bool, 256> table{};
  for (const char c : std::string_view("{}[]\",:")) {
    table[static_cast<unsigned char>(c)] = true;
  }
  return table;
}
constexpr std::array<bool, 256> kStructural = make_structural();

constexpr std::uint64_t kEachByte = 0x0101010101010101;

// In the lowest byte of the word that is `c`, the highest bit; nothing below that byte.
constexpr std::uint64_t find(std::uint64_t word, char c) {
  const std::uint64_t zero = word ^ (kEachByte * static_cast<unsigned char>(c));
  return (zero - kEachByte) & ~zero & (kEachByte << 7U);
}

// The first quote or backslash from `at` on; the end where there is none.
std::size_t plain_end(std::string_view bytes, std::size_t at) {
  if constexpr (std::endian::native == std::endian::little) {
    for (; at + sizeof(std::uint64_t) <= bytes.size(); at += sizeof(std::uint64_t)) {
      std::uint64_t word = 0;
      std::memcpy(&word, bytes.data() + at, sizeof(word));
      if (const std::uint64_t found = find(word, '"') | find(word, '\\'); found != 0) {
        return at + static_cast<std::size_t>(std::countr_zero(found)) / 8;
      }
    }
  }
  while (at < bytes.size() && bytes[at] != '"' && bytes[at] != '\\') {
    ++at;
  }
  return at;
}

constexpr std::string_view kItemsKey = "items";
constexpr std::size_t kHeadOfOversize = 4096;

}  // namespace

ItemSplitter::ItemSplitter(Sink& sink, std::uint64_t max_item, Begin begin)
    : sink_(sink), max_item_(max_item) {
  if (begin == Begin::kInsideItems) {
    phase_ = Phase::kBetween;
    top_is_array_ = true;
    from_list_ = true;
    depth_ = 1;
  }
}

void ItemSplitter::fail(std::string_view problem) {
  phase_ = Phase::kBroken;
  problem_ = problem;
}

void ItemSplitter::keep(std::string_view piece) {
  item_size_ += piece.size();
  // Of an item that is too long only the head is kept, for the report.
  const std::uint64_t room = item_size_ > max_item_ ? kHeadOfOversize : max_item_;
  if (pending_.size() < room) {
    pending_.append(piece.substr(0, static_cast<std::size_t>(room) - pending_.size()));
  }
  if (item_size_ > max_item_ && pending_.size() > kHeadOfOversize) {
    pending_.resize(kHeadOfOversize);
    pending_.shrink_to_fit();
  }
}

void ItemSplitter::end_item(std::string_view piece) {
  ++items_;
  if (item_size_ + piece.size() > max_item_) {
    keep(piece);
    sink_.on_oversize(pending_, item_size_);
  } else if (pending_.empty()) {
    sink_.on_item(piece, from_list_);
  } else {
    keep(piece);
    sink_.on_item(pending_, from_list_);
  }
  pending_.clear();
  item_size_ = 0;
}

// Passes over the inside of a string, from `at` to behind its closing quote.
std::size_t ItemSplitter::skip_string(std::string_view bytes, std::size_t at) {
  const char* const data = bytes.data();
  const std::size_t size = bytes.size();
  while (at < size) {
    if (escaped_) {
      escaped_ = false;
      ++at;
      continue;
    }
    at = plain_end(bytes, at);
    if (at == size) {
      break;
    }
    if (data[at++] == '"') {
      in_string_ = false;
      break;
    }
    escaped_ = true;
  }
  return at;
}

void ItemSplitter::bracket(char c) {
  if (c == '{' || c == '[') {
    ++depth_;
  } else if ((c == '}' || c == ']') && depth_ > 0) {
    --depth_;
  }
}

// One byte between items: white space, a comma, the end of the list, or an item's first.
std::size_t ItemSplitter::between(std::string_view bytes, std::size_t at) {
  const char c = bytes[at];
  if (is_space(c)) {
    return at + 1;
  }
  if (c == ',' || c == ']') {
    needs_comma_ = false;
    if (c == ']') {
      --depth_;
      phase_ = top_is_array_ ? Phase::kDone : Phase::kTail;
    }
    return at + 1;
  }
  if (needs_comma_ || c == '}' || c == ':') {
    fail("not_json");
    return at;
  }
  phase_ = Phase::kItem;
  item_start_ = fed_ + at;
  return at;
}

// Handles the byte at `at` outside strings; returns where to go on.
std::size_t ItemSplitter::step(std::string_view bytes, std::size_t at) {
  const char c = bytes[at];
  switch (phase_) {
    case Phase::kStart:
      if (is_space(c)) {
        return at + 1;
      }
      item_start_ = fed_ + at;
      if (c == '[') {
        top_is_array_ = true;
        phase_ = Phase::kBetween;
      } else if (c == '{') {
        phase_ = Phase::kHead;
        key_due_ = true;
      } else {
        fail("not_json");
        return at;
      }
      depth_ = 1;
      return at + 1;
    case Phase::kBetween:
      return between(bytes, at);
    case Phase::kDone:
      if (!is_space(c)) {
        fail("trailing_garbage");
        return at;
      }
      return at + 1;
    default:
      break;
  }
  if (is_space(c)) {
    return at + 1;
  }
  if (c == '"') {
    in_string_ = true;
    key_.clear();
    return at + 1;
  }
  if (phase_ == Phase::kHead && depth_ == 1) {
    if (c == '[' && items_due_) {
      phase_ = Phase::kBetween;
      from_list_ = true;
      pending_.clear();
      item_size_ = 0;
      depth_ = 2;
      return at + 1;
    }
    if (c == ':' && key_due_) {
      items_due_ = key_ == kItemsKey;
      key_due_ = false;
      return at + 1;
    }
    key_due_ = c == ',';
    items_due_ = false;
  }
  bracket(c);
  return at + 1;
}

ItemSplitter::Status ItemSplitter::feed(std::string_view bytes) {
  std::size_t at = 0;
  // The first byte of this feed that belongs to the item or head being read.
  std::size_t from = 0;
  while (at < bytes.size() && phase_ != Phase::kBroken) {
    const Phase before = phase_;
    const std::uint64_t list_depth = top_is_array_ ? 1 : 2;
    if (in_string_) {
      const std::size_t start = at;
      at = skip_string(bytes, at);
      if (phase_ == Phase::kHead && depth_ == 1 && key_due_ && key_.size() <= kItemsKey.size()) {
        key_.append(bytes.substr(start, std::min<std::size_t>(at - start, 16)));
        if (!in_string_ && !key_.empty() && key_.back() == '"') {
          key_.pop_back();
        }
      }
      continue;
    }
    if (phase_ == Phase::kItem) {
      // A scalar item ends at the comma or bracket behind it, an object with its own bracket.
      const char c = bytes[at];
      if (!kStructural[static_cast<unsigned char>(c)]) {
        ++at;
        continue;
      }
      const bool closes_list = depth_ == list_depth && (c == ',' || c == ']' || c == '}');
      if (closes_list) {
        end_item(bytes.substr(from, at - from));
        phase_ = Phase::kBetween;
        needs_comma_ = c != ',' && c != ']';
        from = at;
        if (c == '}') {
          fail("not_json");
        }
        continue;
      }
      at = step(bytes, at);
      if (depth_ == list_depth && (c == '}' || c == ']')) {
        end_item(bytes.substr(from, at - from));
        phase_ = Phase::kBetween;
        needs_comma_ = true;
        from = at;
      }
      continue;
    }
    at = step(bytes, at);
    if (phase_ != before && (phase_ == Phase::kItem || phase_ == Phase::kHead)) {
      from = phase_ == Phase::kHead ? at - 1 : at;
    }
    if (before == Phase::kHead && phase_ == Phase::kHead && depth_ == 0) {
      end_item(bytes.substr(from, at - from));
      phase_ = Phase::kDone;
    } else if (phase_ == Phase::kTail && depth_ == 0) {
      phase_ = Phase::kDone;
    }
  }
  if (phase_ == Phase::kItem || phase_ == Phase::kHead) {
    keep(bytes.substr(std::min(from, bytes.size())));
  } else {
    item_start_ = fed_ + at;
  }
  fed_ += bytes.size();
  if (phase_ == Phase::kBroken) {
    return Status::kBroken;
  }
  return phase_ == Phase::kDone ? Status::kComplete : Status::kNeedMore;
}

ItemSplitter::Status ItemSplitter::finish() {
  if (phase_ == Phase::kDone) {
    return Status::kComplete;
  }
  if (phase_ != Phase::kBroken) {
    fail(phase_ == Phase::kStart ? "not_json" : "truncated");
  }
  return Status::kBroken;
}

}  // namespace tiercel::audit
