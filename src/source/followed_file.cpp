#include "followed_file.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <random>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tiercel/base/fnv.h"

#include "packed_file.h"

namespace tiercel::source {

namespace {

constexpr std::size_t kPackedBlock = std::size_t{16} << 10U;
constexpr std::size_t kSkip = std::size_t{64} << 10U;

base::Error file_error(const std::string& what, const std::string& path) {
  return {"file_unreadable", what + ": " + std::strerror(errno), path};
}

template <class Number>
bool take_number(std::string_view& text, Number& number) {
  const std::size_t end = std::min(text.find(' '), text.size());
  const auto read = std::from_chars(text.data(), text.data() + end, number);
  text.remove_prefix(std::min(end + 1, text.size()));
  return read.ec == std::errc{};
}

}  // namespace

std::string random_file_id() {
  std::random_device random;
  const std::uint64_t number = (std::uint64_t{random()} << 32U) | random();
  std::array<char, 17> text{};
  (void)std::snprintf(text.data(), text.size(), "%016llx", static_cast<unsigned long long>(number));
  return text.data();
}

std::string inode_text(const struct stat& status) {
  return std::to_string(status.st_dev) + ":" + std::to_string(status.st_ino);
}

std::int64_t modified_at(const struct stat& status) {
  return std::int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec;
}

bool is_same_time(std::int64_t one, std::int64_t other) {
  constexpr std::int64_t kSecond = 1'000'000'000;
  return one == other ||
         (one / kSecond == other / kSecond && (one % kSecond == 0 || other % kSecond == 0));
}

Fingerprint FileHead::fingerprint(std::uint32_t most) const {
  const std::string_view bytes = std::string_view(bytes_).substr(0, most);
  return {static_cast<std::uint32_t>(bytes.size()), base::fnv1a(bytes)};
}

Fingerprint FileHead::identity() const {
  if (bytes_.size() == Fingerprint::kMost) {
    return whole_;
  }
  const std::size_t end = bytes_.rfind('\n');
  return fingerprint(end == std::string::npos ? 0 : static_cast<std::uint32_t>(end + 1));
}

bool FileHead::is(const Fingerprint& known) const {
  if (known.length == 0 || known.length > whole_.length) {
    return false;
  }
  return (known.length == whole_.length ? whole_ : fingerprint(known.length)) == known;
}

bool FileHead::agrees_with(std::string_view content) const {
  content.remove_prefix(std::min(content.find_first_not_of('\0'), content.size()));
  const std::size_t both = std::min(content.size(), bytes_.size());
  return content.substr(0, both) == std::string_view(bytes_).substr(0, both);
}

std::string FilePosition::text() const {
  return std::to_string(offset) + " " + std::to_string(fingerprint.length) + " " +
         std::to_string(fingerprint.hash) + " " + std::to_string(tail.length) + " " +
         std::to_string(tail.hash) + " " + std::to_string(modified) + " " +
         (is_finished ? "1 " : "0 ") + inode + " " + path;
}

std::optional<FilePosition> FilePosition::parse(std::string_view text) {
  FilePosition position;
  int is_finished = 0;
  if (!take_number(text, position.offset) || !take_number(text, position.fingerprint.length) ||
      !take_number(text, position.fingerprint.hash) || !take_number(text, position.tail.length) ||
      !take_number(text, position.tail.hash) || !take_number(text, position.modified) ||
      !take_number(text, is_finished) || position.tail.length > LineCutter::kMostTail ||
      position.tail.length > position.offset) {
    return std::nullopt;
  }
  position.is_finished = is_finished != 0;
  const std::size_t end = std::min(text.find(' '), text.size());
  position.inode = text.substr(0, end);
  position.path = text.substr(std::min(end + 1, text.size()));
  return position;
}

FollowedFile::~FollowedFile() {
  packed_.reset();
  if (file_ >= 0) {
    ::close(file_);
  }
}

base::Result<std::unique_ptr<FollowedFile>> FollowedFile::open(const std::string& path,
                                                               const std::string& followed,
                                                               const LineLimits& limits) {
  std::unique_ptr<FollowedFile> out(new FollowedFile(limits));
  out->path_ = path;
  out->followed_ = followed;
  out->id_ = random_file_id();
  out->file_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  struct stat status {};
  if (out->file_ < 0 || ::fstat(out->file_, &status) != 0) {
    const int reason = errno;
    base::Error error = file_error("cannot read the file", path);
    if (reason == ENOENT || reason == ENOTDIR) {
      error.code = kGone;
    }
    if (reason == EACCES) {
      error.message +=
          "; let the daemon's group read it and enter its folders: chgrp, chmod 0640 "
          "and 0750";
    }
    return error;
  }
  if (!S_ISREG(status.st_mode)) {
    return base::Error{"file_unreadable", "this is no regular file; pipes are for socket_source",
                       path};
  }
  out->inode_ = inode_text(status);
  // First the head, then what kind it is: one that a rotation has just begun to write is empty, and
  // known by nothing, or shows its kind.
  out->head_ = out->read_head();
  if (PackedFile::is_packed(out->file_)) {
    out->packed_ = PackedFile::open(out->file_);
    if (out->packed_ == nullptr) {
      return file_error("cannot read the compressed file", path);
    }
    out->head_ = out->read_head();
  }
  return out;
}

bool FollowedFile::skip_packed(std::uint64_t offset, std::string& last) {
  const std::size_t wanted = last.size();
  last.clear();
  std::string skipped(kSkip, '\0');
  for (std::uint64_t at = 0; at < offset;) {
    const std::uint64_t most = std::min<std::uint64_t>(kSkip, offset - at);
    const std::size_t got = packed_->read(skipped.data(), most).size;
    if (got == 0) {
      return false;
    }
    at += got;
    last.append(skipped, 0, got);
    last.erase(0, last.size() - std::min(last.size(), wanted));
  }
  return true;
}

bool FollowedFile::seek(const FilePosition& place) {
  std::string last(place.tail.length, '\0');
  if (packed_ != nullptr) {
    if (!skip_packed(place.offset, last)) {
      return false;
    }
  } else if (size() < place.offset || !is_still_the_same() ||
             ::lseek(file_, static_cast<off_t>(place.offset), SEEK_SET) < 0) {
    return false;
  }
  // Where the disk fails, reading on tells of it.
  if (packed_ == nullptr && !read_before(place.offset, last)) {
    last.clear();
  }
  if (!last.empty() && base::fnv1a(last) != place.tail.hash) {
    return false;
  }
  begin_ = place.offset;
  before_begin_ = place.tail;
  read_ = place.offset;
  return true;
}

// Behind it, that is; nothing where the file cannot be read.
std::optional<std::uint64_t> FollowedFile::find_last_line_end(std::uint64_t max_line) const {
  const std::uint64_t end = size();
  std::string block(kSkip, '\0');
  std::uint64_t at = end;
  while (at > 0 && end - at <= max_line) {
    const std::uint64_t most = std::min<std::uint64_t>(kSkip, at);
    at -= most;
    const ssize_t got = ::pread(file_, block.data(), most, static_cast<off_t>(at));
    if (got != static_cast<ssize_t>(most)) {
      return std::nullopt;
    }
    const std::size_t found = std::string_view(block).substr(0, most).rfind('\n');
    if (found != std::string_view::npos) {
      return at + found + 1;
    }
  }
  return at;
}

bool FollowedFile::read_before(std::uint64_t offset, std::string& last) const {
  return ::pread(file_, last.data(), last.size(), static_cast<off_t>(offset - last.size())) ==
         static_cast<ssize_t>(last.size());
}

Fingerprint FollowedFile::tail_before(std::uint64_t offset) const {
  std::string last(std::min<std::uint64_t>(offset, LineCutter::kMostTail), '\0');
  return read_before(offset, last)
             ? Fingerprint{static_cast<std::uint32_t>(last.size()), base::fnv1a(last)}
             : Fingerprint{};
}

base::Result<void> FollowedFile::skip_to_end(std::uint64_t max_line) {
  FilePosition place;
  if (const auto end = find_last_line_end(max_line)) {
    place.offset = *end;
    place.tail = tail_before(*end);
    if (seek(place)) {
      return {};
    }
  }
  return base::Error{"file_unreadable", "its end cannot be found; it is tried again", path_};
}

std::uint64_t FollowedFile::size() const {
  struct stat status {};
  return ::fstat(file_, &status) == 0 ? static_cast<std::uint64_t>(status.st_size) : 0;
}

std::uint64_t FollowedFile::lag() const {
  const std::optional<std::uint64_t> done = packed_ == nullptr ? taken() : packed_->offset();
  const std::uint64_t now = size();
  return done && now > *done ? now - *done : 0;
}

std::int64_t FollowedFile::modified() const {
  struct stat status {};
  if (::fstat(file_, &status) != 0) {
    return 0;
  }
  return modified_at(status);
}

// Where the first byte stands that is not zero; the file's size where there is none.
std::uint64_t FollowedFile::find_data() const {
  // SEEK_DATA moves the place that read() goes on from.
  const off_t here = ::lseek(file_, 0, SEEK_CUR);
  const off_t data = ::lseek(file_, 0, SEEK_DATA);
  (void)::lseek(file_, here, SEEK_SET);
  std::uint64_t at = data > 0 ? static_cast<std::uint64_t>(data) : 0;
  std::array<char, 4096> block{};
  while (true) {
    const ssize_t got = ::pread(file_, block.data(), block.size(), static_cast<off_t>(at));
    if (got <= 0) {
      return at;
    }
    const std::string_view bytes(block.data(), static_cast<std::size_t>(got));
    const std::size_t first = bytes.find_first_not_of('\0');
    if (first != std::string_view::npos) {
      return at + first;
    }
    at += bytes.size();
  }
}

FileHead FollowedFile::read_packed_head() const {
  const auto other = PackedFile::open(file_);
  std::string head;
  std::string block(kSkip, '\0');
  while (other != nullptr && head.size() < Fingerprint::kMost) {
    const std::size_t got = other->read(block.data(), block.size()).size;
    if (got == 0) {
      break;
    }
    std::string_view bytes(block.data(), got);
    if (head.empty()) {
      bytes.remove_prefix(std::min(bytes.find_first_not_of('\0'), bytes.size()));
    }
    head.append(bytes.substr(0, Fingerprint::kMost - head.size()));
  }
  return FileHead(std::move(head));
}

FileHead FollowedFile::read_head() {
  if (packed_ != nullptr) {
    return read_packed_head();
  }
  std::string head(Fingerprint::kMost, '\0');
  ssize_t got = ::pread(file_, head.data(), head.size(), static_cast<off_t>(head_at_));
  if (got > 0 && head.front() == '\0') {
    head_at_ = find_data();
    got = ::pread(file_, head.data(), head.size(), static_cast<off_t>(head_at_));
  }
  head.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  return FileHead(std::move(head));
}

FileHead FollowedFile::head_now() {
  const std::uint64_t at = std::exchange(head_at_, 0);
  FileHead now = read_head();
  head_at_ = at;
  return now;
}

FilePosition FollowedFile::position() const {
  const std::string_view last = cutter_.tail();
  const Fingerprint tail =
      cutter_.taken() == 0
          ? before_begin_
          : Fingerprint{static_cast<std::uint32_t>(last.size()), base::fnv1a(last)};
  return {taken(), known(), tail, modified(), false, inode_, followed_};
}

bool FollowedFile::is_still_the_same() {
  if (packed_ != nullptr) {
    return true;
  }
  FileHead now = read_head();
  if (size() < read_ || !now.begins_with(head_)) {
    return false;
  }
  if (!head_.is_complete()) {
    head_ = std::move(now);
  }
  return true;
}

base::Result<FollowedFile::Read> FollowedFile::read_packed(std::string& scratch) {
  using State = PackedFile::State;
  // Little at once: what stands before a damage is lost with the block that it is in.
  const auto got = packed_->read(scratch.data(), std::min(scratch.size(), kPackedBlock));
  if (got.size > 0) {
    read_ += got.size;
    cutter_.feed(std::string_view(scratch).substr(0, got.size));
    return Read::kSome;
  }
  // Where the end is missing it may still be written: more is read later.
  ends_early_ = got.state == State::kEndsEarly || got.state == State::kDamaged;
  if (got.state == State::kFailed) {
    return file_error("reading failed", path_);
  }
  if (got.state == State::kDamaged) {
    return base::Error{"file_unreadable", "the compressed file is damaged", path_};
  }
  return Read::kEnd;
}

base::Result<FollowedFile::Read> FollowedFile::read_more(std::string& scratch) {
  if (packed_ != nullptr) {
    return read_packed(scratch);
  }
  const ssize_t got = ::read(file_, scratch.data(), scratch.size());
  if (got < 0) {
    return file_error("reading failed", path_);
  }
  const std::string_view bytes = std::string_view(scratch).substr(0, static_cast<std::size_t>(got));
  if (!is_still_the_same() || (read_ == 0 && !head_.agrees_with(bytes))) {
    return Read::kExchanged;
  }
  read_ += static_cast<std::uint64_t>(got);
  cutter_.feed(bytes);
  return got > 0 ? Read::kSome : Read::kEnd;
}

void FollowedFile::restart() {
  (void)::lseek(file_, 0, SEEK_SET);
  cutter_.reset();
  begin_ = 0;
  before_begin_ = {};
  read_ = 0;
  head_at_ = 0;
  head_ = read_head();
  id_ = random_file_id();
}

}  // namespace tiercel::source
