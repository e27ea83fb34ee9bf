#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "tiercel/base/bytes.h"
#include "tiercel/base/error.h"

namespace tiercel::http {

/// With this a handler reads the body of its request: by pieces, or whole. What it
/// hands out is decompressed and without chunk framing. Limits, times and
/// `Expect: 100-continue` are seen to underneath.
///
/// Errors (Error::code): "too_large", "timeout", "truncated", "malformed", "closed".
/// After one of these the server answers by itself (413, 408, 400, 400, nothing),
/// whatever the handler returns. After "bad_gzip" the handler's answer stands.
///
/// Runs on: io thread of the connection; valid during the handler only.
class BodyReader {
 public:
  BodyReader() = default;
  BodyReader(const BodyReader&) = delete;
  BodyReader& operator=(const BodyReader&) = delete;
  virtual ~BodyReader() = default;

  /// Reads some bytes, at least one and at most room.size(); 0 at the end of the body.
  virtual boost::asio::awaitable<base::Result<std::size_t>> read_some(std::span<char> room) = 0;

  enum class Extent : std::uint8_t {
    kWhole,   ///< the body ended
    kPrefix,  ///< `limit` bytes were read and there are more
  };
  struct Piece {
    std::size_t size = 0;
    Extent extent = Extent::kWhole;
  };
  /// Reads up to `limit` bytes straight into `into`, which is then `size + padding`
  /// long, the padding zero. Memory is reserved by Content-Length (not more than
  /// `limit`) and touched only as bytes arrive. `may_hold` is asked with how many have; where it
  /// says no, reading ends with the error "no_room", after which the handler's answer stands.
  boost::asio::awaitable<base::Result<Piece>> read_whole(
      base::Bytes& into, std::size_t limit, std::size_t padding,
      const std::function<bool(std::size_t)>* may_hold = nullptr);

 protected:
  /// How many bytes to reserve before reading: the decoded length where it is known.
  [[nodiscard]] virtual std::uint64_t expected() const = 0;
};

}  // namespace tiercel::http
