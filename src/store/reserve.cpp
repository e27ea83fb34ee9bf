#include "reserve.h"

#include <cstdint>

#include <fcntl.h>
#include <unistd.h>

#include "disk.h"
#include "schema.h"

namespace tiercel::store {

namespace {

/// The -shm of a WAL at its bound takes 160 KiB, an alert of our own some pages.
constexpr std::uint64_t kWhole = std::uint64_t{1} << 20U;
constexpr std::uint64_t kPage = std::uint64_t{4} << 10U;

}  // namespace

Reserve::Reserve(const std::string& folder)
    : file_(folder.empty() ? "" : folder + "/" + std::string(kReserveName)) {}

void Reserve::keep() const {
  if (file_.empty() || file_size(file_) >= kWhole) {
    return;
  }
  const int file = ::open(file_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) {
    return;  // Whatever is wrong there, the next commit meets it and says so.
  }
  std::uint64_t size = 0;
  for (std::uint64_t more = kWhole; more >= kPage && size < kWhole; more /= 2) {
    size += ::posix_fallocate(file, 0, static_cast<off_t>(size + more)) == 0 ? more : 0;
  }
  // What a failed try has made of it goes.
  const bool is_cut = ::ftruncate(file, static_cast<off_t>(size)) == 0;
  ::close(file);
  if (size == 0 || !is_cut) {
    ::unlink(file_.c_str());
  }
}

bool Reserve::release() const {
  return !file_.empty() && file_size(file_) != 0 && ::unlink(file_.c_str()) == 0;
}

}  // namespace tiercel::store
