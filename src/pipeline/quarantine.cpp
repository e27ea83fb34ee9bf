#include "tiercel/pipeline/quarantine.h"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tiercel/base/log.h"
#include "tiercel/base/utc_time.h"

namespace tiercel::pipeline {

namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr mode_t kFileMode = 0600;
constexpr std::string_view kSuffix = ".json";

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Whether a file is one of ours: 20060102T150405Z-000000-code.json. Anything else in the
// folder belongs to somebody.
bool is_our_name(std::string_view name) {
  constexpr std::string_view kShape = "########T######Z-######-";
  if (name.size() <= kShape.size() + kSuffix.size() || !name.ends_with(kSuffix)) {
    return false;
  }
  for (std::size_t at = 0; at < kShape.size(); ++at) {
    if (kShape[at] == '#' ? !is_digit(name[at]) : name[at] != kShape[at]) {
      return false;
    }
  }
  return true;
}

// Writes all of it; the error number, 0 for none.
int write_file(const std::string& path, std::string_view bytes) {
  const int file =
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, kFileMode);
  if (file < 0) {
    return errno;
  }
  int error = 0;
  while (!bytes.empty() && error == 0) {
    const ssize_t written = ::write(file, bytes.data(), bytes.size());
    if (written > 0) {
      bytes.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno != EINTR) {
      error = errno;
    }
  }
  ::close(file);
  if (error != 0) {
    ::unlink(path.c_str());
  }
  return error;
}

}  // namespace

Quarantine::Quarantine(QuarantineOptions options, const base::Clock& clock, base::Metrics& metrics)
    : options_(std::move(options)), clock_(clock), metrics_(metrics) {}

std::uint64_t Quarantine::bytes() const {
  const base::MutexLock lock(mutex_);
  return bytes_;
}

std::size_t Quarantine::files() const {
  const base::MutexLock lock(mutex_);
  return entries_.size();
}

void Quarantine::fail(std::string_view what) {
  metrics_.add(base::Metric::kQuarantineWriteErrors);
  if (failure_log_.lets_through(clock_.steady())) {
    base::log_error("quarantine " + options_.path + ": " + std::string(what) +
                    "; bad input is counted and reported, but not kept (quarantine.path)");
  }
}

// Creates the folder and takes over what an earlier run left there.
bool Quarantine::prepare() {
  if (ready_) {
    return true;
  }
  std::error_code error;
  const bool is_new = fs::create_directories(options_.path, error);
  if (!error && ::access(options_.path.c_str(), W_OK | X_OK) != 0) {
    error.assign(errno, std::generic_category());
  }
  if (error) {
    fail(error.message());
    return false;
  }
  if (is_new) {
    fs::permissions(options_.path, fs::perms::owner_all, error);
  }
  std::vector<Entry> found;
  for (fs::directory_iterator it(options_.path, error), end; !error && it != end;
       it.increment(error)) {
    struct stat status {};
    const std::string path = it->path().string();
    if (is_our_name(it->path().filename().string()) && ::lstat(path.c_str(), &status) == 0 &&
        S_ISREG(status.st_mode)) {
      found.push_back({it->path().filename().string(), static_cast<std::uint64_t>(status.st_size),
                       status.st_mtim.tv_sec * kSecond + status.st_mtim.tv_nsec});
    }
  }
  std::sort(found.begin(), found.end(),
            [](const Entry& a, const Entry& b) { return a.name < b.name; });
  for (Entry& entry : found) {
    bytes_ += entry.size;
    entries_.push_back(std::move(entry));
  }
  ready_ = true;
  return true;
}

bool Quarantine::check() {
  const base::MutexLock lock(mutex_);
  return prepare();
}

// True when files went although they were not old.
bool Quarantine::make_room(std::uint64_t wanted, std::int64_t now) {
  bool made_room = false;
  const std::int64_t oldest =
      now - std::chrono::duration_cast<std::chrono::nanoseconds>(options_.max_age).count();
  while (!entries_.empty() &&
         (entries_.size() >= options_.max_files || bytes_ + wanted > options_.max_bytes ||
          entries_.front().time < oldest)) {
    const Entry& entry = entries_.front();
    made_room = made_room || entry.time >= oldest;
    ::unlink((options_.path + "/" + entry.name).c_str());
    bytes_ -= entry.size;
    metrics_.add(base::Metric::kQuarantineEvictedFiles);
    entries_.pop_front();
  }
  return made_room;
}

Quarantine::Kept Quarantine::keep(std::string_view bytes, std::string_view code) {
  const base::MutexLock lock(mutex_);
  if (!prepare()) {
    return {};
  }
  bytes = bytes.substr(
      0, static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), options_.max_bytes)));
  const std::int64_t now = clock_.now();
  Kept kept;
  kept.made_room = make_room(bytes.size(), now);
  // A running number of fixed width keeps names in order within a second; one that an
  // earlier run used is passed over.
  int error = EEXIST;
  std::string name;
  for (int attempt = 0; attempt < 1000 && error == EEXIST; ++attempt) {
    const std::string digits = std::to_string(number_++ % 1'000'000);
    name = base::utc_text(now, "%Y%m%dT%H%M%SZ") + "-" + std::string(6 - digits.size(), '0') +
           digits + "-" + std::string(code) + std::string(kSuffix);
    error = write_file(options_.path + "/" + name, bytes);
  }
  if (error != 0) {
    ready_ = error != ENOENT && ready_;
    fail(std::generic_category().message(error));
    return kept;
  }
  bytes_ += bytes.size();
  entries_.push_back({name, bytes.size(), now});
  kept.name = std::move(name);
  return kept;
}

}  // namespace tiercel::pipeline
