#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace tiercel::http {

/// Takes the frames off a chunked body (RFC 9112, 7.1). A machine of one byte a step: it
/// consumes all it is given, so nothing has to be given twice. Extensions and trailers are
/// read over. Stricter than the RFC asks: line ends are CRLF, nothing else.
///
/// Ours and not Beast's, whose decoder asserts on what a peer may send in small pieces.
class ChunkDecoder {
 public:
  enum class Status : std::uint8_t {
    kNeedMore,  ///< the input or the room is used up
    kEnd,       ///< the body ended; what was not consumed belongs to the next request
    kMalformed,
  };
  struct Step {
    Status status = Status::kNeedMore;
    std::size_t consumed = 0;
    std::size_t produced = 0;
  };
  Step run(std::string_view bytes, std::span<char> room);

 private:
  enum class State : std::uint8_t {
    kSizeFirst,
    kSize,
    kExtension,
    kSizeEnd,
    kData,
    kDataCr,
    kDataLf,
    kTrailerFirst,
    kTrailer,
    kTrailerEnd,
    kLastLf,
    kEnd,
    kMalformed,
  };
  [[nodiscard]] State after_framing_byte(char c);
  [[nodiscard]] State size_digit(char c);

  State state_ = State::kSizeFirst;
  std::uint64_t left_ = 0;     ///< of the chunk: its size while that is read, then its rest
  std::uint64_t data_ = 0;     ///< bytes of data so far
  std::uint64_t framing_ = 0;  ///< all other bytes so far
};

}  // namespace tiercel::http
