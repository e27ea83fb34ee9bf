#include "doctor_access.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

namespace tiercel::app {

namespace {

constexpr const char* kUnitUser = "tiercel";  // User= of packaging/systemd/tiercel.service
constexpr const char* kUnitGroup = "adm";     // its Group=
constexpr const char* kTopic = "permissions";
// Where systemd looks for what changes the unit, as read-root-only-log.conf does.
constexpr const char* kDropIns[] = {"/etc/systemd/system/tiercel.service.d",
                                    "/run/systemd/system/tiercel.service.d",
                                    "/usr/lib/systemd/system/tiercel.service.d"};

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

// Of `line`, not a comment: CapabilityBoundingSet= alone gives nothing to a user.
bool gives_capability(const std::string& line) {
  return line.starts_with("AmbientCapabilities=") &&
         (line.find("CAP_DAC_READ_SEARCH") != std::string::npos ||
          line.find("CAP_DAC_OVERRIDE") != std::string::npos);
}

// What besides modes decides whether `who` may, as a sentence; empty where nothing does.
std::string beside_modes(const std::optional<DaemonUser>& who, const std::string& path,
                         const std::string& problem, bool reads_only) {
  if (!who || who->user == 0) {
    return {};
  }
  const std::string by_modes =
      path + ": " + (problem.empty() ? std::string() : "by the modes " + problem + ", but ");
  if (const std::string listed = path_with_acl(path); !listed.empty()) {
    return by_modes + listed + " has an access control list (getfacl)";
  }
  return reads_only && who->reads_all && !problem.empty()
             ? by_modes + "a drop-in of the unit (systemctl cat tiercel) lets it read everything"
             : "";
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
  auto unit = unit_user(kUnitUser, kUnitGroup);
  if (unit) {
    unit->reads_all = gives_reading_all({std::begin(kDropIns), std::end(kDropIns)});
  }
  return unit;
}

std::optional<DaemonUser> unit_user(const std::string& user, const std::string& group) {
  const passwd* const known = ::getpwnam(user.c_str());
  if (known == nullptr) {
    return std::nullopt;
  }
  DaemonUser who;
  who.name = known->pw_name;
  who.user = known->pw_uid;
  const struct group* const of_unit = ::getgrnam(group.c_str());
  const gid_t first = of_unit == nullptr ? known->pw_gid : of_unit->gr_gid;
  constexpr int kMostGroups = 256;
  int count = kMostGroups;
  who.groups.resize(kMostGroups);
  if (::getgrouplist(who.name.c_str(), first, who.groups.data(), &count) < 0) {
    count = 0;
  }
  who.groups.resize(static_cast<std::size_t>(count));
  return who;
}

bool gives_reading_all(const std::vector<std::string>& folders) {
  for (const std::string& folder : folders) {
    std::error_code error;
    std::filesystem::directory_iterator entries(folder, error);
    while (!error && entries != std::filesystem::directory_iterator()) {
      std::ifstream in(entries->path());
      for (std::string line; entries->path().extension() == ".conf" && std::getline(in, line);) {
        if (gives_capability(line)) {
          return true;
        }
      }
      entries.increment(error);
    }
  }
  return false;
}

std::string path_with_acl(const std::string& path) {
  std::error_code error;
  std::filesystem::path one = std::filesystem::absolute(path, error);
  while (!error) {
    if (::getxattr(one.c_str(), "system.posix_acl_access", nullptr, 0) > 0) {
      return one.string();
    }
    if (one == one.parent_path()) {
      break;
    }
    one = one.parent_path();
  }
  return {};
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
  const std::string beside = beside_modes(who, path, problem, true);
  if (!beside.empty()) {
    findings.not_checked(topic, beside,
                         "`journalctl -u tiercel` says whether the daemon could read it");
  } else if (!problem.empty()) {
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
  const std::string beside = beside_modes(who, path, problem, false);
  if ((status.st_mode & S_IRWXO) != 0) {
    findings.warning(kTopic, "everybody on this host can look into " + path, "chmod o= " + path);
  }
  if (!problem.empty() && ::geteuid() != 0) {
    findings.not_checked(kTopic, path + ": " + problem, "run this as root");
  } else if (!problem.empty() && !beside.empty()) {
    findings.not_checked(kTopic, beside,
                         "`journalctl -u tiercel` says whether the daemon could write there");
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
  } else if (!beside.empty()) {
    findings.not_checked(kTopic, beside, "`getfacl " + path + "` says who else gets in");
  } else if ((status.st_mode & S_IRWXO) == 0) {
    findings.good(kTopic, path + " is private, and belongs to " + name_of(status.st_uid));
  }
}

}  // namespace tiercel::app
