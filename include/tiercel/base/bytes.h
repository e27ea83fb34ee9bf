#pragma once

#include <memory>
#include <utility>
#include <vector>

namespace tiercel::base {

/// Leaves what a container makes room for as it is, where nothing is given to put there.
template <class T>
class Uninitialised : public std::allocator<T> {
 public:
  template <class U>
  struct rebind {
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

}  // namespace tiercel::base
