// `tiercel alerts --follow` while daemons come and go.
#include <csignal>
#include <filesystem>

#include <gtest/gtest.h>

#include "follower.h"

namespace tiercel::tests {
namespace {

class Follow : public testing::Test {
 protected:
  void start() {
    daemon_ = std::make_unique<AuditDaemon>(Lines{folder_.write("rules.yaml", every_event_rule())},
                                            Lines{"-o", "store.path=" + folder_.path("store")});
    ASSERT_NE(daemon_->port(), 0) << daemon_->process().log();
  }
  void stop() {
    daemon_->process().signal(SIGTERM);
    ASSERT_EQ(daemon_->process().wait(), 0) << daemon_->process().log();
  }
  void post(const std::string& id) {
    ASSERT_EQ(daemon_->post(event_list(Lines{small_event(id)})), 200) << daemon_->process().log();
  }

  support::TempDir folder_;
  std::unique_ptr<AuditDaemon> daemon_;
};

TEST_F(Follow, ADaemonThatStartsLaterIsFollowed) {
  start();
  post("one");
  stop();
  Follower follower(folder_.path("store"), folder_.path("followed"));
  ASSERT_TRUE(follower.has_begun());
  start();
  post("two");
  EXPECT_TRUE(follower.sees("two"));
  EXPECT_EQ(follower.count("one"), 1U);
}

TEST_F(Follow, AStoreThatIsRemovedAndMadeAnewIsFollowed) {
  start();
  post("one");
  Follower follower(folder_.path("store"), folder_.path("followed"));
  ASSERT_TRUE(follower.has_begun());
  stop();
  std::filesystem::remove_all(folder_.path("store"));
  start();
  post("two");
  EXPECT_TRUE(follower.sees("two"));
  EXPECT_EQ(follower.count("one"), 1U);
  EXPECT_TRUE(follower.process().wait_for_log("made anew")) << follower.process().log();
}

}  // namespace
}  // namespace tiercel::tests
