#include "rotation.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "tiercel/base/log.h"
#include "tiercel/base/utc_time.h"

#include "descriptor.h"

namespace tiercel::output {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kBlock = std::size_t{256} << 10U;
constexpr std::size_t kStampLength = 19;  // 20260102T030405.678

std::string stamp(std::int64_t now) {
  return base::utc_text(now, "%Y%m%dT%H%M%S") + base::fraction_text(now, 3);
}

// What follows "NAME-" in a rotated file's name: the stamp, ".N" and the compression's end.
bool is_rotated_tail(std::string_view tail) {
  if (tail.size() < kStampLength) {
    return false;
  }
  for (std::size_t at = 0; at < kStampLength; ++at) {
    const char want = at == 8 ? 'T' : at == 15 ? '.' : '0';
    const bool is_digit = tail[at] >= '0' && tail[at] <= '9';
    if (want == '0' ? !is_digit : tail[at] != want) {
      return false;
    }
  }
  tail.remove_prefix(kStampLength);
  for (const std::string_view end : {".gz", ".zst"}) {
    tail.remove_suffix(tail.ends_with(end) ? end.size() : 0);
  }
  return tail.empty() || (tail.front() == '.' && tail.size() > 1 &&
                          tail.find_first_not_of("0123456789", 1) == std::string_view::npos);
}

base::Error failed(const std::string& what, const std::string& path) {
  return {"rotation_failed", what + ": " + std::strerror(errno), path};
}

// Writes through gzip or zstd into `to`.
class Compressor {
 public:
  Compressor(RotationOptions::Compression kind, int to) : to_(to) {
    if (kind == RotationOptions::Compression::kGzip) {
      gzip_ = ::gzdopen(::dup(to), "wb6");
    } else {
      zstd_.reset(::ZSTD_createCCtx());
      buffer_.resize(::ZSTD_CStreamOutSize());
    }
  }
  ~Compressor() {
    if (gzip_ != nullptr) {
      ::gzclose(gzip_);
    }
  }
  Compressor(const Compressor&) = delete;
  Compressor& operator=(const Compressor&) = delete;

  bool write(std::string_view bytes, bool is_last) {
    if (zstd_ == nullptr) {
      return write_gzip(bytes, is_last);
    }
    ZSTD_inBuffer input{bytes.data(), bytes.size(), 0};
    while (true) {
      ZSTD_outBuffer output{buffer_.data(), buffer_.size(), 0};
      const std::size_t left = ::ZSTD_compressStream2(zstd_.get(), &output, &input,
                                                      is_last ? ZSTD_e_end : ZSTD_e_continue);
      if (::ZSTD_isError(left) != 0) {
        errno = EIO;
        return false;
      }
      const std::string_view chunk(buffer_.data(), output.pos);
      std::size_t written = 0;
      errno = write_chunks(to_, {&chunk, 1}, written);
      if (errno != 0) {
        return false;
      }
      if (is_last ? left == 0 : input.pos == input.size) {
        return true;
      }
    }
  }

 private:
  bool write_gzip(std::string_view bytes, bool is_last) {
    if (gzip_ == nullptr || ::gzwrite(gzip_, bytes.data(), static_cast<unsigned>(bytes.size())) !=
                                static_cast<int>(bytes.size())) {
      return false;
    }
    return !is_last || ::gzclose(std::exchange(gzip_, nullptr)) == Z_OK;
  }

  int to_;
  gzFile gzip_ = nullptr;
  std::unique_ptr<ZSTD_CCtx, std::size_t (*)(ZSTD_CCtx*)> zstd_{nullptr, &::ZSTD_freeCCtx};
  std::vector<char> buffer_;
};

bool copy_compressed(int from, int to, RotationOptions::Compression kind) {
  Compressor compressor(kind, to);
  std::vector<char> block(kBlock);
  while (true) {
    const ssize_t got = ::read(from, block.data(), block.size());
    if (got < 0) {
      return false;
    }
    if (!compressor.write({block.data(), static_cast<std::size_t>(got)}, got == 0)) {
      return false;
    }
    if (got == 0) {
      return ::fsync(to) == 0;
    }
  }
}

}  // namespace

base::Result<std::string> rotate_away(const std::string& path, std::int64_t now) {
  const std::string name = path + "-" + stamp(now);
  for (int number = 0; number < 1000; ++number) {
    std::string target = number == 0 ? name : name + "." + std::to_string(number);
    // Fails where the name is taken, where rename() would remove what is there.
    if (::link(path.c_str(), target.c_str()) == 0) {
      if (::unlink(path.c_str()) != 0) {
        return failed("cannot rename the file", path);
      }
      return base::Result<std::string>(boost::system::in_place_value, target);
    }
    // A file system without hard links.
    const bool has_no_links = errno == EPERM || errno == EOPNOTSUPP || errno == ENOSYS;
    if (has_no_links && ::access(target.c_str(), F_OK) != 0) {
      if (::rename(path.c_str(), target.c_str()) == 0) {
        return base::Result<std::string>(boost::system::in_place_value, target);
      }
      return failed("cannot rename the file", path);
    }
    if (!has_no_links && errno != EEXIST) {
      return failed("cannot rename the file", path);
    }
  }
  return failed("cannot rename the file", path);
}

base::Result<void> compress_file(const std::string& name,
                                 RotationOptions::Compression compression) {
  if (compression == RotationOptions::Compression::kNone) {
    return {};
  }
  const std::string target =
      name + (compression == RotationOptions::Compression::kGzip ? ".gz" : ".zst");
  const std::string draft = target + ".new";
  const Descriptor from(::open(name.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat status {};
  if (!from.is_open() || ::fstat(from.number(), &status) != 0) {
    return failed("cannot read the rotated file", name);
  }
  const Descriptor to(
      ::open(draft.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, status.st_mode & 0777U));
  if (!to.is_open()) {
    return failed("cannot write the compressed file", draft);
  }
  if (!copy_compressed(from.number(), to.number(), compression) ||
      ::rename(draft.c_str(), target.c_str()) != 0) {
    const base::Error error = failed("cannot compress the rotated file", name);
    ::unlink(draft.c_str());
    return error;
  }
  // The one name is on the disk before the other goes.
  sync_folder(fs::path(target).parent_path().string());
  ::unlink(name.c_str());
  return {};
}

void remove_old_files(const std::string& path, const RotationOptions& options, std::int64_t now) {
  if (options.keep_files == 0 && options.keep_age.count() == 0) {
    return;
  }
  const fs::path file(path);
  const std::string prefix = file.filename().string() + "-";
  const fs::path folder = file.has_parent_path() ? file.parent_path() : fs::path(".");
  std::vector<std::string> rotated;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with(prefix) && is_rotated_tail(std::string_view(name).substr(prefix.size()))) {
      rotated.push_back(name);
    }
  }
  // The stamp makes the order of names that of time.
  std::sort(rotated.begin(), rotated.end());
  const std::string oldest_kept =
      options.keep_age.count() == 0
          ? std::string()
          : prefix + stamp(now - std::chrono::nanoseconds(options.keep_age).count());
  for (std::size_t at = 0; at < rotated.size(); ++at) {
    const bool is_too_many = options.keep_files != 0 && rotated.size() - at > options.keep_files;
    if (is_too_many || rotated[at] < oldest_kept) {
      fs::remove(folder / rotated[at], error);
      base::log_info("removed the old alert file " + (folder / rotated[at]).string());
    }
  }
}

}  // namespace tiercel::output
