// What can happen to the store's disk while the daemon runs.
#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <sys/mount.h>

#include "harness.h"
#include "small_disk.h"

namespace tiercel::tests {
namespace {

namespace fs = std::filesystem;

std::string batch_of(int number, std::size_t events = 20) {
  Lines items;
  for (std::size_t at = 0; at < events; ++at) {
    items.push_back(small_event("n" + std::to_string(number) + "-" + std::to_string(at)));
  }
  return event_list(items);
}

// The readiness probe's status, and its body.
std::pair<int, std::string> readiness(AuditDaemon& daemon) {
  support::HttpClient client(daemon.port());
  const support::HttpAnswer answer = client.exchange(support::get("/readyz"));
  return {answer.status, answer.body};
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
  EXPECT_EQ(readiness(daemon).first, 503);
  EXPECT_NE(readiness(daemon).second.find("no room"), std::string::npos);
  EXPECT_TRUE(daemon.is_healthy()) << "a restart would make no room";
  // What alerts nothing needs no room, and what is stored is delivered.
  EXPECT_EQ(daemon.post(R"({"kind":"EventList","items":[]})"), 200);
  EXPECT_EQ(daemon.new_alerts().size(), static_cast<std::size_t>(taken) * 20);
  // While it is full, the outputs tell of it.
  EXPECT_TRUE(support::wait_until([&] {
    return has_rule(daemon.own_alerts(), "tiercel: store_full");
  })) << daemon.process().log();
  fs::remove(disk + "/filler");
  EXPECT_TRUE(support::wait_until([&] { return daemon.post(batch_of(2000)) == 200; }))
      << daemon.process().log();
  EXPECT_EQ(readiness(daemon).first, 200);
  EXPECT_TRUE(support::wait_until([&] {
    return has_rule(daemon.own_alerts(), "tiercel: store_has_room");
  })) << daemon.process().log();
  daemon.process().signal(SIGTERM);
  EXPECT_EQ(daemon.process().wait(), 0);
}

// A daemon that is killed while an output in the folder `late` has taken nothing yet.
void kill_with_alerts_waiting(const std::string& rules, const Lines& more,
                              const std::string& late) {
  AuditDaemon daemon({rules}, more);
  ASSERT_NE(daemon.port(), 0) << daemon.process().log();
  fs::remove_all(late);
  ASSERT_EQ(daemon.post(batch_of(1)), 200);
  daemon.process().signal(SIGKILL);
  (void)daemon.process().wait();
  fs::create_directory(late);
}

// A WAL needs an -shm to be read, and there is no room for one.
TEST(StoreTrouble, ADaemonKilledBeforeItsDiskWasFullStartsAndDelivers) {
  const support::TempDir folder;
  const std::string disk = folder.path("disk");
  if (!enter_mount_namespace() || !mount_memory(disk, "size=4m,mode=0700")) {
    GTEST_SKIP() << "no private mount namespace here: it needs CAP_SYS_ADMIN";
  }
  const std::string rules = folder.write("rules.yaml", every_event_rule());
  const std::string late = folder.path("late/alerts");
  fs::create_directory(folder.path("late"));
  const Lines more{"-o", "store.path=" + disk,           "-o", "outputs.late.type=file",
                   "-o", "outputs.late.filename=" + late};
  ASSERT_NO_FATAL_FAILURE(kill_with_alerts_waiting(rules, more, folder.path("late")));
  ASSERT_NE(fs::file_size(disk + "/alerts/alerts-0000000001.db-wal"), 0U);
  fs::remove(disk + "/alerts/alerts-0000000001.db-shm");
  std::ofstream filler(disk + "/filler", std::ios::binary);
  while (filler << std::string(4096, 'x') << std::flush) {
  }
  AuditDaemon daemon({rules}, more);
  ASSERT_NE(daemon.port(), 0) << daemon.process().log();
  EXPECT_TRUE(support::wait_until([&] { return lines_of_file(late).size() >= 20; }))
      << daemon.process().log();
}

// Room is made first of dead letters, then of losses: only those turn the readiness probe red.
TEST(StoreTrouble, WhatOneOutputLosesTurnsTheReadinessProbeRed) {
  const support::TempDir folder;
  fs::create_directory(folder.path("late"));
  const std::string rules = folder.write("rules.yaml", every_event_rule());
  AuditDaemon daemon({rules}, {"-o", "store.max_size=16MiB", "-o", "store.segment_size=1MiB", "-o",
                               "dead_letter.max_size=64KiB", "-o", "outputs.late.type=file", "-o",
                               "outputs.late.filename=" + folder.path("late/alerts")});
  ASSERT_NE(daemon.port(), 0) << daemon.process().log();
  fs::remove_all(folder.path("late"));
  const std::string letters = daemon.folder().path("store/dead-letter");
  int number = 0;
  int status = 200;
  for (; status == 200 && number < 1000; ++number) {
    const int posted = daemon.post(batch_of(number, 400));
    ASSERT_TRUE(posted == 200 || posted == 429) << posted << daemon.process().log();
    status = readiness(daemon).first;
    EXPECT_TRUE(status == 200 || fs::exists(letters)) << "letters come before losses";
  }
  EXPECT_EQ(status, 503) << daemon.process().log();
  EXPECT_TRUE(support::wait_until([&] {
    return readiness(daemon).second.find("alerts were lost for an output") != std::string::npos;
  })) << readiness(daemon).second;
  EXPECT_TRUE(support::wait_until([&] {
    return has_rule(daemon.own_alerts(), "tiercel: dead_letters_full");
  })) << daemon.process().log();
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
  EXPECT_NE(daemon.process().log().find("mounted read-only"), std::string::npos)
      << daemon.process().log();
}

// A file system with files open for writing cannot be made read-only from here; one that is put
// over it can.
TEST(StoreTrouble, ADiskThatTurnsReadOnlyIsToldOfAndIsWrittenAgainLater) {
  const support::TempDir folder;
  const std::string disk = folder.path("disk");
  if (!enter_mount_namespace() || !mount_memory(disk, "size=8m,mode=0700")) {
    GTEST_SKIP() << "no private mount namespace here: it needs CAP_SYS_ADMIN";
  }
  const std::string rules = folder.write("rules.yaml", every_event_rule());
  AuditDaemon daemon({rules}, {"-o", "store.path=" + disk});
  ASSERT_NE(daemon.port(), 0) << daemon.process().log();
  ASSERT_EQ(daemon.post(batch_of(0)), 200) << daemon.process().log();
  ASSERT_EQ(daemon.new_alerts().size(), 20U);
  ASSERT_TRUE(mount_memory(disk, "size=4m,mode=0700", MS_RDONLY));
  EXPECT_EQ(daemon.post(batch_of(1)), 503) << daemon.process().log();
  EXPECT_TRUE(daemon.process().wait_for_log("mounted read-only")) << daemon.process().log();
  EXPECT_EQ(readiness(daemon).first, 503);
  EXPECT_NE(readiness(daemon).second.find("cannot be written"), std::string::npos);
  EXPECT_TRUE(daemon.is_healthy()) << "a restart would not help";
  ASSERT_EQ(::umount(disk.c_str()), 0);
  EXPECT_EQ(daemon.post(batch_of(1)), 200) << daemon.process().log();
  EXPECT_EQ(daemon.new_alerts().size(), 20U);
  EXPECT_EQ(readiness(daemon).first, 200);
  EXPECT_TRUE(support::wait_until([&] {
    return has_rule(daemon.own_alerts(), "tiercel: store_unwritable");
  })) << daemon.process().log();
  daemon.process().signal(SIGTERM);
  EXPECT_EQ(daemon.process().wait(), 0);
}

TEST(StoreTrouble, AStoreThatOthersMayReadIsToldOfAtTheStart) {
  const support::TempDir folder;
  const Lines more{"-o", "store.path=" + folder.path("store")};
  const std::string said = "others than the daemon's user may get at the alert store";
  const auto start = [&] {
    AuditDaemon daemon({shipped_rules()}, more);
    EXPECT_NE(daemon.port(), 0) << daemon.process().log();
    daemon.process().signal(SIGTERM);
    EXPECT_EQ(daemon.process().wait(), 0);
    return daemon.process().log();
  };
  EXPECT_EQ(start().find(said), std::string::npos);
  EXPECT_EQ(start().find(said), std::string::npos) << "as the daemon makes it, nothing is told";
  const std::string segment = folder.path("store/alerts/alerts-0000000001.db");
  fs::permissions(segment, fs::perms::group_read, fs::perm_options::add);
  EXPECT_NE(start().find(said + " (" + segment), std::string::npos);
  fs::permissions(segment, fs::perms::group_read, fs::perm_options::remove);
  fs::permissions(folder.path("store/alerts"), fs::perms::others_exec, fs::perm_options::add);
  EXPECT_NE(start().find(said + " (" + folder.path("store/alerts") + ")"), std::string::npos);
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
  ASSERT_NO_FATAL_FAILURE(kill_with_alerts_waiting(rules, more, folder.path("late")));
  AuditDaemon daemon({rules}, more);
  ASSERT_NE(daemon.port(), 0) << daemon.process().log();
  EXPECT_TRUE(support::wait_until([&] { return lines_of_file(late).size() >= 20; }))
      << daemon.process().log();
}

}  // namespace
}  // namespace tiercel::tests
