#include "unpack.h"

#include <algorithm>
#include <cerrno>
#include <limits>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

namespace tiercel::app {

namespace {

constexpr std::size_t kPackedBlock = std::size_t{256} << 10U;
constexpr int kGzipOnly = 15 + 16;  // window bits: the largest, with a gzip header

base::Error error_of(int number, const std::string& path) {
  return {"read_failed", "cannot read: " + std::generic_category().message(number), path};
}

// A file as it is.
class PlainReader final : public ByteReader {
 public:
  PlainReader(int file, std::string path) : file_(file), path_(std::move(path)) {}
  ~PlainReader() override {
    if (file_ != STDIN_FILENO) {
      ::close(file_);
    }
  }
  base::Result<std::size_t> read(std::span<char> room) override {
    ssize_t got = 0;
    do {
      got = ::read(file_, room.data(), room.size());
    } while (got < 0 && errno == EINTR);
    if (got < 0) {
      return error_of(errno, path_);
    }
    return static_cast<std::size_t>(got);
  }

 private:
  int file_;
  std::string path_;
};

// What was read to look at the first bytes, then the rest.
class PrefixedReader final : public ByteReader {
 public:
  PrefixedReader(std::string head, std::unique_ptr<ByteReader> rest)
      : head_(std::move(head)), rest_(std::move(rest)) {}
  base::Result<std::size_t> read(std::span<char> room) override {
    if (head_.empty()) {
      return rest_->read(room);
    }
    const std::size_t count = std::min(head_.size(), room.size());
    std::copy_n(head_.data(), count, room.data());
    head_.erase(0, count);
    return count;
  }

 private:
  std::string head_;
  std::unique_ptr<ByteReader> rest_;
};

// gzip, several members one after another too (as rotated logs are joined).
class GzipReader final : public ByteReader {
 public:
  GzipReader(std::unique_ptr<ByteReader> from, std::string path)
      : from_(std::move(from)), path_(std::move(path)), packed_(kPackedBlock) {
    ::inflateInit2(&stream_, kGzipOnly);
  }
  ~GzipReader() override { ::inflateEnd(&stream_); }

  base::Result<std::size_t> read(std::span<char> room) override {
    const auto wanted =
        static_cast<uInt>(std::min<std::size_t>(room.size(), std::numeric_limits<uInt>::max()));
    stream_.next_out = reinterpret_cast<Bytef*>(room.data());
    stream_.avail_out = wanted;
    while (stream_.avail_out == wanted) {
      if (stream_.avail_in == 0) {
        const auto more = from_->read(packed_);
        if (!more) {
          return more.error();
        }
        if (*more == 0) {
          if (between_members_) {
            return std::size_t{0};
          }
          return base::Error{"truncated", "the gzip file ends too early", path_};
        }
        stream_.next_in = reinterpret_cast<Bytef*>(packed_.data());
        stream_.avail_in = static_cast<uInt>(*more);
      }
      if (between_members_) {
        ::inflateReset(&stream_);
        between_members_ = false;
      }
      const int status = ::inflate(&stream_, Z_NO_FLUSH);
      between_members_ = status == Z_STREAM_END;
      if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR) {
        return base::Error{"damaged", "not readable as gzip", path_};
      }
    }
    return static_cast<std::size_t>(wanted - stream_.avail_out);
  }

 private:
  std::unique_ptr<ByteReader> from_;
  std::string path_;
  std::vector<char> packed_;
  z_stream stream_{};
  bool between_members_ = true;
};

// zstd, several frames one after another too.
class ZstdReader final : public ByteReader {
 public:
  ZstdReader(std::unique_ptr<ByteReader> from, std::string path)
      : from_(std::move(from)),
        path_(std::move(path)),
        packed_(kPackedBlock),
        stream_(ZSTD_createDStream()) {}
  ~ZstdReader() override { ZSTD_freeDStream(stream_); }

  base::Result<std::size_t> read(std::span<char> room) override {
    ZSTD_outBuffer to{room.data(), room.size(), 0};
    while (to.pos == 0) {
      if (in_.pos == in_.size && !has_more_) {
        const auto more = from_->read(packed_);
        if (!more) {
          return more.error();
        }
        if (*more == 0) {
          if (between_frames_) {
            return std::size_t{0};
          }
          return base::Error{"truncated", "the zstd file ends too early", path_};
        }
        in_ = {packed_.data(), *more, 0};
      }
      const std::size_t status = ZSTD_decompressStream(stream_, &to, &in_);
      if (ZSTD_isError(status) != 0U) {
        return base::Error{"damaged", "not readable as zstd", path_};
      }
      between_frames_ = status == 0;
      // A full room may mean that the decoder holds more without further input.
      has_more_ = to.pos == to.size && !between_frames_;
    }
    return to.pos;
  }

 private:
  std::unique_ptr<ByteReader> from_;
  std::string path_;
  std::vector<char> packed_;
  ZSTD_DStream* stream_;
  ZSTD_inBuffer in_{nullptr, 0, 0};
  bool between_frames_ = true;
  bool has_more_ = false;
};

}  // namespace

base::Result<std::unique_ptr<ByteReader>> open_bytes(const std::string& path) {
  const bool is_stdin = path == "-";
  const int file = is_stdin ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) {
    return error_of(errno, path);
  }
  const std::string name = is_stdin ? "standard input" : path;
  auto plain = std::make_unique<PlainReader>(file, name);
  std::string head(4, '\0');
  std::size_t size = 0;
  while (size < head.size()) {
    const auto more = plain->read(std::span(head).subspan(size));
    if (!more) {
      return more.error();
    }
    if (*more == 0) {
      break;
    }
    size += *more;
  }
  head.resize(size);
  const bool is_gzip = head.starts_with("\x1f\x8b");
  const bool is_zstd = head.starts_with("\x28\xb5\x2f\xfd");
  std::unique_ptr<ByteReader> whole =
      std::make_unique<PrefixedReader>(std::move(head), std::move(plain));
  if (is_gzip) {
    return std::unique_ptr<ByteReader>(std::make_unique<GzipReader>(std::move(whole), name));
  }
  if (is_zstd) {
    return std::unique_ptr<ByteReader>(std::make_unique<ZstdReader>(std::move(whole), name));
  }
  return whole;
}

}  // namespace tiercel::app
