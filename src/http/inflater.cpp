#include "inflater.h"

#include <algorithm>
#include <limits>

#include <zlib.h>

namespace tiercel::http {

namespace {
constexpr int kGzipOnly = 16;  ///< added to the window bits: a gzip header must come
constexpr std::size_t kMost = std::numeric_limits<uInt>::max();
}  // namespace

struct Inflater::Stream {
  z_stream z{};
  bool usable = false;
  bool between_members = true;
};

Inflater::Inflater() : stream_(std::make_unique<Stream>()) {
  stream_->usable = inflateInit2(&stream_->z, MAX_WBITS + kGzipOnly) == Z_OK;
}

Inflater::~Inflater() {
  if (stream_->usable) {
    inflateEnd(&stream_->z);
  }
}

Inflater::Step Inflater::run(std::string_view bytes, std::span<char> room) {
  Step step;
  z_stream& z = stream_->z;
  // zlib's interface is older than const; it does not write to its input.
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  z.avail_in = static_cast<uInt>(std::min(bytes.size(), kMost));
  z.next_out = reinterpret_cast<Bytef*>(room.data());
  z.avail_out = static_cast<uInt>(std::min(room.size(), kMost));
  const uInt in = z.avail_in;
  const uInt out = z.avail_out;
  step.broken = !stream_->usable;
  while (!step.broken && z.avail_out > 0) {
    if (stream_->between_members) {
      if (z.avail_in == 0) {
        break;
      }
      step.broken = inflateReset(&z) != Z_OK;
      stream_->between_members = false;
      continue;
    }
    const int result = inflate(&z, Z_NO_FLUSH);
    if (result == Z_STREAM_END) {
      stream_->between_members = true;
    } else if (result == Z_BUF_ERROR || (result == Z_OK && z.avail_in == 0 && z.avail_out > 0)) {
      break;  // nothing more to be had from these bytes
    } else if (result != Z_OK) {
      step.broken = true;
    }
  }
  step.consumed = in - z.avail_in;
  step.produced = out - z.avail_out;
  return step;
}

bool Inflater::may_end() const { return stream_->between_members; }

}  // namespace tiercel::http
