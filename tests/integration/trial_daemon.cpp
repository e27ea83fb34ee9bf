// The daemon on a disk and with a clock that a test drives:
//
//   trial_daemon ordinary|forgotten|scattered SEED FOLDER run …
//
// Not on an ordinary disk the store stands on the forgetful VFS. In FOLDER are, if at all:
//   alerts.log         the alert file, and
//   alerts.log.synced  up to where its lines, and its name, have reached the disk: a test cuts it
//                      there after a kill
//   stall              while it is there no sync ends
//   clock              eight bytes: so many nanoseconds, whole seconds, the wall clock is ahead
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "tiercel/app/run.h"

#include "forgetful_vfs.h"

namespace {

std::atomic<const std::int64_t*> clock_ahead{nullptr};

class Folder {
 public:
  void open(const std::string& path) {
    const std::lock_guard lock(mutex_);
    path_ = path;
    alerts_ = path + "/alerts.log";
    ledger_ = ::open((alerts_ + ".synced").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    struct stat status {};
    if (::stat(alerts_.c_str(), &status) == 0) {
      named_ = status.st_ino;
      note(status.st_size);
    }
    const int clock = ::open((path + "/clock").c_str(), O_RDONLY | O_CLOEXEC);
    if (clock >= 0) {
      void* const mapped = ::mmap(nullptr, sizeof(std::int64_t), PROT_READ, MAP_SHARED, clock, 0);
      clock_ahead = mapped == MAP_FAILED ? nullptr : static_cast<const std::int64_t*>(mapped);
      ::close(clock);
    }
  }
  [[nodiscard]] bool is_stalled() {
    const std::lock_guard lock(mutex_);
    return !path_.empty() && ::access((path_ + "/stall").c_str(), F_OK) == 0;
  }
  void synced(const struct stat& what) {
    const std::lock_guard lock(mutex_);
    struct stat status {};
    if (path_.empty() || ::stat(alerts_.c_str(), &status) != 0) {
      return;
    }
    struct stat folder {};
    if (S_ISDIR(what.st_mode)) {
      if (::stat(path_.c_str(), &folder) == 0 && folder.st_ino == what.st_ino) {
        named_ = status.st_ino;
      }
    } else if (named_ == what.st_ino && status.st_ino == what.st_ino) {
      note(what.st_size);
    }
  }

 private:
  void note(off_t size) {
    const std::string text = std::to_string(size) + "\n";
    static_cast<void>(!::pwrite(ledger_, text.data(), text.size(), 0));
  }

  std::mutex mutex_;
  std::string path_;
  std::string alerts_;
  int ledger_ = -1;
  ino_t named_ = 0;  ///< the alert file whose name is on the disk
};

// Outlives every thread.
Folder& folder() {
  static auto* const the_folder = new Folder;
  return *the_folder;
}

int sync_and_note(int descriptor, long call) {
  // What is written while the disk works need not be on it.
  struct stat status {};
  const bool is_known = ::fstat(descriptor, &status) == 0;
  while (folder().is_stalled()) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  const int result = static_cast<int>(::syscall(call, descriptor));
  if (result == 0 && is_known) {
    folder().synced(status);
  }
  return result;
}

}  // namespace

// Ahead of the C library's for the whole program.
extern "C" int fsync(int descriptor) { return sync_and_note(descriptor, SYS_fsync); }
extern "C" int fdatasync(int descriptor) { return sync_and_note(descriptor, SYS_fdatasync); }
extern "C" int clock_gettime(clockid_t clock, struct timespec* time) noexcept {
  const int result = static_cast<int>(::syscall(SYS_clock_gettime, clock, time));
  const std::int64_t* const ahead = clock_ahead.load();
  if (result == 0 && clock == CLOCK_REALTIME && ahead != nullptr) {
    time->tv_sec +=
        static_cast<time_t>(*static_cast<const volatile std::int64_t*>(ahead) / 1'000'000'000);
  }
  return result;
}

int main(int argc, char** argv) {
  if (argc < 5) {
    return 2;
  }
  const std::string_view disk = argv[1];
  folder().open(argv[3]);
  if (disk != "ordinary") {
    using tiercel::support::Unsynced;
    tiercel::support::use_forgetful_vfs(
        disk == "scattered" ? Unsynced::kScattered : Unsynced::kForgotten,
        static_cast<unsigned>(std::strtoul(argv[2], nullptr, 10)));
  }
  std::vector<char*> arguments{argv[0]};
  arguments.insert(arguments.end(), argv + 4, argv + argc);
  const int count = static_cast<int>(arguments.size());
  arguments.push_back(nullptr);
  return tiercel::app::run(count, arguments.data());
}
