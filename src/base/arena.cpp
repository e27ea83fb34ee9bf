#include "tiercel/base/arena.h"

#include <algorithm>
#include <cstring>

namespace tiercel::base {

namespace {
constexpr std::size_t kFirstBlock = std::size_t{64} << 10U;
}  // namespace

std::byte* Arena::allocate_slow(std::size_t size) {
  // The next kept block that is large enough; blocks passed over stay for the next event.
  std::size_t at = blocks_.empty() || next_ == nullptr ? 0 : current_ + 1;
  while (at < blocks_.size() && blocks_[at].size < size) {
    ++at;
  }
  if (at >= blocks_.size()) {
    const std::size_t last = blocks_.empty() ? 0 : blocks_.back().size;
    const std::size_t wanted = std::max({size, kFirstBlock, last * 2});
    // Default-initialised: the bytes are written before they are read.
    blocks_.push_back({std::unique_ptr<std::byte[]>(new std::byte[wanted]), wanted});
    capacity_ += wanted;
    at = blocks_.size() - 1;
  }
  current_ = at;
  std::byte* const place = blocks_[at].bytes.get();
  next_ = place + size;
  left_ = blocks_[at].size - size;
  return place;
}

std::span<const std::string_view> Arena::copy(std::span<const std::string_view> views) {
  if (views.empty()) {
    return {};
  }
  std::byte* const place = allocate(views.size_bytes());
  std::memcpy(place, views.data(), views.size_bytes());
  return {reinterpret_cast<const std::string_view*>(place), views.size()};
}

std::string_view Arena::copy(std::string_view text) {
  char* const place = allocate_text(text.size());
  std::copy(text.begin(), text.end(), place);
  return {place, text.size()};
}

void Arena::reset(std::size_t keep) {
  if (capacity_ > keep) {
    while (!blocks_.empty() && capacity_ > keep) {
      capacity_ -= blocks_.back().size;
      blocks_.pop_back();
    }
  }
  current_ = 0;
  if (blocks_.empty()) {
    next_ = nullptr;
    left_ = 0;
  } else {
    next_ = blocks_.front().bytes.get();
    left_ = blocks_.front().size;
  }
}

}  // namespace tiercel::base
