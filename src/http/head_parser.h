#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "tiercel/http/request.h"

namespace tiercel::http {

/// The grammar of a request's head. Knows nothing of sockets. Boost.Beast is behind it and only
/// here.
///
/// Bytes that a call did not consume must be given again, followed by more.
class HeadParser {
 public:
  explicit HeadParser(std::uint32_t header_limit);
  ~HeadParser();
  HeadParser(const HeadParser&) = delete;
  HeadParser& operator=(const HeadParser&) = delete;

  enum class Status : std::uint8_t {
    kNeedMore,
    kDone,
    kTooLong,      ///< answer 431
    kMalformed,    ///< answer 400
    kUnsupported,  ///< a transfer coding that is not "chunked": answer 501
  };
  Status parse(std::string_view bytes, std::size_t& consumed);

  // After kDone:

  /// The head as plain data; `peer`, `scheme` and `number` are left alone.
  void describe(Request& request) const;
  [[nodiscard]] bool keep_alive() const;
  [[nodiscard]] bool is_http_1_0() const;
  [[nodiscard]] bool expects_continue() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tiercel::http
