// What can happen to the store's disk while the daemon runs.
#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>

#include "harness.h"

namespace tiercel::tests {
namespace {

namespace fs = std::filesystem;

// Small file systems of our own, in a mount namespace that ends with this process.
bool enter_mount_namespace() {
  return ::unshare(CLONE_NEWNS) == 0 &&
         ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
}

bool mount_memory(const std::string& folder, const char* options, unsigned long flags = 0) {
  fs::create_directories(folder);
  return ::mount("tmpfs", folder.c_str(), "tmpfs", flags, options) == 0;
}

std::string batch_of(int number, std::size_t events = 20) {
  Lines items;
  for (std::size_t at = 0; at < events; ++at) {
    items.push_back(small_event("n" + std::to_string(number) + "-" + std::to_string(at)));
  }
  return event_list(items);
}

bool has_rule(const Lines& alerts, const std::string& rule) {
  return std::any_of(alerts.begin(), alerts.end(),
                     [&rule](const std::string& alert) { return rule_of(alert) == rule; });
}

TEST(StoreTrouble, AFullDiskRefusesBatchesThatAlertUntilThereIsRoom) {
  const support::TempDir folder;
  const std::string disk = folder.path("disk");
  if (!enter_mount_namespace() || !mount_memory(disk, "size=4m,mode=0700")) {
    GTEST_SKIP() << "no private mount namespace here: it needs CAP_SYS_ADMIN";
  }
  const std::string rules = folder.write("rules.yaml", every_event_rule());
  AuditDaemon daemon({rules}, {"-o", "store.path=" + disk});
  ASSERT_NE(daemon.port(), 0) << daemon.process().log();
  ASSERT_EQ(daemon.post(batch_of(0)), 200) << daemon.process().log();
  std::ofstream(disk + "/filler") << std::string(2 << 20, 'x');
  int status = 200;
  int taken = 1;
  while (status == 200 && taken < 1000) {
    status = daemon.post(batch_of(taken));
    taken += status == 200 ? 1 : 0;
  }
  EXPECT_EQ(status, 429) << daemon.process().log();
  EXPECT_TRUE(daemon.process().wait_for_log("no room")) << daemon.process().log();
  // What alerts nothing needs no room, and what is stored is delivered.
  EXPECT_EQ(daemon.post(R"({"kind":"EventList","items":[]})"), 200);
  EXPECT_EQ(daemon.new_alerts().size(), static_cast<std::size_t>(taken) * 20);
  fs::remove(disk + "/filler");
  EXPECT_TRUE(support::wait_until([&] { return daemon.post(batch_of(2000)) == 200; }))
      << daemon.process().log();
  EXPECT_TRUE(support::wait_until([&] {
    return has_rule(daemon.own_alerts(), "tiercel: store_full");
  })) << daemon.process().log();
  daemon.process().signal(SIGTERM);
  EXPECT_EQ(daemon.process().wait(), 0);
}

TEST(StoreTrouble, AReadOnlyDiskIsAStartUpErrorThatSaysSo) {
  const support::TempDir folder;
  const std::string disk = folder.path("disk");
  if (!enter_mount_namespace() || !mount_memory(disk, "size=4m,mode=0700", MS_RDONLY)) {
    GTEST_SKIP() << "no private mount namespace here: it needs CAP_SYS_ADMIN";
  }
  const std::string rules = folder.write("rules.yaml", every_event_rule());
  AuditDaemon daemon({rules}, {"-o", "store.path=" + disk});
  EXPECT_EQ(daemon.port(), 0);
  EXPECT_EQ(daemon.process().wait(), 1);
  EXPECT_NE(daemon.process().log().find(disk), std::string::npos) << daemon.process().log();
}

TEST(StoreTrouble, AStoreThatIsRemovedIsBegunAnew) {
  const support::TempDir folder;
  const std::string rules = folder.write("rules.yaml", every_event_rule());
  AuditDaemon daemon({rules});
  ASSERT_NE(daemon.port(), 0) << daemon.process().log();
  ASSERT_EQ(daemon.post(batch_of(1)), 200);
  EXPECT_EQ(daemon.new_alerts().size(), 20U);
  fs::remove_all(daemon.folder().path("store"));
  EXPECT_EQ(daemon.post(batch_of(2)), 200) << daemon.process().log();
  EXPECT_TRUE(daemon.process().wait_for_log("removed")) << daemon.process().log();
  EXPECT_EQ(daemon.new_alerts().size(), 20U);
  EXPECT_TRUE(support::wait_until([&] {
    return has_rule(daemon.own_alerts(), "tiercel: store_removed");
  })) << daemon.process().log();
}

TEST(StoreTrouble, ASecondDaemonOnTheSameStoreIsRefused) {
  AuditDaemon first;
  ASSERT_NE(first.port(), 0) << first.process().log();
  AuditDaemon second({shipped_rules()}, {"-o", "store.path=" + first.folder().path("store")});
  EXPECT_EQ(second.port(), 0);
  EXPECT_EQ(second.process().wait(), 1);
  EXPECT_NE(second.process().log().find(first.folder().path("store")), std::string::npos)
      << second.process().log();
  EXPECT_TRUE(first.is_healthy());
}

// An alert that no output could take is delivered by the daemon that comes after a SIGKILL.
TEST(StoreTrouble, WhatWasNotDeliveredIsDeliveredAfterAKill) {
  const support::TempDir folder;
  const std::string rules = folder.write("rules.yaml", every_event_rule());
  const std::string late = folder.path("late/alerts");
  fs::create_directory(folder.path("late"));
  const Lines more{"-o", "store.path=" + folder.path("store"), "-o", "outputs.late.type=file",
                   "-o", "outputs.late.filename=" + late};
  {
    AuditDaemon daemon({rules}, more);
    ASSERT_NE(daemon.port(), 0) << daemon.process().log();
    fs::remove_all(folder.path("late"));
    ASSERT_EQ(daemon.post(batch_of(1)), 200);
    daemon.process().signal(SIGKILL);
    (void)daemon.process().wait();
  }
  fs::create_directory(folder.path("late"));
  AuditDaemon daemon({rules}, more);
  ASSERT_NE(daemon.port(), 0) << daemon.process().log();
  EXPECT_TRUE(support::wait_until([&] { return lines_of_file(late).size() >= 20; }))
      << daemon.process().log();
}

// Nothing that looks like a credential reaches the store, an output, the quarantine or the log.
TEST(Redaction, PlantedCredentialsComeOutNowhere) {
  const support::TempDir folder;
  const std::string rules = folder.write(
      "rules.yaml",
      "- rule: Whole\n  desc: d\n  condition: ka.verb exists\n"
      "  output: seen (%jevt.obj uri=%ka.uri data=%jevt.value[/requestObject/data/password])\n"
      "  priority: WARNING\n  source: k8s_audit\n");
  const std::string secret = "Pl4ntedCr3dential";
  Lines events;
  const auto add = [&](const std::string& id, const std::string& more) {
    events.push_back(small_event(id, more));
  };
  add("secret", R"(,"requestObject":{"kind":"Secret","data":{"password":")" + secret +
                    R"(1"},"stringData":{"any":")" + secret + R"(2"}})");
  add("configmap", R"(,"requestObject":{"kind":"ConfigMap","data":{"db.password":")" + secret +
                       R"(3","conf":"user=a;password=)" + secret + R"(4;"}})");
  add("token",
      R"(,"responseObject":{"kind":"TokenRequest","status":{"token":")" + secret + R"(5"}})");
  add("exec", R"(,"annotations":{"x":"Authorization: Bearer )" + secret + R"(6"})");
  AuditDaemon daemon({rules});
  ASSERT_NE(daemon.port(), 0) << daemon.process().log();
  EXPECT_EQ(daemon.post(event_list(events)), 200);
  // The same cut off in the middle goes to the quarantine.
  const std::string whole = event_list(events);
  EXPECT_EQ(daemon.post(whole.substr(0, whole.size() - 40)), 200);
  EXPECT_EQ(daemon.new_alerts().size(), events.size());
  EXPECT_FALSE(daemon.quarantined().empty());
  daemon.process().signal(SIGTERM);
  EXPECT_EQ(daemon.process().wait(), 0);
  std::size_t files = 0;
  for (const auto& entry : fs::recursive_directory_iterator(daemon.folder().path())) {
    if (!entry.is_regular_file()) {
      continue;
    }
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    const std::size_t at = text.find(secret);
    EXPECT_EQ(at, std::string::npos) << entry.path() << ": " << text.substr(at, 60);
    ++files;
  }
  EXPECT_GE(files, 4U);
  EXPECT_EQ(daemon.process().log().find(secret), std::string::npos) << daemon.process().log();
}

}  // namespace
}  // namespace tiercel::tests
