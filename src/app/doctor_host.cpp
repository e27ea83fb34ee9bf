#include <algorithm>
#include <filesystem>
#include <optional>

#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>

#include "tiercel/base/units.h"
#include "tiercel/store/folder.h"
#include "tiercel/store/store.h"

#include "doctor.h"
#include "doctor_access.h"
#include "doctor_clock.h"

namespace tiercel::app {

namespace {

std::optional<dev_t> device_of(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 ? std::optional<dev_t>(status.st_dev) : std::nullopt;
}

// The disk a partition is on, as /sys names it; empty where that cannot be told (tmpfs, overlay).
std::string disk_of(dev_t device) {
  std::error_code error;
  const std::string link =
      "/sys/dev/block/" + std::to_string(major(device)) + ":" + std::to_string(minor(device));
  std::filesystem::path real = std::filesystem::canonical(link, error);
  if (error) {
    return {};
  }
  return std::filesystem::exists(real / "partition", error) ? real.parent_path().string()
                                                            : real.string();
}

void examine_etcd(const std::string& store, const std::string& etcd, Findings& findings) {
  const auto of_etcd = device_of(etcd);
  const auto of_store = device_of(store);
  if (!of_etcd || !of_store) {
    findings.not_checked("etcd", (of_etcd ? store : etcd) + " cannot be looked at",
                         of_etcd
                             ? "start the daemon once, which makes it"
                             : "name etcd's data folder with --etcd; none on this host is fine");
    return;
  }
  const std::string disk = disk_of(*of_etcd);
  const bool is_same = *of_etcd == *of_store || (!disk.empty() && disk == disk_of(*of_store));
  if (is_same) {
    findings.warning("etcd", store + " and " + etcd + " are on one device",
                     "put store.path on another: etcd waits for each write of its log, and the "
                     "store writes too. Until then watch etcd_disk_wal_fsync_duration_seconds; "
                     "the unit's IOWeight gives way");
  } else {
    findings.good("etcd", store + " and " + etcd + " are on two devices");
  }
}

std::uint64_t bytes_in(const std::filesystem::path& folder) {
  std::uint64_t bytes = 0;
  std::error_code error;
  std::filesystem::directory_iterator entries(folder, error);
  while (!error && entries != std::filesystem::directory_iterator()) {
    std::error_code gone;  // a segment that is dropped meanwhile
    const bool is_file = entries->is_regular_file(gone);
    const std::uintmax_t size = is_file ? entries->file_size(gone) : 0;
    bytes += gone ? 0 : size;
    entries.increment(error);
  }
  return bytes;
}

void examine_disk(const config::StoreSettings& store, Findings& findings) {
  struct statvfs disk {};
  if (::statvfs(store.path.c_str(), &disk) != 0) {
    findings.not_checked("disk", store.path + " is not there", "start the daemon once");
    return;
  }
  const std::uint64_t free = disk.f_bavail * disk.f_frsize;
  const std::uint64_t all = disk.f_blocks * disk.f_frsize;
  const std::uint64_t used = bytes_in(std::filesystem::path(store.path) / store::kFolderName);
  const std::uint64_t growth = store.max_size.bytes - std::min(used, store.max_size.bytes);
  const std::uint64_t wanted = store::least_free(store.min_free.bytes, store.min_free_percent, all);
  const auto gib = [](std::uint64_t bytes) {
    return std::to_string(bytes >> 30U) + "." + std::to_string((bytes >> 20U) % 1024 * 10 / 1024) +
           " GiB";
  };
  const std::string what = gib(free) + " of " + gib(all) + " free under " + store.path;
  if (free < wanted) {
    findings.error("disk", what + ": the store does not grow",
                   "free some, or lower store.min_free and min_free_percent");
  } else if (free < wanted + growth) {
    findings.warning("disk",
                     what + ", of which " + gib(wanted) + " must stay: too little for the " +
                         gib(growth) + " that the store may still grow by",
                     "free some, or lower store.max_size");
  } else {
    findings.good("disk", what);
  }
}

}  // namespace

void examine_host(const config::Settings& settings, const std::string& etcd, Findings& findings) {
  examine_clock(kernel_clock(), findings);
  const std::optional<DaemonUser> who = daemon_user();
  examine_folder(settings.store.path, "store.path", who, findings);
  examine_folder(settings.quarantine.path, "quarantine.path", who, findings);
  examine_disk(settings.store, findings);
  examine_etcd(settings.store.path, etcd, findings);
}

}  // namespace tiercel::app
