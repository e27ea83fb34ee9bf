#include "packed_file.h"

#include <array>
#include <cerrno>
#include <string>

#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

namespace tiercel::source {

namespace {

constexpr std::size_t kBlock = std::size_t{64} << 10U;

using Magic = std::array<unsigned char, 4>;

bool is_gzip(const Magic& magic) { return magic[0] == 0x1F && magic[1] == 0x8B; }

// A frame, or one to be skipped, with which parallel compressors begin.
bool is_zstd(const Magic& magic) {
  return (magic[0] == 0x28 && magic[1] == 0xB5 && magic[2] == 0x2F && magic[3] == 0xFD) ||
         ((magic[0] & 0xF0U) == 0x50 && magic[1] == 0x2A && magic[2] == 0x4D && magic[3] == 0x18);
}

Magic magic_of(int file) {
  Magic magic{};
  return ::pread(file, magic.data(), magic.size(), 0) >= 2 ? magic : Magic{};
}

class GzipFile final : public PackedFile {
 public:
  explicit GzipFile(gzFile file) : file_(file) {}
  ~GzipFile() override { ::gzclose(file_); }
  GzipFile(const GzipFile&) = delete;
  GzipFile& operator=(const GzipFile&) = delete;

  Read read(char* room, std::size_t most) override {
    const int got = ::gzread(file_, room, static_cast<unsigned>(most));
    if (got > 0) {
      return {static_cast<std::size_t>(got), State::kSome};
    }
    int number = Z_OK;
    (void)::gzerror(file_, &number);
    // What comes to the file is read later.
    ::gzclearerr(file_);
    switch (number) {
      case Z_OK:
        return {0, State::kEnd};
      case Z_BUF_ERROR:
        return {0, State::kEndsEarly};
      case Z_ERRNO:
        return {0, State::kFailed};
      default:
        return {0, State::kDamaged};
    }
  }
  [[nodiscard]] std::optional<std::uint64_t> offset() const override {
    const z_off_t at = ::gzoffset(file_);
    return at < 0 ? std::nullopt : std::optional(static_cast<std::uint64_t>(at));
  }

 private:
  gzFile file_;
};

class ZstdFile final : public PackedFile {
 public:
  ZstdFile(int file, ZSTD_DStream* stream) : file_(file), stream_(stream) {}
  ~ZstdFile() override { ZSTD_freeDStream(stream_); }
  ZstdFile(const ZstdFile&) = delete;
  ZstdFile& operator=(const ZstdFile&) = delete;

  Read read(char* room, std::size_t most) override {
    while (!is_damaged_) {
      // Called without input at the end of a frame it would ask for another one.
      if (in_.pos < in_.size || holds_more_) {
        ZSTD_outBuffer out{room, most, 0};
        const std::size_t status = ZSTD_decompressStream(stream_, &out, &in_);
        is_damaged_ = ZSTD_isError(status) != 0U;
        is_inside_ = status != 0;
        holds_more_ = is_inside_ && out.pos == out.size;
        if (out.pos > 0) {
          return {out.pos, State::kSome};
        }
        continue;
      }
      const ssize_t got = ::pread(file_, block_.data(), block_.size(), static_cast<off_t>(read_));
      if (got < 0 && errno != EINTR) {
        return {0, State::kFailed};
      }
      if (got == 0) {
        return {0, is_inside_ ? State::kEndsEarly : State::kEnd};
      }
      if (got > 0) {
        read_ += static_cast<std::uint64_t>(got);
        in_ = {block_.data(), static_cast<std::size_t>(got), 0};
      }
    }
    return {0, State::kDamaged};
  }
  [[nodiscard]] std::optional<std::uint64_t> offset() const override {
    return read_ - (in_.size - in_.pos);
  }

 private:
  const int file_;
  ZSTD_DStream* stream_;
  std::string block_ = std::string(kBlock, '\0');
  ZSTD_inBuffer in_{nullptr, 0, 0};
  std::uint64_t read_ = 0;
  bool is_inside_ = false;   // a frame has begun and not ended
  bool holds_more_ = false;  // than there was room for
  bool is_damaged_ = false;
};

}  // namespace

bool PackedFile::is_packed(int file) {
  const Magic magic = magic_of(file);
  return is_gzip(magic) || is_zstd(magic);
}

std::unique_ptr<PackedFile> PackedFile::open(int file) {
  if (is_zstd(magic_of(file))) {
    ZSTD_DStream* stream = ZSTD_createDStream();
    return stream == nullptr ? nullptr : std::make_unique<ZstdFile>(file, stream);
  }
  // A duplicate of the descriptor would share its place in the file.
  const std::string self = "/proc/self/fd/" + std::to_string(file);
  gzFile stream = ::gzopen(self.c_str(), "rbe");
  return stream == nullptr ? nullptr : std::make_unique<GzipFile>(stream);
}

}  // namespace tiercel::source
