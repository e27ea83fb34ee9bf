#include "line_reader.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "descriptor.h"

namespace tiercel::output {

namespace {

constexpr std::size_t kMostLine = std::size_t{64} << 20U;
constexpr std::size_t kBlock = std::size_t{256} << 10U;

base::Error read_error(const std::string& path, const std::string& what) {
  return {"read_failed", "cannot read the file: " + what, path};
}

// Cuts what it is given into lines.
class LineCutter {
 public:
  explicit LineCutter(const std::function<bool(std::string_view)>& take) : take_(take) {}

  // False when it has enough, or when a line is too long.
  bool feed(std::string_view bytes) {
    while (!bytes.empty()) {
      const std::size_t end = bytes.find('\n');
      if (end == std::string_view::npos) {
        rest_ += bytes;
        is_too_long_ = rest_.size() > kMostLine;
        return !is_too_long_;
      }
      bool goes_on = true;
      if (rest_.empty()) {
        goes_on = take_(bytes.substr(0, end));
      } else {
        rest_ += bytes.substr(0, end);
        goes_on = take_(rest_);
        rest_.clear();
      }
      if (!goes_on) {
        return false;
      }
      bytes.remove_prefix(end + 1);
    }
    return true;
  }
  void finish() {
    if (!rest_.empty() && !is_too_long_) {
      take_(rest_);
    }
  }
  [[nodiscard]] bool is_too_long() const { return is_too_long_; }

 private:
  const std::function<bool(std::string_view)>& take_;
  std::string rest_;
  bool is_too_long_ = false;
};

base::Result<void> finish(LineCutter& cutter, bool goes_on, const std::string& path) {
  if (cutter.is_too_long()) {
    return read_error(path, "a line is longer than 64 MiB");
  }
  if (goes_on) {
    cutter.finish();
  }
  return {};
}

// gzread reads plain files as they are, too.
base::Result<void> read_gzip(const std::string& path, LineCutter& cutter) {
  const std::unique_ptr<gzFile_s, int (*)(gzFile)> file(::gzopen(path.c_str(), "rb"), &::gzclose);
  if (file == nullptr) {
    return read_error(path, std::strerror(errno));
  }
  std::vector<char> block(kBlock);
  bool goes_on = true;
  while (goes_on) {
    const int got = ::gzread(file.get(), block.data(), static_cast<unsigned>(block.size()));
    if (got < 0) {
      int code = 0;
      return read_error(path, ::gzerror(file.get(), &code));
    }
    if (got == 0) {
      break;
    }
    goes_on = cutter.feed({block.data(), static_cast<std::size_t>(got)});
  }
  return finish(cutter, goes_on, path);
}

base::Result<void> read_zstd(const std::string& path, LineCutter& cutter) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open()) {
    return read_error(path, std::strerror(errno));
  }
  const std::unique_ptr<ZSTD_DCtx, std::size_t (*)(ZSTD_DCtx*)> context(::ZSTD_createDCtx(),
                                                                        &::ZSTD_freeDCtx);
  std::vector<char> in(kBlock);
  std::vector<char> out(kBlock);
  bool goes_on = true;
  ssize_t got = 0;
  while (goes_on && (got = ::read(file.number(), in.data(), in.size())) > 0) {
    ZSTD_inBuffer input{in.data(), static_cast<std::size_t>(got), 0};
    while (goes_on && input.pos < input.size) {
      ZSTD_outBuffer output{out.data(), out.size(), 0};
      const std::size_t result = ::ZSTD_decompressStream(context.get(), &output, &input);
      if (::ZSTD_isError(result) != 0) {
        return read_error(path, ::ZSTD_getErrorName(result));
      }
      goes_on = cutter.feed({out.data(), output.pos});
    }
  }
  if (got < 0) {
    return read_error(path, std::strerror(errno));
  }
  return finish(cutter, goes_on, path);
}

bool is_zstd(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  std::array<unsigned char, 4> magic{};
  return file.is_open() && ::read(file.number(), magic.data(), magic.size()) == 4 &&
         magic == std::array<unsigned char, 4>{0x28, 0xB5, 0x2F, 0xFD};
}

}  // namespace

base::Result<void> read_lines(const std::string& path,
                              const std::function<bool(std::string_view)>& take) {
  LineCutter cutter(take);
  return is_zstd(path) ? read_zstd(path, cutter) : read_gzip(path, cutter);
}

base::Result<LastLine> read_last_line(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat status {};
  if (!file.is_open() || ::fstat(file.number(), &status) != 0) {
    return read_error(path, std::strerror(errno));
  }
  LastLine last;
  std::string tail;
  for (off_t end = status.st_size; end > 0 && tail.size() < kMostLine;) {
    const off_t begin = end > static_cast<off_t>(kBlock) ? end - static_cast<off_t>(kBlock) : 0;
    std::string block(static_cast<std::size_t>(end - begin), '\0');
    if (::pread(file.number(), block.data(), block.size(), begin) !=
        static_cast<ssize_t>(block.size())) {
      return read_error(path, "it changes while it is read");
    }
    tail.insert(0, block);
    end = begin;
    const std::size_t before =
        tail.size() < 2 ? std::string::npos : tail.rfind('\n', tail.size() - 2);
    if (before != std::string::npos) {
      tail.erase(0, before + 1);
      break;
    }
  }
  last.is_whole = tail.empty() || tail.ends_with('\n');
  if (tail.ends_with('\n')) {
    tail.pop_back();
  }
  last.text = std::move(tail);
  return last;
}

}  // namespace tiercel::output
