#include "doctor_access.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <string_view>

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
// Where systemd looks for the unit, and in its .d for what changes it, as read-root-only-log.conf
// does; the later goes before.
constexpr const char* kUnits[] = {"/usr/lib/systemd/system/tiercel.service",
                                  "/run/systemd/system/tiercel.service",
                                  "/etc/systemd/system/tiercel.service"};

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

std::string_view trimmed(std::string_view text) {
  constexpr const char* kBlanks = " \t\r";
  text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
  return text.substr(0, text.find_last_not_of(kBlanks) + 1);
}

// What a unit's file says of AmbientCapabilities=, as systemd reads it: an empty one takes back
// what was given before. CapabilityBoundingSet= alone gives nothing to a user.
void read_capabilities(const std::filesystem::path& file, bool& reads_all) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    const std::size_t end = line.find('=');
    if (end == std::string::npos ||
        trimmed(std::string_view(line).substr(0, end)) != "AmbientCapabilities") {
      continue;
    }
    const std::string_view value = trimmed(std::string_view(line).substr(end + 1));
    reads_all = !value.empty() &&
                (reads_all || value.find("CAP_DAC_READ_SEARCH") != std::string_view::npos ||
                 value.find("CAP_DAC_OVERRIDE") != std::string_view::npos);
  }
}

bool has_acl(const std::filesystem::path& path) {
  return ::getxattr(path.c_str(), "system.posix_acl_access", nullptr, 0) > 0;
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
    unit->reads_all = gives_reading_all({std::begin(kUnits), std::end(kUnits)});
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

bool gives_reading_all(const std::vector<std::string>& units) {
  namespace fs = std::filesystem;
  bool reads_all = false;
  // By name, where one of the same name goes before that of another folder.
  std::map<std::string, fs::path> drop_ins;
  std::error_code error;
  std::string whole;
  for (const std::string& unit : units) {
    whole = fs::exists(unit, error) ? unit : whole;
    fs::directory_iterator entries(unit + ".d", error);
    for (; !error && entries != fs::directory_iterator(); entries.increment(error)) {
      if (entries->path().extension() == ".conf") {
        drop_ins[entries->path().filename().string()] = entries->path();
      }
    }
  }
  read_capabilities(whole, reads_all);
  for (const auto& [name, path] : drop_ins) {
    read_capabilities(path, reads_all);
  }
  return reads_all;
}

Access access_of(const DaemonUser& who, const std::string& path, int wanted) {
  namespace fs = std::filesystem;
  Access in_doubt;
  std::error_code error;
  const fs::path whole = fs::absolute(path, error);
  // Whether that is all there is to say: no list lets the daemon past a part without one.
  const auto is_closed = [&](const fs::path& part, int asked, const auto& problem) {
    struct stat status {};
    if (error || ::stat(part.c_str(), &status) != 0) {
      return false;
    }
    const bool may = has_modes(status, who, asked);
    if (!may && !has_acl(part)) {
      in_doubt = {problem(status), {}};
      return true;
    }
    if (in_doubt.listed.empty() && has_acl(part)) {
      in_doubt = {may ? std::string() : problem(status), part.string()};
    }
    return false;
  };
  for (fs::path above = whole.parent_path();; above = above.parent_path()) {
    if (is_closed(above, X_OK, [&](const struct stat&) {
          return "the user " + who.name + " does not get into " + above.string();
        })) {
      return in_doubt;
    }
    if (above == above.parent_path()) {
      break;
    }
  }
  (void)is_closed(whole, wanted, [&](const struct stat& status) {
    return "the user " + who.name + " cannot " + ((wanted & W_OK) != 0 ? "write" : "read") +
           " it (it belongs to " + name_of(status.st_uid) + ")";
  });
  return in_doubt;
}

std::string beside_modes(const std::optional<DaemonUser>& who, const std::string& path,
                         const Access& access, bool reads_only) {
  if (!who || who->user == 0) {
    return {};
  }
  const std::string by_modes =
      path + ": " +
      (access.problem.empty() ? std::string() : "by the modes " + access.problem + ", but ");
  if (!access.listed.empty()) {
    return by_modes + access.listed + " has an access control list (getfacl)";
  }
  return reads_only && who->reads_all && !access.problem.empty()
             ? by_modes + "the unit (systemctl cat tiercel) lets it read everything"
             : "";
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
    std::string path = entries->path().string();
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
  const Access access = who ? access_of(*who, path, R_OK) : Access{};
  const std::string& problem = access.problem;
  const std::string beside = beside_modes(who, path, access, true);
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
  const Access access = who ? access_of(*who, path, R_OK | W_OK | X_OK) : Access{};
  const std::string& problem = access.problem;
  const std::string foreign = foreign_file_in(path);
  const std::string beside = beside_modes(who, path, access, false);
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
