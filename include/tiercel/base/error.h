#pragma once

#include <string>

#include <boost/system/result.hpp>

namespace tiercel::base {

/// What went wrong at run time: a stable lower-case code, a sentence for the
/// operator, and what it happened to (a path, a peer). Mistakes in config and
/// rules are `Diagnostic`s instead.
struct Error {
  std::string code;
  std::string message;
  std::string context;

  /// "message (context)", or the message alone.
  [[nodiscard]] std::string text() const {
    return context.empty() ? message : message + " (" + context + ")";
  }
};

/// Makes `result.value()` on a failed result throw; we never call it unchecked.
[[noreturn]] inline void throw_exception_from_error(const Error& error,
                                                    const boost::source_location& /*where*/) {
  throw std::runtime_error(error.text());
}

/// Either a value or an Error. `if (!result) return result.error();`
template <class T>
using Result = boost::system::result<T, Error>;

}  // namespace tiercel::base
