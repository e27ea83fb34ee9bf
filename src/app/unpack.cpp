#include "unpack.h"

#include <cerrno>
#include <cstring>
#include <system_error>
#include <vector>

#include <fcntl.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

namespace tiercel::app {

namespace {

constexpr std::size_t kBlock = std::size_t{1} << 20U;

// A file as it is.
class PlainReader final : public ByteReader {
 public:
  PlainReader(int file, std::string path) : file_(file), path_(std::move(path)) {}
  ~PlainReader() override {
    if (file_ != STDIN_FILENO) {
      ::close(file_);
    }
  }
  base::Result<bool> read(std::string& out) override {
    const std::size_t before = out.size();
    out.resize(before + kBlock);
    ssize_t got = 0;
    do {
      got = ::read(file_, out.data() + before, kBlock);
    } while (got < 0 && errno == EINTR);
    out.resize(before + static_cast<std::size_t>(got > 0 ? got : 0));
    if (got < 0) {
      return base::Error{"read_failed", std::generic_category().message(errno), path_};
    }
    return got > 0;
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
  base::Result<bool> read(std::string& out) override {
    if (!head_.empty()) {
      out += head_;
      head_.clear();
      return true;
    }
    return rest_->read(out);
  }

 private:
  std::string head_;
  std::unique_ptr<ByteReader> rest_;
};

class GzipReader final : public ByteReader {
 public:
  GzipReader(std::unique_ptr<ByteReader> from, std::string path)
      : from_(std::move(from)), path_(std::move(path)) {
    ::inflateInit2(&stream_, 15 + 16);
  }
  ~GzipReader() override { ::inflateEnd(&stream_); }

  base::Result<bool> read(std::string& out) override {
    const std::size_t before = out.size();
    while (out.size() == before) {
      if (stream_.avail_in == 0) {
        packed_.clear();
        auto more = from_->read(packed_);
        if (!more) {
          return more.error();
        }
        if (!*more) {
          if (!at_member_end_) {
            return base::Error{"truncated", "the gzip file ends too early", path_};
          }
          return false;
        }
        stream_.next_in = reinterpret_cast<Bytef*>(packed_.data());
        stream_.avail_in = static_cast<uInt>(packed_.size());
      }
      if (at_member_end_ && !first_) {
        ::inflateReset(&stream_);
      }
      first_ = false;
      at_member_end_ = false;
      out.resize(before + kBlock);
      stream_.next_out = reinterpret_cast<Bytef*>(out.data() + before);
      stream_.avail_out = kBlock;
      const int status = ::inflate(&stream_, Z_NO_FLUSH);
      out.resize(before + kBlock - stream_.avail_out);
      if (status == Z_STREAM_END) {
        at_member_end_ = true;
      } else if (status != Z_OK && status != Z_BUF_ERROR) {
        return base::Error{"damaged", "not readable as gzip", path_};
      }
    }
    return true;
  }

 private:
  std::unique_ptr<ByteReader> from_;
  std::string path_;
  std::string packed_;
  z_stream stream_{};
  bool at_member_end_ = true;
  bool first_ = true;
};

class ZstdReader final : public ByteReader {
 public:
  ZstdReader(std::unique_ptr<ByteReader> from, std::string path)
      : from_(std::move(from)), path_(std::move(path)), stream_(ZSTD_createDStream()) {}
  ~ZstdReader() override { ZSTD_freeDStream(stream_); }

  base::Result<bool> read(std::string& out) override {
    const std::size_t before = out.size();
    while (out.size() == before) {
      if (in_.pos == in_.size) {
        packed_.clear();
        auto more = from_->read(packed_);
        if (!more) {
          return more.error();
        }
        if (!*more) {
          if (!at_frame_end_) {
            return base::Error{"truncated", "the zstd file ends too early", path_};
          }
          return false;
        }
        in_ = {packed_.data(), packed_.size(), 0};
      }
      out.resize(before + kBlock);
      ZSTD_outBuffer to{out.data() + before, kBlock, 0};
      const std::size_t status = ZSTD_decompressStream(stream_, &to, &in_);
      out.resize(before + to.pos);
      if (ZSTD_isError(status) != 0U) {
        return base::Error{"damaged", "not readable as zstd", path_};
      }
      at_frame_end_ = status == 0;
    }
    return true;
  }

 private:
  std::unique_ptr<ByteReader> from_;
  std::string path_;
  std::string packed_;
  ZSTD_DStream* stream_;
  ZSTD_inBuffer in_{nullptr, 0, 0};
  bool at_frame_end_ = true;
};

}  // namespace

base::Result<std::unique_ptr<ByteReader>> open_bytes(const std::string& path) {
  const int file = path == "-" ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) {
    return base::Error{"open_failed", std::generic_category().message(errno), path};
  }
  auto plain = std::make_unique<PlainReader>(file, path == "-" ? "standard input" : path);
  std::string head;
  while (head.size() < 4) {
    auto more = plain->read(head);
    if (!more) {
      return more.error();
    }
    if (!*more) {
      break;
    }
  }
  const bool gzip = head.starts_with("\x1f\x8b");
  const bool zstd = head.starts_with("\x28\xb5\x2f\xfd");
  std::unique_ptr<ByteReader> whole =
      std::make_unique<PrefixedReader>(std::move(head), std::move(plain));
  if (gzip) {
    return std::unique_ptr<ByteReader>(std::make_unique<GzipReader>(std::move(whole), path));
  }
  if (zstd) {
    return std::unique_ptr<ByteReader>(std::make_unique<ZstdReader>(std::move(whole), path));
  }
  return whole;
}

}  // namespace tiercel::app
