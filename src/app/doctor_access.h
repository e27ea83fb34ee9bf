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
  bool reads_all = false;  ///< the unit lets it read whatever the modes say
};
/// Run as root: the unit's user, where this host knows it. Otherwise whoever asks.
[[nodiscard]] std::optional<DaemonUser> daemon_user();
/// A unit's user as systemd makes it of User= and Group=: the group that /etc/passwd names is not
/// among its groups. Nothing where this host does not know the user.
[[nodiscard]] std::optional<DaemonUser> unit_user(const std::string& user,
                                                  const std::string& group);
/// Whether the unit gives a capability that goes past modes: the last of these files that is there,
/// or what changes it (*.conf) in the folders of the same names with .d.
[[nodiscard]] bool gives_reading_all(const std::vector<std::string>& units);

/// What a user may do with a file or folder.
struct Access {
  /// By the modes he may not: "the user tiercel cannot read it". Empty where he may, or where it is
  /// not there.
  std::string problem;
  /// Of it and the folders above, the one that has an access control list, by which modes alone do
  /// not tell; empty where there is none, or where another one keeps him out for certain.
  std::string listed;
};
/// `wanted` as for access(2).
[[nodiscard]] Access access_of(const DaemonUser& who, const std::string& path, int wanted);
/// What besides modes decides whether he may, as a sentence; empty where nothing does.
/// `reads_only`: nothing more than reading was asked for.
[[nodiscard]] std::string beside_modes(const std::optional<DaemonUser>& who,
                                       const std::string& path, const Access& access,
                                       bool reads_only);
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
