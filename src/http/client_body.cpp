#include "client_body.h"

#include <zlib.h>
#include <zstd.h>

namespace tiercel::http {

namespace {

// zlib's number for "with a gzip header" beside the window's size.
constexpr int kGzipWindow = 15 + 16;

bool gzip(std::string_view body, std::string& out) {
  z_stream stream{};
  if (::deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kGzipWindow, 8,
                     Z_DEFAULT_STRATEGY) != Z_OK) {
    return false;
  }
  out.resize(::deflateBound(&stream, body.size()));
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(body.data()));
  stream.avail_in = static_cast<uInt>(body.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const bool is_done = ::deflate(&stream, Z_FINISH) == Z_STREAM_END;
  out.resize(stream.total_out);
  ::deflateEnd(&stream);
  return is_done;
}

}  // namespace

BodyEncoder::BodyEncoder() : zstd_(nullptr, &::ZSTD_freeCCtx) {}
BodyEncoder::~BodyEncoder() = default;

base::Result<std::string_view> BodyEncoder::encode(ClientOptions::Compression compression,
                                                   std::string_view body) {
  bool is_done = true;
  switch (compression) {
    case ClientOptions::Compression::kNone:
      return body;
    case ClientOptions::Compression::kGzip:
      is_done = gzip(body, buffer_);
      break;
    case ClientOptions::Compression::kZstd: {
      if (zstd_ == nullptr) {
        zstd_.reset(::ZSTD_createCCtx());
      }
      buffer_.resize(::ZSTD_compressBound(body.size()));
      const std::size_t size = ::ZSTD_compressCCtx(zstd_.get(), buffer_.data(), buffer_.size(),
                                                   body.data(), body.size(), 3);
      is_done = ::ZSTD_isError(size) == 0;
      buffer_.resize(is_done ? size : 0);
      break;
    }
  }
  if (!is_done) {
    return base::Error{"request_failed", "the body could not be compressed", ""};
  }
  return std::string_view(buffer_);
}

std::string_view BodyEncoder::name(ClientOptions::Compression compression) {
  switch (compression) {
    case ClientOptions::Compression::kNone:
      break;
    case ClientOptions::Compression::kGzip:
      return "gzip";
    case ClientOptions::Compression::kZstd:
      return "zstd";
  }
  return {};
}

}  // namespace tiercel::http
