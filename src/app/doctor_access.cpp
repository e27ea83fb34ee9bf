#include "doctor_access.h"

#include <algorithm>
#include <filesystem>

#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

namespace tiercel::app {

namespace {

constexpr const char* kUnitUser = "tiercel";  // User= of packaging/systemd/tiercel.service
constexpr const char* kUnitGroup = "adm";     // its Group=
constexpr const char* kTopic = "permissions";

bool has_modes(const struct stat& status, const DaemonUser& who, int wanted) {
  if (who.user == 0) {
    return true;
  }
  const auto bits = static_cast<mode_t>(wanted & (R_OK | W_OK | X_OK));
  if (status.st_uid == who.user) {
    return (status.st_mode >> 6U & bits) == bits;
  }
  if (std::find(who.groups.begin(), who.groups.end(), status.st_gid) != who.groups.end()) {
    return (status.st_mode >> 3U & bits) == bits;
  }
  return (status.st_mode & bits) == bits;
}

std::string name_of(uid_t user) {
  const passwd* const known = ::getpwuid(user);
  return known == nullptr ? std::to_string(user) : known->pw_name;
}

}  // namespace

std::optional<DaemonUser> daemon_user() {
  DaemonUser who;
  if (::geteuid() != 0) {
    who.name = name_of(::geteuid());
    who.user = ::geteuid();
    who.groups.resize(static_cast<std::size_t>(std::max(::getgroups(0, nullptr), 0)));
    if (::getgroups(static_cast<int>(who.groups.size()), who.groups.data()) < 0) {
      who.groups.clear();
    }
    who.groups.push_back(::getegid());
    return who;
  }
  const passwd* const unit = ::getpwnam(kUnitUser);
  if (unit == nullptr) {
    return std::nullopt;
  }
  who.name = unit->pw_name;
  who.user = unit->pw_uid;
  constexpr int kMostGroups = 256;
  int count = kMostGroups;
  who.groups.resize(kMostGroups);
  if (::getgrouplist(unit->pw_name, unit->pw_gid, who.groups.data(), &count) < 0) {
    count = 0;
  }
  who.groups.resize(static_cast<std::size_t>(count));
  if (const group* const of_unit = ::getgrnam(kUnitGroup)) {
    who.groups.push_back(of_unit->gr_gid);
  }
  return who;
}

std::string access_problem(const DaemonUser& who, const std::string& path, int wanted) {
  namespace fs = std::filesystem;
  struct stat status {};
  std::error_code error;
  const fs::path whole = fs::absolute(path, error);
  for (fs::path above = whole.parent_path(); !error; above = above.parent_path()) {
    if (::stat(above.c_str(), &status) == 0 && !has_modes(status, who, X_OK)) {
      return "the user " + who.name + " does not get into " + above.string();
    }
    if (above == above.parent_path()) {
      break;
    }
  }
  if (::stat(path.c_str(), &status) != 0 || has_modes(status, who, wanted)) {
    return {};
  }
  return "the user " + who.name + " cannot " + ((wanted & W_OK) != 0 ? "write" : "read") +
         " it (it belongs to " + name_of(status.st_uid) + ")";
}

std::string foreign_file_in(const std::string& folder) {
  constexpr int kMostLooked = 10'000;
  struct stat of_folder {};
  std::error_code error;
  std::filesystem::directory_iterator entries(folder, error);
  if (error || ::stat(folder.c_str(), &of_folder) != 0) {
    return {};
  }
  for (int looked = 0; entries != std::filesystem::directory_iterator() && looked < kMostLooked;
       ++looked) {
    struct stat status {};
    const std::string path = entries->path().string();
    // Folders have limits of their own, and a file system has its lost+found.
    if (::lstat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) &&
        status.st_uid != of_folder.st_uid) {
      return path;
    }
    entries.increment(error);
    if (error) {
      break;
    }
  }
  return {};
}

void examine_secret(const std::string& topic, const std::string& path,
                    const std::optional<DaemonUser>& who, Findings& findings) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) {
    return;  // whoever reads it says so
  }
  if ((status.st_mode & S_IRWXO) != 0) {
    findings.warning(topic, "everybody on this host can read " + path,
                     "chown root:adm, chmod 0640 (the unit's group)");
  }
  const std::string problem = who ? access_problem(*who, path, R_OK) : std::string();
  if (!problem.empty()) {
    findings.error(topic, path + ": " + problem,
                   "chown root:adm, chmod 0640 (the unit's group), and o+x or g+x on the folders "
                   "above it");
  }
}

void examine_folder(const std::string& path, const std::string& option,
                    const std::optional<DaemonUser>& who, Findings& findings) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) {
    findings.not_checked(kTopic, option + " " + path + " is not there, or not for this user",
                         "the daemon makes it when it starts; run this as root");
    return;
  }
  if (!S_ISDIR(status.st_mode)) {
    findings.error(kTopic, option + " " + path + " is no folder", "move it away");
    return;
  }
  const std::string problem = who ? access_problem(*who, path, R_OK | W_OK | X_OK) : std::string();
  const std::string foreign = foreign_file_in(path);
  if ((status.st_mode & S_IRWXO) != 0) {
    findings.warning(kTopic, "everybody on this host can look into " + path, "chmod o= " + path);
  }
  if (!problem.empty() && ::geteuid() != 0) {
    findings.not_checked(kTopic, path + ": " + problem, "run this as root");
  } else if (!problem.empty()) {
    findings.error(kTopic, path + ": " + problem,
                   "chown -R " + who->name + " " + path + ", where the unit is what runs here");
  } else if (!foreign.empty()) {
    findings.error(kTopic,
                   foreign + " does not belong to " + name_of(status.st_uid) +
                       ", whose the folder is: the daemon may not be able to write it",
                   "was it once started as root? chown -R --reference=" + path + " " + path);
  } else if (::access(path.c_str(), R_OK | W_OK | X_OK) != 0) {
    findings.error(kTopic, path + " cannot be written", "is its file system mounted read-only?");
  } else if ((status.st_mode & S_IRWXO) == 0) {
    findings.good(kTopic, path + " is private, and belongs to " + name_of(status.st_uid));
  }
}

}  // namespace tiercel::app
