#include "disk.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "database.h"
#include "schema.h"

namespace tiercel::store {

namespace {

constexpr mode_t kFolderMode = 0700;
constexpr mode_t kFileMode = 0600;

base::Error system_failure(int number, const std::string& doing, const std::string& path) {
  std::string_view code = fault::kIo;
  const char* advice = "check the kernel's log for errors of the disk";
  if (number == ENOSPC || number == EDQUOT || number == EFBIG) {
    code = fault::kFull;
    advice = "free disk space or raise the quota";
  } else if (number == EROFS || number == EACCES || number == EPERM) {
    code = fault::kReadOnly;
    advice = "check owner and mode, and whether the file system was mounted read-only";
  } else if (number == ENOENT || number == ENOTDIR) {
    code = fault::kMissing;
    advice = "check that every folder of the path is there and is a folder";
  }
  return {std::string(code), doing + " failed: " + std::strerror(number) + "; " + advice, path};
}

std::uint32_t big_endian(const unsigned char* bytes) {
  return (std::uint32_t{bytes[0]} << 24U) | (std::uint32_t{bytes[1]} << 16U) |
         (std::uint32_t{bytes[2]} << 8U) | bytes[3];
}

}  // namespace

std::optional<FileIdentity> file_identity(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) {
    return std::nullopt;
  }
  return FileIdentity{status.st_dev, status.st_ino};
}

std::optional<FileState> file_state(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) {
    return std::nullopt;
  }
  return FileState{{status.st_dev, status.st_ino},
                   status.st_size,
                   std::int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec};
}

std::uint64_t file_size(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 ? static_cast<std::uint64_t>(status.st_size) : 0;
}

std::uint64_t segment_bytes(const std::string& path) {
  return file_size(path) + file_size(path + "-wal");
}

base::Result<SegmentHeader> read_segment_header(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) {
    return system_failure(errno, "opening a segment of the alert store", path);
  }
  std::array<unsigned char, 100> bytes{};
  const ssize_t count = ::pread(file, bytes.data(), bytes.size(), 0);
  const int number = errno;
  ::close(file);
  if (count < 0) {
    return system_failure(number, "reading a segment of the alert store", path);
  }
  constexpr std::string_view kMagic("SQLite format 3\0", 16);
  SegmentHeader header;
  header.is_ours = count == static_cast<ssize_t>(bytes.size()) &&
                   std::memcmp(bytes.data(), kMagic.data(), kMagic.size()) == 0 &&
                   big_endian(bytes.data() + 68) == kApplicationId;
  header.version = big_endian(bytes.data() + 60);
  return header;
}

base::Result<void> make_folders(const std::string& path, const std::string& alerts) {
  for (const std::string& folder : {path, alerts}) {
    if (::mkdir(folder.c_str(), kFolderMode) == 0) {
      const std::string parent = std::filesystem::path(folder).parent_path().string();
      if (auto synced = sync_folder(parent.empty() ? "." : parent); !synced) {
        return synced.error();
      }
    } else if (errno != EEXIST) {
      return system_failure(errno, "making the folder of the alert store", folder);
    }
  }
  struct stat status {};
  if (::stat(alerts.c_str(), &status) == 0 && !S_ISDIR(status.st_mode)) {
    return system_failure(ENOTDIR, "using the folder of the alert store", alerts);
  }
  return {};
}

bool is_open_to_others(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && (status.st_mode & (S_IRWXG | S_IRWXO)) != 0;
}

base::Result<void> make_empty_file(const std::string& path) {
  ::unlink(path.c_str());
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kFileMode);
  if (file < 0) {
    return system_failure(errno, "making a segment of the alert store", path);
  }
  ::close(file);
  return {};
}

base::Result<void> sync_folder(const std::string& folder) {
  const int file = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (file < 0) {
    return system_failure(errno, "opening the folder of the alert store", folder);
  }
  const int synced = ::fsync(file);
  const int number = errno;
  ::close(file);
  // Some file systems have nothing to sync for a folder and say so.
  if (synced != 0 && number != EINVAL && number != EROFS) {
    return system_failure(number, "syncing the folder of the alert store", folder);
  }
  return {};
}

base::Result<void> rename_file(const std::string& from, const std::string& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) {
    return system_failure(errno, "renaming a segment of the alert store", from);
  }
  return {};
}

void remove_segment(const std::string& path) {
  ::unlink(path.c_str());
  ::unlink((path + "-wal").c_str());
  ::unlink((path + "-shm").c_str());
}

bool set_aside(const std::string& folder, const std::string& name) {
  const std::string from = folder + "/" + name;
  const std::string to = folder + "/" + std::string(kDamagedPrefix) + name;
  const bool moved = ::rename(from.c_str(), to.c_str()) == 0 || errno == ENOENT;
  if (moved && file_size(from + "-wal") > 0) {
    ::rename((from + "-wal").c_str(), (to + "-wal").c_str());
  }
  ::unlink((from + "-wal").c_str());
  ::unlink((from + "-shm").c_str());
  static_cast<void>(sync_folder(folder));
  return moved;
}

base::Result<std::vector<std::string>> list_folder(const std::string& folder) {
  std::vector<std::string> names;
  std::error_code failed;
  for (std::filesystem::directory_iterator entry(folder, failed), end; !failed && entry != end;
       entry.increment(failed)) {
    names.push_back(entry->path().filename().string());
  }
  if (failed) {
    return system_failure(failed.value(), "listing the folder of the alert store", folder);
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::optional<DiskSpace> disk_space(const std::string& folder) {
  struct statvfs status {};
  if (::statvfs(folder.c_str(), &status) != 0) {
    return std::nullopt;
  }
  return DiskSpace{std::uint64_t{status.f_bavail} * status.f_frsize,
                   std::uint64_t{status.f_blocks} * status.f_frsize};
}

std::string bytes_text(std::uint64_t bytes) {
  constexpr std::array<const char*, 5> kUnits{"B", "KiB", "MiB", "GiB", "TiB"};
  auto value = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (value >= 1024 && unit + 1 < kUnits.size()) {
    value /= 1024;
    ++unit;
  }
  std::array<char, 32> text{};
  const int length = std::snprintf(text.data(), text.size(), unit == 0 ? "%.0f %s" : "%.1f %s",
                                   value, kUnits[unit]);
  return {text.data(), static_cast<std::size_t>(length)};
}

}  // namespace tiercel::store
