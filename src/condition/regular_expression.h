#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "tiercel/base/error.h"

namespace re2 {
class RE2;
}  // namespace re2

namespace tiercel::condition {

/// A regular expression in RE2's POSIX syntax that must match a whole value. `^` and
/// `$` match at line boundaries too, `.` matches no newline.
/// Immutable; any thread. Time is linear in the text.
class RegularExpression {
 public:
  [[nodiscard]] static base::Result<RegularExpression> make(std::string_view pattern);

  /// Invalid UTF-8 in the text counts as U+FFFD, one for each maximal invalid subpart.
  [[nodiscard]] bool matches(std::string_view text) const;

 private:
  explicit RegularExpression(std::shared_ptr<const re2::RE2> compiled);
  std::shared_ptr<const re2::RE2> compiled_;
};

}  // namespace tiercel::condition
