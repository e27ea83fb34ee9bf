#pragma once

#include <filesystem>
#include <string>

#include <sched.h>
#include <sys/mount.h>

namespace tiercel::tests {

/// Small file systems of our own, in a mount namespace that ends with this process. Needs
/// CAP_SYS_ADMIN.
[[nodiscard]] inline bool enter_mount_namespace() {
  return ::unshare(CLONE_NEWNS) == 0 &&
         ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
}

[[nodiscard]] inline bool mount_memory(const std::string& folder, const char* options,
                                       unsigned long flags = 0) {
  std::filesystem::create_directories(folder);
  return ::mount("tmpfs", folder.c_str(), "tmpfs", flags, options) == 0;
}

}  // namespace tiercel::tests
