#include "doctor_access.h"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <string_view>

#include <grp.h>
#include <gtest/gtest.h>
#include <pwd.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "temp_dir.h"

namespace tiercel::app {
namespace {

class DoctorAccess : public testing::Test {
 protected:
  DoctorAccess() { ::chmod(folder_.path().c_str(), 0755); }

  std::string file(const std::string& name, mode_t mode) {
    const std::string path = folder_.write(name, "a line");
    ::chmod(path.c_str(), mode);
    return path;
  }
  static std::string text(const Findings& findings) {
    std::string all;
    for (const Finding& one : findings.list()) {
      all += (one.state == Finding::State::kGood      ? "good: "
              : one.state == Finding::State::kWarning ? "warning: "
              : one.state == Finding::State::kError   ? "error: "
                                                      : "not checked: ") +
             one.what + "\n";
    }
    return all;
  }
  std::string secret(const std::string& path) {
    Findings findings;
    examine_secret("key", path, stranger_, findings);
    return text(findings);
  }

  // What `setfacl -m u:USER:r` writes; false where the file system has no such lists.
  static bool let_read(const std::string& path, uid_t user) {
    struct Entry {
      std::uint16_t tag;
      std::uint16_t modes;
      std::uint32_t id;
    };
    struct {
      std::uint32_t version = 2;
      Entry entries[5];
    } list;
    constexpr auto kNobody = static_cast<std::uint32_t>(-1);
    const Entry all[] = {{0x01, 6, kNobody},  // owner, user, group, mask, others
                         {0x02, 4, user},
                         {0x04, 0, kNobody},
                         {0x10, 4, kNobody},
                         {0x20, 0, kNobody}};
    std::copy(std::begin(all), std::end(all), std::begin(list.entries));
    return ::setxattr(path.c_str(), "system.posix_acl_access", &list, sizeof list, 0) == 0;
  }

