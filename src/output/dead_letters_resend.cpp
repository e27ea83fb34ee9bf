#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tiercel/output/resend.h"

#include "descriptor.h"
#include "line_reader.h"

namespace tiercel::output {

namespace {

constexpr std::size_t kMostBytes = std::size_t{1} << 20U;

// Collects letters, delivers them in batches, and keeps the lines of those that were not taken.
class Resender {
 public:
  Resender(std::size_t most, const std::function<Delivery(std::span<const DeadLetter>)>& deliver,
           int rest)
      : most_(std::max<std::size_t>(most, 1)), deliver_(deliver), rest_(rest) {}

  // False where what is left could not be written.
  bool take(std::string_view line) {
    if (line.empty()) {
      return true;
    }
    std::optional<DeadLetter> letter = parse_dead_letter(line);
    if (!letter || resent_.has_failed) {
      letter ? ++resent_.left : ++resent_.unreadable;
      return keep(line);
    }
    bytes_ += letter->alert.size();
    letters_.push_back(*std::move(letter));
    lines_.emplace_back(line);
    return (letters_.size() < most_ && bytes_ < kMostBytes) || flush();
  }

  bool flush() {
    if (letters_.empty()) {
      return true;
    }
    const Delivery delivery = deliver_(letters_);
    std::vector<char> is_left(letters_.size(), 0);
    for (const std::size_t at : delivery.again) {
      is_left.at(std::min(at, is_left.size() - 1)) = 1;
    }
    for (const Delivery::Rejected& one : delivery.rejected) {
      is_left.at(std::min(one.message, is_left.size() - 1)) = 1;
    }
    resent_.has_failed = delivery.error.has_value();
    if (resent_.why.empty() && resent_.has_failed) {
      resent_.why = delivery.error->text();
    } else if (resent_.why.empty() && !delivery.rejected.empty()) {
      resent_.why = delivery.rejected.front().why;
    }
    bool is_kept = true;
    for (std::size_t at = 0; at < lines_.size(); ++at) {
      is_left[at] != 0 ? ++resent_.left : ++resent_.delivered;
      is_kept = is_kept && (is_left[at] == 0 || keep(lines_[at]));
    }
    letters_.clear();
    lines_.clear();
    bytes_ = 0;
    return is_kept;
  }

  [[nodiscard]] int error() const { return error_; }
  [[nodiscard]] const Resent& resent() const { return resent_; }

 private:
  bool keep(std::string_view line) {
    std::size_t written = 0;
    const std::array<std::string_view, 2> chunks{line, "\n"};
    error_ = write_chunks(rest_, chunks, written);
    return error_ == 0;
  }

  const std::size_t most_;
  const std::function<Delivery(std::span<const DeadLetter>)>& deliver_;
  const int rest_;
  std::vector<DeadLetter> letters_;
  std::vector<std::string> lines_;
  std::size_t bytes_ = 0;
  int error_ = 0;
  Resent resent_;
};

// Root's work on the daemon's files leaves them the daemon's.
void keep_owner(int from, int to) {
  struct stat status {};
  if (::fstat(from, &status) == 0) {
    (void)!::fchown(to, status.st_uid, status.st_gid);
  }
}

// Whether the path still names the file that is open, and locked: another process that held it
// before has put what it left in its place.
bool is_current(int file, const std::string& path) {
  struct stat open {};
  struct stat named {};
  return ::fstat(file, &open) == 0 && ::stat(path.c_str(), &named) == 0 &&
         open.st_dev == named.st_dev && open.st_ino == named.st_ino;
}

// What is left takes the file's place, or the file goes.
base::Result<void> finish(const std::string& path, const std::string& rest, const Resent& resent) {
  const bool is_empty = resent.left == 0 && resent.unreadable == 0;
  if (resent.delivered == 0 && !is_empty) {
    // Nothing was taken of it. It may be no file of letters at all, and somebody's who writes it.
    (void)::unlink(rest.c_str());
    return {};
  }
  const int failed = is_empty ? ::unlink(path.c_str()) : ::rename(rest.c_str(), path.c_str());
  if (failed != 0) {
    return write_error(errno, path);
  }
  if (is_empty) {
    (void)::unlink(rest.c_str());
  }
  return {};
}

}  // namespace

base::Result<Resent> resend_dead_letters(
    const std::string& path, std::size_t most,
    const std::function<Delivery(std::span<const DeadLetter>)>& deliver) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open()) {
    return base::Error{"dead_letters",
                       std::string("the dead letters cannot be read: ") + std::strerror(errno),
                       path};
  }
  const FileLock lock(file.number(), FileLock::Wait::kNo);
  if (!lock.is_held()) {
    return base::Error{"dead_letters", "another process is at work on these dead letters", path};
  }
  if (!is_current(file.number(), path)) {
    return base::Error{"dead_letters",
                       "another process has just been at work on these dead letters; try again",
                       path};
  }
  const std::string rest = path + ".rest";
  const Descriptor left(::open(rest.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (!left.is_open()) {
    return write_error(errno, rest);
  }
  keep_owner(file.number(), left.number());
  Resender resender(most, deliver, left.number());
  const auto read =
      read_lines(path, [&resender](std::string_view line) { return resender.take(line); });
  if (!read) {
    return read.error();
  }
  if (resender.error() == 0) {
    (void)resender.flush();
  }
  if (resender.error() != 0 || ::fsync(left.number()) != 0) {
    return write_error(resender.error() != 0 ? resender.error() : errno, rest);
  }
  if (auto finished = finish(path, rest, resender.resent()); !finished) {
    return finished.error();
  }
  return resender.resent();
}

std::vector<std::string> dead_letters_set_aside(const std::string& path) {
  std::vector<std::string> files;
  for (int number = 1; number < kMostAside; ++number) {
    std::string file = path + "." + std::to_string(number);
    std::error_code error;
    if (std::filesystem::exists(file, error)) {
      files.push_back(std::move(file));
    }
  }
  return files;
}

}  // namespace tiercel::output
