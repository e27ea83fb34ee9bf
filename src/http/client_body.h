#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "tiercel/base/error.h"
#include "tiercel/http/client.h"

struct ZSTD_CCtx_s;

namespace tiercel::http {

/// Compresses request bodies; keeps its memory between requests.
class BodyEncoder {
 public:
  BodyEncoder();
  ~BodyEncoder();
  BodyEncoder(const BodyEncoder&) = delete;
  BodyEncoder& operator=(const BodyEncoder&) = delete;

  /// The body itself, or its compressed form, valid until the next call.
  [[nodiscard]] base::Result<std::string_view> encode(ClientOptions::Compression compression,
                                                      std::string_view body);
  /// The name for Content-Encoding; empty for none.
  [[nodiscard]] static std::string_view name(ClientOptions::Compression compression);

 private:
  std::string buffer_;
  std::unique_ptr<ZSTD_CCtx_s, std::size_t (*)(ZSTD_CCtx_s*)> zstd_;
};

}  // namespace tiercel::http
