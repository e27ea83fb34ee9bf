#include "forgetful_file.h"

#include <algorithm>
#include <cstring>
#include <iterator>

#include <sys/stat.h>
#include <unistd.h>

namespace tiercel::support {

namespace {

bool write_all(int descriptor, const char* from, std::int64_t count, std::int64_t offset) {
  while (count > 0) {
    const ssize_t written = ::pwrite(descriptor, from, static_cast<std::size_t>(count), offset);
    if (written <= 0) {
      return false;
    }
    from += written;
    count -= written;
    offset += written;
  }
  return true;
}

}  // namespace

ForgetfulFile::ForgetfulFile(std::string path, int descriptor)
    : path_(std::move(path)), descriptor_(descriptor) {
  struct stat status {};
  if (::fstat(descriptor, &status) == 0) {
    size_ = status.st_size;
    valid_ = status.st_size;
  }
}

ForgetfulFile::~ForgetfulFile() {
  if (descriptor_ >= 0) {
    ::close(descriptor_);
  }
}

bool ForgetfulFile::load(Bytes block, Block& bytes) const {
  bytes.fill('\0');
  const Bytes from = block * kBlock;
  Bytes rest = std::min(kBlock, valid_ - from);
  for (char* to = bytes.data(); rest > 0;) {
    const ssize_t got =
        ::pread(descriptor_, to, static_cast<std::size_t>(rest), from + (to - bytes.data()));
    if (got <= 0) {
      return got == 0;
    }
    to += got;
    rest -= got;
  }
  return true;
}

ForgetfulFile::Bytes ForgetfulFile::read(char* to, Bytes count, Bytes offset) const {
  const Bytes end = std::min(offset + count, size_);
  Block scratch;
  for (Bytes at = offset; at < end;) {
    const Bytes block = at / kBlock;
    const auto found = blocks_.find(block);
    if (found == blocks_.end() && !load(block, scratch)) {
      return -1;
    }
    const Block& bytes = found == blocks_.end() ? scratch : found->second;
    const Bytes length = std::min(end, (block + 1) * kBlock) - at;
    std::memcpy(to + (at - offset), bytes.data() + at % kBlock, static_cast<std::size_t>(length));
    at += length;
  }
  return std::max<Bytes>(end - offset, 0);
}

bool ForgetfulFile::write(const char* from, Bytes count, Bytes offset) {
  const Bytes end = offset + count;
  for (Bytes at = offset; at < end;) {
    const Bytes block = at / kBlock;
    auto found = blocks_.find(block);
    if (found == blocks_.end()) {
      Block bytes;
      if (!load(block, bytes)) {
        return false;
      }
      found = blocks_.emplace(block, bytes).first;
    }
    const Bytes length = std::min(end, (block + 1) * kBlock) - at;
    std::memcpy(found->second.data() + at % kBlock, from + (at - offset),
                static_cast<std::size_t>(length));
    at += length;
  }
  size_ = std::max(size_, end);
  return true;
}

void ForgetfulFile::truncate(Bytes size) {
  if (size >= size_) {
    return;
  }
  size_ = size;
  valid_ = std::min(valid_, size);
  is_resized_ = true;
  blocks_.erase(blocks_.upper_bound((size - 1) / kBlock), blocks_.end());
  // What is written behind the new end must find zeros before it.
  if (const auto last = blocks_.find(size / kBlock); last != blocks_.end()) {
    std::fill(last->second.begin() + size % kBlock, last->second.end(), '\0');
  }
  if (size == 0) {
    blocks_.clear();
  }
}

bool ForgetfulFile::flush() {
  if (is_resized_ && ::ftruncate(descriptor_, valid_) != 0) {
    return false;
  }
  for (const auto& [block, bytes] : blocks_) {
    const Bytes from = block * kBlock;
    if (!write_all(descriptor_, bytes.data(), std::min(kBlock, size_ - from), from)) {
      return false;
    }
  }
  blocks_.clear();
  is_resized_ = false;
  valid_ = size_;
  return true;
}

void ForgetfulFile::scatter(std::mt19937& random) {
  if (is_resized_ && blocks_.empty()) {
    // The end is as good as any other part of a file to reach the disk first.
    is_resized_ = ::ftruncate(descriptor_, valid_) != 0;
    return;
  }
  if (blocks_.empty()) {
    return;
  }
  const auto chosen =
      std::next(blocks_.begin(), static_cast<std::ptrdiff_t>(random() % blocks_.size()));
  const Bytes from = static_cast<Bytes>(random() % (kBlock / kSector)) * kSector;
  const Bytes length = static_cast<Bytes>(1 + random() % (kBlock / kSector)) * kSector;
  const Bytes start = chosen->first * kBlock;
  const Bytes end = std::min({from + length, kBlock, size_ - start});
  if (from < end) {
    static_cast<void>(
        write_all(descriptor_, chosen->second.data() + from, end - from, start + from));
  }
}

}  // namespace tiercel::support
