#include "chunk_decoder.h"

#include <algorithm>
#include <cstring>

namespace tiercel::http {

namespace {

/// Chunk sizes of 60 bits and more are no sizes.
constexpr std::uint64_t kLargestBeforeDigit = std::uint64_t{1} << 56U;
/// Frames may cost this much, and this much more for each byte of data: enough for chunks
/// of one byte, not enough to send endless extensions under the limit of a body.
constexpr std::uint64_t kFreeFraming = 64U << 10U;
constexpr std::uint64_t kFramingPerByte = 8;

int hex_digit(char c) {
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  if (c >= 'a' && c <= 'f') {
    return c - 'a' + 10;
  }
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

}  // namespace

ChunkDecoder::State ChunkDecoder::size_digit(char c) {
  const int digit = hex_digit(c);
  if (digit < 0 || left_ >= kLargestBeforeDigit) {
    return State::kMalformed;
  }
  left_ = left_ * 16 + static_cast<std::uint64_t>(digit);
  return State::kSize;
}

ChunkDecoder::State ChunkDecoder::after_framing_byte(char c) {
  switch (state_) {
    case State::kSizeFirst:
      left_ = 0;
      return size_digit(c);
    case State::kSize:
      if (c == '\r') {
        return State::kSizeEnd;
      }
      return c == ';' || c == ' ' || c == '\t' ? State::kExtension : size_digit(c);
    case State::kExtension:
      return c == '\r' ? State::kSizeEnd : (c == '\n' ? State::kMalformed : State::kExtension);
    case State::kSizeEnd:
      return c != '\n' ? State::kMalformed : (left_ == 0 ? State::kTrailerFirst : State::kData);
    case State::kDataCr:
      return c == '\r' ? State::kDataLf : State::kMalformed;
    case State::kDataLf:
      return c == '\n' ? State::kSizeFirst : State::kMalformed;
    case State::kTrailerFirst:
      if (c == '\r') {
        return State::kLastLf;
      }
      return c == '\n' ? State::kMalformed : State::kTrailer;
    case State::kTrailer:
      return c == '\r' ? State::kTrailerEnd : (c == '\n' ? State::kMalformed : State::kTrailer);
    case State::kTrailerEnd:
      return c == '\n' ? State::kTrailerFirst : State::kMalformed;
    case State::kLastLf:
      return c == '\n' ? State::kEnd : State::kMalformed;
    case State::kData:
    case State::kEnd:
    case State::kMalformed:
      break;
  }
  return State::kMalformed;
}

ChunkDecoder::Step ChunkDecoder::run(std::string_view bytes, std::span<char> room) {
  Step step;
  while (state_ != State::kEnd && state_ != State::kMalformed && step.consumed < bytes.size()) {
    if (state_ == State::kData) {
      const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(
          left_, std::min(bytes.size() - step.consumed, room.size() - step.produced)));
      if (size == 0) {
        break;
      }
      std::memcpy(room.data() + step.produced, bytes.data() + step.consumed, size);
      step.consumed += size;
      step.produced += size;
      data_ += size;
      left_ -= size;
      state_ = left_ == 0 ? State::kDataCr : State::kData;
      continue;
    }
    state_ = after_framing_byte(bytes[step.consumed++]);
    if (++framing_ > kFreeFraming + kFramingPerByte * data_) {
      state_ = State::kMalformed;
    }
  }
  if (state_ == State::kEnd) {
    step.status = Status::kEnd;
  } else if (state_ == State::kMalformed) {
    step.status = Status::kMalformed;
  }
  return step;
}

}  // namespace tiercel::http
