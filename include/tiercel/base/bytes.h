#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

namespace tiercel::base {

/// Leaves what a container makes room for as it is, where nothing is given to put there.
template <class T>
class Uninitialised : public std::allocator<T> {
 public:
  template <class U>
  struct rebind {  // NOLINT(readability-identifier-naming): the standard's name
    using other = Uninitialised<U>;
  };
  template <class U, class... Arguments>
  void construct(U* where, Arguments&&... arguments) {
    if constexpr (sizeof...(Arguments) == 0) {
      ::new (static_cast<void*>(where)) U;
    } else {
      ::new (static_cast<void*>(where)) U(std::forward<Arguments>(arguments)...);
    }
  }
};

/// Memory to read into: what resize() adds is not written to, so that a megabyte of body is
/// touched once. REQUIRES: whoever resizes writes before anybody reads.
using Bytes = std::vector<char, Uninitialised<char>>;

/// Its own insert() would call construct() for each byte.
inline void append(Bytes& to, std::string_view text) {
  const std::size_t size = to.size();
  to.resize(size + text.size());
  if (!text.empty()) {
    std::memcpy(to.data() + size, text.data(), text.size());
  }
}

}  // namespace tiercel::base
