#include "tiercel/audit/document.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>

#include <simdjson.h>

#include "tiercel/audit/decode.h"

#include "scalar.h"

namespace tiercel::audit {

static_assert(kPadding >= simdjson::SIMDJSON_PADDING);

/// simdjson's first stage with its memory.
class Document::Indexer {
 public:
  [[nodiscard]] bool reserve(std::size_t size) {
    if (size <= capacity_ && parser_ != nullptr) {
      return true;
    }
    const std::size_t wanted = std::max<std::size_t>(size, 4096);
    parser_.reset();
    capacity_ = 0;
    // The depth limit is stage 2's; the smallest one saves its memory.
    if (simdjson::get_active_implementation()->create_dom_parser_implementation(
            wanted, 1, parser_) != simdjson::SUCCESS) {
      return false;
    }
    capacity_ = wanted;
    return true;
  }
  simdjson::error_code index(std::string_view bytes) {
    return parser_->stage1(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size(),
                           simdjson::stage1_mode::regular);
  }
  [[nodiscard]] const std::uint32_t* tokens() const { return parser_->structural_indexes.get(); }
  [[nodiscard]] std::uint32_t count() const { return parser_->n_structural_indexes; }
  [[nodiscard]] std::size_t capacity() const { return capacity_; }

 private:
  std::unique_ptr<simdjson::internal::dom_parser_implementation> parser_;
  std::size_t capacity_ = 0;
};

Document::Document() : indexer_(std::make_unique<Indexer>()) {}
Document::~Document() = default;
Document::Document(Document&&) noexcept = default;
Document& Document::operator=(Document&&) noexcept = default;

ParseStatus Document::parse(std::string_view bytes, std::uint32_t max_depth) {
  ParseStatus status = index(bytes);
  if (status == ParseStatus::kOk) {
    status = check(0, max_depth);
  }
  return status == ParseStatus::kOk && next_ != count_ ? ParseStatus::kMalformed : status;
}

ParseStatus Document::index(std::string_view bytes) {
  bytes_ = bytes.data();
  count_ = 0;
  if (bytes.size() >= std::numeric_limits<std::int32_t>::max() ||
      !indexer_->reserve(bytes.size())) {
    return ParseStatus::kTooLarge;
  }
  if (bytes.empty()) {
    return ParseStatus::kEmpty;
  }
  switch (indexer_->index(bytes)) {
    case simdjson::SUCCESS:
    case simdjson::UTF8_ERROR:  // reported last: the index is complete
      break;
    case simdjson::EMPTY:
      return ParseStatus::kEmpty;
    case simdjson::CAPACITY:
    case simdjson::MEMALLOC:
      return ParseStatus::kTooLarge;
    default:
      return ParseStatus::kUnreadable;
  }
  tokens_ = indexer_->tokens();
  count_ = indexer_->count();
  if (count_ > close_capacity_) {
    close_capacity_ = std::max<std::size_t>(count_, close_capacity_ * 2);
    close_.reset(new std::uint32_t[close_capacity_]);
  }
  return ParseStatus::kOk;
}

// A state machine over the tokens. What is due is where the code stands: a member of an object,
// a value in an object or an array, or what follows one. Members whose value is a string or `{}`,
// by far the most of them, are done with in one go.
ParseStatus Document::check(std::uint32_t at, std::uint32_t max_depth) {
  if (stack_.size() < std::size_t{max_depth} + 1) {
    stack_.resize(std::size_t{max_depth} + 1);
  }
  const char* const bytes = bytes_;
  const std::uint32_t* const tokens = tokens_;
  std::uint32_t* const close = close_.get();
  std::uint32_t* const stack = stack_.data();
  const std::uint32_t count = count_;
  std::uint32_t depth = 0;
  std::uint32_t deepest = 0;
  std::uint32_t open = 0;
  bool in_object = false;
  char c = 0;
  depth_ = 0;

value:
  if (at >= count) {
    return ParseStatus::kMalformed;
  }
  c = bytes[tokens[at]];
value_c:
  if (c == '"') {
    ++at;
    goto after_value;
  }
  if (c == '{' || c == '[') {
    if (depth == max_depth) {
      return ParseStatus::kTooDeep;
    }
    stack[depth++] = open << 1U | static_cast<std::uint32_t>(in_object);
    deepest = std::max(deepest, depth);
    open = at++;
    in_object = c == '{';
    // Both closing brackets are two more than theirs.
    if (at < count && bytes[tokens[at]] == c + 2) {
      goto close_bracket;
    }
    if (in_object) {
      goto member;
    }
    goto value;
  }
  if (!is_scalar(bytes + tokens[at], bytes + tokens[at + 1])) {
    return ParseStatus::kMalformed;
  }
  ++at;

after_value:
  if (depth == 0) {
    depth_ = deepest;
    next_ = at;
    return ParseStatus::kOk;
  }
  if (at >= count) {
    return ParseStatus::kMalformed;
  }
  c = bytes[tokens[at]];
  if (c == ',') {
    ++at;
    if (in_object) {
      goto member;
    }
    goto value;
  }
  if (c != (in_object ? '}' : ']')) {
    return ParseStatus::kMalformed;
  }

close_bracket:
  close[open] = at++;
  --depth;
  open = stack[depth] >> 1U;
  in_object = (stack[depth] & 1U) != 0;
  goto after_value;

member:
  // Key, colon, value, and at least the object's end behind them.
  if (at + 3 >= count || bytes[tokens[at]] != '"' || bytes[tokens[at + 1]] != ':') {
    return ParseStatus::kMalformed;
  }
  at += 2;
  c = bytes[tokens[at]];
  if (c == '{' && bytes[tokens[at + 1]] == '}' && depth < max_depth) {
    deepest = std::max(deepest, depth + 1);
    close[at] = at + 1;
    at += 2;
    goto after_value;
  }
  if (c != '"') {
    goto value_c;
  }
  ++at;
  c = bytes[tokens[at]];
  if (c == ',') {
    ++at;
    goto member;
  }
  if (c == '}') {
    goto close_bracket;
  }
  return ParseStatus::kMalformed;
}

void Document::shrink() {
  indexer_ = std::make_unique<Indexer>();
  close_.reset();
  close_capacity_ = 0;
  bytes_ = nullptr;
  tokens_ = nullptr;
  count_ = 0;
}

std::size_t Document::memory() const {
  return indexer_->capacity() * sizeof(std::uint32_t) + close_capacity_ * sizeof(std::uint32_t) +
         stack_.capacity() * sizeof(std::uint32_t);
}

}  // namespace tiercel::audit
