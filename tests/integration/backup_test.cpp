// What `tiercel store backup` refuses, and what it leaves behind where it fails.
#include <filesystem>

#include <gtest/gtest.h>

#include "harness.h"
#include "small_disk.h"

namespace tiercel::tests {
namespace {

namespace fs = std::filesystem;

using support::run_program;

class Backup : public testing::Test {
 protected:
  void SetUp() override {
    daemon_ = std::make_unique<AuditDaemon>(Lines{folder_.write("rules.yaml", every_event_rule())});
    ASSERT_NE(daemon_->port(), 0) << daemon_->process().log();
    Lines items;
    for (int at = 0; at < 2000; ++at) {
      items.push_back(small_event("n" + std::to_string(at)));
    }
    ASSERT_EQ(daemon_->post(event_list(items)), 200);
  }
  [[nodiscard]] std::string store() const { return daemon_->folder().path("store"); }
  [[nodiscard]] support::ProgramResult backup(const std::string& folder) const {
    return run_program({"store", "backup", folder, "--store", store()});
  }

  support::TempDir folder_;
  std::unique_ptr<AuditDaemon> daemon_;
};

TEST_F(Backup, OfOneThatDoesNotFitNothingStays) {
  const std::string disk = folder_.path("disk");
  if (!enter_mount_namespace() || !mount_memory(disk, "size=512k,mode=0700")) {
    GTEST_SKIP() << "no private mount namespace here: it needs CAP_SYS_ADMIN";
  }
  for (const std::string& folder : {disk, disk + "/made"}) {
    const auto failed = backup(folder);
    EXPECT_EQ(failed.status, 1);
    EXPECT_NE(failed.err.find("does not fit"), std::string::npos) << failed.err;
    EXPECT_NE(failed.err.find("no backup was made"), std::string::npos) << failed.err;
    EXPECT_EQ(failed.err.find("max_size"), std::string::npos) << failed.err;
    EXPECT_TRUE(fs::is_empty(disk)) << folder;
    EXPECT_EQ(run_program({"alerts", "--store", folder}).status, 1);
  }
}

TEST_F(Backup, OneInTheStoresOwnFolderIsRefused) {
  for (const char* name : {"/alerts/copy", "/copy", "/alerts/../copy/of/it"}) {
    const auto refused = backup(store() + name);
    EXPECT_EQ(refused.status, 1);
    EXPECT_NE(refused.err.find("name one elsewhere"), std::string::npos) << refused.err;
    EXPECT_FALSE(fs::exists(store() + name));
  }
  fs::create_directory_symlink(store(), folder_.path("link"));
  EXPECT_EQ(backup(folder_.path("link/copy")).status, 1);
  // A name that only begins alike.
  EXPECT_EQ(backup(store() + "-copy").status, 0);
  fs::remove_all(store() + "-copy");
}

TEST_F(Backup, AWholeOneHoldsSegmentsAsADaemonMakesThem) {
  const std::string copy = folder_.path("copy");
  ASSERT_EQ(backup(copy).status, 0);
  std::size_t files = 0;
  for (const auto& entry : fs::directory_iterator(copy + "/alerts")) {
    EXPECT_EQ(entry.path().extension(), ".db") << entry.path();
    EXPECT_EQ(entry.status().permissions(), fs::perms::owner_read | fs::perms::owner_write);
    ++files;
  }
  EXPECT_EQ(files, 1U);
  EXPECT_EQ(std::distance(fs::directory_iterator(copy), fs::directory_iterator()), 1);
  EXPECT_EQ(lines_of(run_program({"alerts", "--json", "--store", copy}).out).size(), 2000U);
}

}  // namespace
}  // namespace tiercel::tests
