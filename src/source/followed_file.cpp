#include "followed_file.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <random>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

namespace tiercel::source {

namespace {

constexpr std::size_t kGzipBlock = std::size_t{16} << 10U;
constexpr std::size_t kSkip = std::size_t{64} << 10U;

// FNV-1a: tells files apart, keeps nothing secret.
std::uint64_t hash_of(std::string_view bytes) {
  std::uint64_t hash = 0xCBF29CE484222325U;
  for (const char c : bytes) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3U;
  }
  return hash;
}

base::Error file_error(const std::string& what, const std::string& path) {
  return {"file_unreadable", what + ": " + std::strerror(errno), path};
}

bool is_gzip_file(int file) {
  std::array<unsigned char, 2> magic{};
  return ::pread(file, magic.data(), magic.size(), 0) == 2 && magic[0] == 0x1F && magic[1] == 0x8B;
}

template <class Number>
bool take_number(std::string_view& text, Number& number) {
  const std::size_t end = std::min(text.find(' '), text.size());
  const auto read = std::from_chars(text.data(), text.data() + end, number);
  text.remove_prefix(std::min(end + 1, text.size()));
  return read.ec == std::errc{};
}

std::string random_id() {
  std::random_device random;
  const std::uint64_t number = (std::uint64_t{random()} << 32U) | random();
  std::array<char, 17> text{};
  (void)std::snprintf(text.data(), text.size(), "%016llx", static_cast<unsigned long long>(number));
  return text.data();
}

}  // namespace

std::string inode_text(const struct stat& status) {
  return std::to_string(status.st_dev) + ":" + std::to_string(status.st_ino);
}

std::int64_t modified_at(const struct stat& status) {
  return std::int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec;
}

Fingerprint FileHead::fingerprint(std::uint32_t most) const {
  const std::string_view bytes = std::string_view(bytes_).substr(0, most);
  return {static_cast<std::uint32_t>(bytes.size()), hash_of(bytes)};
}

Fingerprint FileHead::identity() const {
  if (bytes_.size() == Fingerprint::kMost) {
    return fingerprint(Fingerprint::kMost);
  }
  const std::size_t end = bytes_.rfind('\n');
  return fingerprint(end == std::string::npos ? 0 : static_cast<std::uint32_t>(end + 1));
}

bool FileHead::is(const Fingerprint& known) const {
  return known.length != 0 && fingerprint(known.length) == known;
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
  if (gzip_ != nullptr) {
    ::gzclose(gzip_);
  }
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
  out->id_ = random_id();
  out->file_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  struct stat status {};
  if (out->file_ < 0 || ::fstat(out->file_, &status) != 0) {
    const int reason = errno;
    base::Error error = file_error("cannot read the file", path);
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
  if (is_gzip_file(out->file_)) {
    const int copy = ::fcntl(out->file_, F_DUPFD_CLOEXEC, 0);
    out->gzip_ = copy < 0 ? nullptr : ::gzdopen(copy, "rb");
    if (out->gzip_ == nullptr) {
      if (copy >= 0) {
        ::close(copy);
      }
      return file_error("cannot read the compressed file", path);
    }
  }
  out->head_ = out->read_head();
  return out;
}

// gzseek() alone would find out with the next read that the file ends before.
bool FollowedFile::skip_gzip(std::uint64_t offset, std::string& last) {
  const std::size_t wanted = last.size();
  last.clear();
  std::string skipped(kSkip, '\0');
  for (std::uint64_t at = 0; at < offset;) {
    const auto most = static_cast<unsigned>(std::min<std::uint64_t>(kSkip, offset - at));
    const int got = ::gzread(gzip_, skipped.data(), most);
    if (got <= 0) {
      return false;
    }
    at += static_cast<std::uint64_t>(got);
    last.append(skipped, 0, static_cast<std::size_t>(got));
    last.erase(0, last.size() - std::min(last.size(), wanted));
  }
  return true;
}

bool FollowedFile::seek(const FilePosition& place) {
  std::string last(place.tail.length, '\0');
  if (gzip_ != nullptr) {
    if (!skip_gzip(place.offset, last)) {
      return false;
    }
  } else if (size() < place.offset || !is_still_the_same() ||
             ::lseek(file_, static_cast<off_t>(place.offset), SEEK_SET) < 0) {
    return false;
  }
  // Where the disk fails, reading on tells of it.
  if (gzip_ == nullptr && !read_before(place.offset, last)) {
    last.clear();
  }
  if (!last.empty() && hash_of(last) != place.tail.hash) {
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
             ? Fingerprint{static_cast<std::uint32_t>(last.size()), hash_of(last)}
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
  const z_off_t read = gzip_ == nullptr ? 0 : ::gzoffset(gzip_);
  const std::uint64_t done = gzip_ == nullptr ? taken() : static_cast<std::uint64_t>(read);
  const std::uint64_t now = size();
  return now > done && read >= 0 ? now - done : 0;
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

FileHead FollowedFile::read_gzip_head() const {
  // A duplicate of the descriptor would share its place in the file.
  const std::string self = "/proc/self/fd/" + std::to_string(file_);
  gzFile other = ::gzopen(self.c_str(), "rbe");
  if (other == nullptr) {
    return {};
  }
  std::string head;
  std::string block(kSkip, '\0');
  while (head.size() < Fingerprint::kMost) {
    const int got = ::gzread(other, block.data(), static_cast<unsigned>(block.size()));
    if (got <= 0) {
      break;
    }
    std::string_view bytes(block.data(), static_cast<std::size_t>(got));
    if (head.empty()) {
      bytes.remove_prefix(std::min(bytes.find_first_not_of('\0'), bytes.size()));
    }
    head.append(bytes.substr(0, Fingerprint::kMost - head.size()));
  }
  ::gzclose(other);
  return FileHead(std::move(head));
}

FileHead FollowedFile::read_head() {
  if (gzip_ != nullptr) {
    return read_gzip_head();
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

FilePosition FollowedFile::position() const {
  const std::string_view last = cutter_.tail();
  const Fingerprint tail =
      cutter_.taken() == 0 ? before_begin_
                           : Fingerprint{static_cast<std::uint32_t>(last.size()), hash_of(last)};
  return {taken(), known(), tail, modified(), false, inode_, followed_};
}

bool FollowedFile::is_still_the_same() {
  if (gzip_ != nullptr) {
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

base::Result<FollowedFile::Read> FollowedFile::read_gzip(std::string& scratch) {
  // Little at once: what stands before a damage is lost with the block that it is in.
  const auto most = static_cast<unsigned>(std::min(scratch.size(), kGzipBlock));
  const int got = ::gzread(gzip_, scratch.data(), most);
  if (got > 0) {
    read_ += static_cast<std::uint64_t>(got);
    cutter_.feed(std::string_view(scratch).substr(0, static_cast<std::size_t>(got)));
    return Read::kSome;
  }
  int number = Z_OK;
  (void)::gzerror(gzip_, &number);
  // Where the end is missing it may still be written: more is read later.
  ends_early_ = number == Z_BUF_ERROR;
  ::gzclearerr(gzip_);
  if (number == Z_ERRNO) {
    return file_error("reading failed", path_);
  }
  if (number != Z_OK && number != Z_BUF_ERROR) {
    ends_early_ = true;
    return base::Error{"file_unreadable", "the compressed file is damaged", path_};
  }
  return Read::kEnd;
}

base::Result<FollowedFile::Read> FollowedFile::read_more(std::string& scratch) {
  if (gzip_ != nullptr) {
    return read_gzip(scratch);
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
  id_ = random_id();
}

}  // namespace tiercel::source
