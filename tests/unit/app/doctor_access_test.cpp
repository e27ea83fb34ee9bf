#include "doctor_access.h"

#include <filesystem>

#include <gtest/gtest.h>
#include <sys/stat.h>
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

  support::TempDir folder_;
  // Whom files of this test do not belong to.
  const DaemonUser stranger_{"stranger", ::geteuid() + 1, {::getegid() + 1}};
  const DaemonUser member_{"member", ::geteuid() + 1, {::getegid()}};
  const DaemonUser owner_{"owner", ::geteuid(), {}};
};

TEST_F(DoctorAccess, GoesByOwnerGroupAndMode) {
  const std::string path = file("file", 0640);
  EXPECT_EQ(access_problem(owner_, path, R_OK | W_OK), "");
  EXPECT_EQ(access_problem(member_, path, R_OK), "");
  EXPECT_EQ(access_problem({"root", 0, {}}, path, R_OK | W_OK), "");
  EXPECT_TRUE(access_problem(member_, path, W_OK).starts_with("the user member cannot write it"));
  EXPECT_TRUE(access_problem(stranger_, path, R_OK).starts_with("the user stranger cannot read"));
  EXPECT_EQ(access_problem(stranger_, file("open", 0644), R_OK), "");
  EXPECT_EQ(access_problem(stranger_, folder_.path("none"), R_OK), "");
}

TEST_F(DoctorAccess, AFolderAboveCanBeInTheWay) {
  std::filesystem::create_directory(folder_.path("closed"));
  const std::string path = file("closed/file", 0644);
  ::chmod(folder_.path("closed").c_str(), 0700);
  EXPECT_EQ(access_problem(stranger_, path, R_OK),
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
