#pragma once

#include <string>

#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <unistd.h>

namespace tiercel::source {

/// What root may read says nothing about what the daemon's user may: for as long as it lives
/// the test runs as one who may not, and owns the folder.
class AsNobody {
 public:
  explicit AsNobody(const std::string& folder) {
    if (::geteuid() == 0) {
      has_changed_ =
          ::chown(folder.c_str(), kNobody, kNobody) == 0 && ::setresuid(kNobody, kNobody, 0) == 0;
      ::prctl(PR_SET_DUMPABLE, 1);  // what /proc says of the test stays its own to read
    }
  }
  ~AsNobody() {
    if (has_changed_) {
      EXPECT_EQ(::setresuid(0, 0, 0), 0);
    }
  }
  AsNobody(const AsNobody&) = delete;
  AsNobody& operator=(const AsNobody&) = delete;
  [[nodiscard]] static bool is_root() { return ::geteuid() == 0; }

 private:
  static constexpr uid_t kNobody = 65534;
  bool has_changed_ = false;
};

}  // namespace tiercel::source
