#pragma once

#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include "doctor.h"

namespace tiercel::app {

/// Whom the daemon runs as, as far as this host tells: root may do anything, so that what root
/// can read or write says nothing of the daemon.
struct DaemonUser {
  std::string name;
  uid_t user = 0;
  std::vector<gid_t> groups;
  bool reads_all = false;  ///< a drop-in of the unit lets it read whatever the modes say
};
/// Run as root: the unit's user, where this host knows it. Otherwise whoever asks.
[[nodiscard]] std::optional<DaemonUser> daemon_user();
/// A unit's user as systemd makes it of User= and Group=: the group that /etc/passwd names is not
/// among its groups. Nothing where this host does not know the user.
[[nodiscard]] std::optional<DaemonUser> unit_user(const std::string& user,
                                                  const std::string& group);
/// Whether a drop-in (*.conf) of one of the folders gives a capability that goes past modes.
[[nodiscard]] bool gives_reading_all(const std::vector<std::string>& folders);

/// What `who` may not do with this file or folder, or with a folder above it: "the user tiercel
/// cannot read it"; empty where it may, or where it is not there. `wanted` as for access(2).
[[nodiscard]] std::string access_problem(const DaemonUser& who, const std::string& path,
                                         int wanted);
/// The file or folder, or the first one above it, that has an access control list, by which modes
/// alone do not tell who may; empty where there is none.
[[nodiscard]] std::string path_with_acl(const std::string& path);
/// A file within the folder that belongs to somebody else than the folder does, as a daemon that
/// was once started as root leaves it; empty where there is none.
[[nodiscard]] std::string foreign_file_in(const std::string& folder);

/// Whether the daemon can read a key or token, and nobody else can.
void examine_secret(const std::string& topic, const std::string& path,
                    const std::optional<DaemonUser>& who, Findings& findings);
/// Whether the daemon can write into a folder, and nobody else can look into it.
void examine_folder(const std::string& path, const std::string& option,
                    const std::optional<DaemonUser>& who, Findings& findings);

}  // namespace tiercel::app