  support::TempDir folder_;
  // Whom files of this test do not belong to.
  const DaemonUser stranger_{"stranger", ::geteuid() + 1, {::getegid() + 1}};
  const DaemonUser member_{"member", ::geteuid() + 1, {::getegid()}};
  const DaemonUser owner_{"owner", ::geteuid(), {}};
};

TEST_F(DoctorAccess, GoesByOwnerGroupAndMode) {
  const std::string path = file("file", 0640);
  EXPECT_EQ(access_of(owner_, path, R_OK | W_OK).problem, "");
  EXPECT_EQ(access_of(member_, path, R_OK).problem, "");
  EXPECT_EQ(access_of({"root", 0, {}}, path, R_OK | W_OK).problem, "");
  EXPECT_TRUE(
      access_of(member_, path, W_OK).problem.starts_with("the user member cannot write it"));
  EXPECT_TRUE(
      access_of(stranger_, path, R_OK).problem.starts_with("the user stranger cannot read"));
  EXPECT_EQ(access_of(stranger_, file("open", 0644), R_OK).problem, "");
  EXPECT_EQ(access_of(stranger_, folder_.path("none"), R_OK).problem, "");
}

TEST_F(DoctorAccess, AFolderAboveCanBeInTheWay) {
  std::filesystem::create_directory(folder_.path("closed"));
  const std::string path = file("closed/file", 0644);
  ::chmod(folder_.path("closed").c_str(), 0700);
  EXPECT_EQ(access_of(stranger_, path, R_OK).problem,
            "the user stranger does not get into " + folder_.path("closed"));
}

// As root everything can be read: what counts is whom it belongs to.
TEST_F(DoctorAccess, ASecretIsForTheDaemonAlone) {
  EXPECT_NE(secret(file("key", 0600))
                .find("error: " + folder_.path("key") + ": the user stranger cannot read it"),
            std::string::npos);
  EXPECT_EQ(secret(file("key", 0644)),
            "warning: everybody on this host can read " + folder_.path("key") + "\n");
}

// systemd calls initgroups() with the unit's group: whom /etc/passwd names as his own is not one.
TEST_F(DoctorAccess, TheUnitsUserHasItsGroupsAlone) {
  const passwd* const user = ::getpwuid(::geteuid());
  ASSERT_NE(user, nullptr);
  const std::string name = user->pw_name;
  const gid_t own = user->pw_gid;
  std::vector<gid_t> wanted;
  std::string group;  // any but its own
  ::setgrent();
  while (const struct group* const one = ::getgrent()) {
    bool is_member = false;
    for (char** member = one->gr_mem; *member != nullptr; ++member) {
      is_member = is_member || name == *member;
    }
    if (is_member) {
      wanted.push_back(one->gr_gid);
    } else if (group.empty() && one->gr_gid != own) {
      group = one->gr_name;
      wanted.push_back(one->gr_gid);
    }
  }
  ::endgrent();
  ASSERT_FALSE(group.empty());
  const auto who = unit_user(name, group);
  ASSERT_TRUE(who);
  EXPECT_EQ(who->name, name);
  EXPECT_EQ(who->user, ::geteuid());
  std::vector<gid_t> groups = who->groups;
  std::sort(groups.begin(), groups.end());
  std::sort(wanted.begin(), wanted.end());
  EXPECT_EQ(groups, wanted);
  EXPECT_FALSE(unit_user("no such user of this host", group));
}

TEST_F(DoctorAccess, WhoAsksIsWhoRunsTheDaemonUnlessRootAsks) {
  const auto who = daemon_user();
  if (::geteuid() == 0) {
    ASSERT_EQ(who.has_value(), ::getpwnam("tiercel") != nullptr);
    if (who) {
      EXPECT_EQ(who->name, "tiercel");
    }
    return;
  }
  ASSERT_TRUE(who);
  EXPECT_EQ(who->user, ::geteuid());
  EXPECT_NE(std::find(who->groups.begin(), who->groups.end(), ::getegid()), who->groups.end());
  EXPECT_FALSE(who->reads_all);
}

TEST_F(DoctorAccess, AnAccessControlListMayLetItReadAllTheSame) {
  const std::string path = file("key", 0600);
  if (!let_read(path, stranger_.user)) {
    ASSERT_EQ(errno, EOPNOTSUPP);
    GTEST_SKIP() << "this file system has no access control lists";
  }
  EXPECT_EQ(access_of(stranger_, path, R_OK).listed, path);
  EXPECT_TRUE(
      secret(path).starts_with("not checked: " + path + ": by the modes the user stranger "))
      << secret(path);
  EXPECT_NE(secret(path).find(path + " has an access control list"), std::string::npos);
  EXPECT_TRUE(secret(file("other", 0600)).starts_with("error: "));
  // The group's bits are the list's mask then, and say nothing of the group.
  Findings findings;
  examine_secret("key", path, member_, findings);
  EXPECT_TRUE(text(findings).starts_with("not checked: ")) << text(findings);
}

TEST_F(DoctorAccess, SoMayOneOfAFolderAbove) {
  std::filesystem::create_directory(folder_.path("keys"));
  const std::string path = file("keys/key", 0644);
  ::chmod(folder_.path("keys").c_str(), 0700);
  EXPECT_NE(secret(path).find("error: "), std::string::npos);
  if (!let_read(folder_.path("keys"), stranger_.user)) {
    ASSERT_EQ(errno, EOPNOTSUPP);
    GTEST_SKIP() << "this file system has no access control lists";
  }
  EXPECT_EQ(access_of(stranger_, path, R_OK).listed, folder_.path("keys"));
  EXPECT_EQ(secret(path).find("error: "), std::string::npos) << secret(path);
  EXPECT_NE(secret(path).find("not checked: "), std::string::npos) << secret(path);
  // It says nothing of a file that has none.
  EXPECT_TRUE(secret(file("keys/closed", 0600)).starts_with("error: "))
      << secret(folder_.path("keys/closed"));
}

TEST_F(DoctorAccess, ACapabilityOfADropInReadsAllAndWritesNoMore) {
  const std::string folder = folder_.path("tiercel.service.d");
  std::filesystem::create_directory(folder);
  const auto gives = [&] {
    return gives_reading_all(
        {folder_.path("none"), folder_.path("other.service"), folder_.path("tiercel.service")});
  };
  EXPECT_FALSE(gives());
  folder_.write("tiercel.service.d/a.conf",
                "[Service]\n# AmbientCapabilities=CAP_DAC_READ_SEARCH\n"
                "CapabilityBoundingSet=CAP_DAC_READ_SEARCH\nAmbientCapabilities=\n");
  folder_.write("tiercel.service.d/b.off", "AmbientCapabilities=CAP_DAC_READ_SEARCH\n");
  EXPECT_FALSE(gives());
  std::filesystem::copy(TIERCEL_SOURCE_DIR "/packaging/systemd/read-root-only-log.conf", folder);
  EXPECT_TRUE(gives());
  folder_.write("tiercel.service.d/z.conf", "[Service]\nAmbientCapabilities =\n");
  EXPECT_FALSE(gives()) << "taken back";
  // As `systemctl edit --full` leaves it.
  folder_.write("tiercel.service.d/z.conf", "");
  folder_.write("tiercel.service.d/a.conf", "");
  std::filesystem::remove(folder + "/read-root-only-log.conf");
  EXPECT_FALSE(gives());
  folder_.write("other.service", "AmbientCapabilities = CAP_CHOWN CAP_DAC_OVERRIDE\n");
  EXPECT_TRUE(gives());
  folder_.write("tiercel.service", "[Service]\n");
  EXPECT_FALSE(gives()) << "one that goes before";

  DaemonUser reader = stranger_;
  reader.reads_all = true;
  Findings findings;
  examine_secret("key", file("key", 0600), reader, findings);
  EXPECT_TRUE(text(findings).starts_with("not checked: ")) << text(findings);
  std::filesystem::create_directory(folder_.path("store"));
  ::chmod(folder_.path("store").c_str(), 0700);
  Findings of_folder;
  examine_folder(folder_.path("store"), "store.path", reader, of_folder);
  EXPECT_TRUE(text(of_folder).starts_with(::geteuid() == 0 ? "error: " : "not checked: "))
      << text(of_folder);
}

TEST_F(DoctorAccess, AFolderMustBeTheDaemonsToWrite) {
  const std::string path = folder_.path("store");
  std::filesystem::create_directory(path);
  ::chmod(path.c_str(), 0750);
  const auto found = [&path](const DaemonUser& who) {
    Findings findings;
    examine_folder(path, "store.path", who, findings);
    return text(findings);
  };
  EXPECT_TRUE(found(owner_).starts_with("good: " + path + " is private")) << found(owner_);
  const std::string state = ::geteuid() == 0 ? "error: " : "not checked: ";
  EXPECT_TRUE(found(member_).starts_with(state + path + ": the user member cannot write it"))
      << found(member_);
  const std::string segment = folder_.write("store/1.db", "x");
  if (::chown(segment.c_str(), ::geteuid() + 1, ::getegid()) == 0) {
    EXPECT_TRUE(found(owner_).starts_with("error: " + segment + " does not belong to "))
        << found(owner_);
  }
}

}  // namespace
}  // namespace tiercel::app
