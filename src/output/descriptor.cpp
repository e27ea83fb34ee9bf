#include "descriptor.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <string>
#include <system_error>

#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/uio.h>
#include <unistd.h>

namespace tiercel::output {

namespace {
constexpr std::size_t kMostVectors = 64;

// The next pieces to write, `skip` bytes of the first chunk being out already.
std::size_t gather(std::span<const std::string_view> chunks, std::size_t first, std::size_t skip,
                   std::array<iovec, kMostVectors>& out) {
  std::size_t count = 0;
  for (std::size_t at = first; at < chunks.size() && count < kMostVectors; ++at) {
    const std::string_view piece = chunks[at].substr(at == first ? skip : 0);
    out[count++] = {const_cast<char*>(piece.data()), piece.size()};
  }
  return count;
}
}  // namespace

Descriptor::~Descriptor() {
  if (number_ >= 0) {
    ::close(number_);
  }
}

void sync_folder(const std::string& folder) {
  const Descriptor opened(
      ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (opened.is_open()) {
    (void)::fsync(opened.number());
  }
}

FileLock::FileLock(int file, Wait wait)
    : file_(file), is_held_(::flock(file, LOCK_EX | (wait == Wait::kNo ? LOCK_NB : 0)) == 0) {}

FileLock::~FileLock() {
  if (is_held_) {
    (void)::flock(file_, LOCK_UN);
  }
}

int write_chunks(int descriptor, std::span<const std::string_view> chunks, std::size_t& written) {
  written = 0;
  std::size_t first = 0;
  std::size_t skip = 0;
  std::array<iovec, kMostVectors> vectors{};
  while (first < chunks.size()) {
    if (skip == chunks[first].size()) {
      ++first;
      skip = 0;
      continue;
    }
    const std::size_t count = gather(chunks, first, skip, vectors);
    const ssize_t result = ::writev(descriptor, vectors.data(), static_cast<int>(count));
    if (result < 0) {
      if (errno == EINTR) {
        continue;
      }
      if (errno == EAGAIN) {
        pollfd wait{descriptor, POLLOUT, 0};
        (void)::poll(&wait, 1, 1000);
        continue;
      }
      return errno;
    }
    auto out = static_cast<std::size_t>(result);
    written += out;
    while (out > 0) {
      const std::size_t taken = std::min(out, chunks[first].size() - skip);
      skip += taken;
      out -= taken;
      if (skip == chunks[first].size()) {
        ++first;
        skip = 0;
      }
    }
  }
  return 0;
}

std::size_t whole_lines(std::span<const std::string_view> chunks, std::size_t written) {
  std::size_t count = 0;
  while (count < chunks.size() && chunks[count].size() <= written) {
    written -= chunks[count].size();
    ++count;
  }
  return count;
}

base::Error write_error(int number, std::string_view path) {
  std::string help = std::generic_category().message(number);
  switch (number) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      help += ": make room there; the alerts wait in the store";
      break;
    case EACCES:
    case EPERM:
    case EROFS:
      help += ": give the daemon's user the right to write there, or name another file";
      break;
    case ENOENT:
    case ENOTDIR:
      help += ": create the folder, or name a file in one that exists";
      break;
    case EISDIR:
      help += ": name a file, not a folder";
      break;
    case EPIPE:
      help += ": nobody reads at the other end";
      break;
    case EIO:
      help += ": look at the disk";
      break;
    default:
      break;
  }
  return {"write_failed", "cannot write alerts: " + help, std::string(path)};
}

}  // namespace tiercel::output
