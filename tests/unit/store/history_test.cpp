#include "tiercel/store/history.h"

#include "store_fixture.h"

namespace tiercel::store {
namespace {

/// A store that is read from outside while it comes, goes and comes again.
class HistoryTest : public StoreTest {
 protected:
  void open_history() {
    auto opened = History::open(folder_.path());
    ASSERT_TRUE(opened) << opened.error().text();
    history_ = std::move(*opened);
    const auto end = history_->end();
    ASSERT_TRUE(end) << end.error().text();
    after_ = *end;
  }
  /// The numbers of what was stored since the last call.
  std::vector<std::uint64_t> follow() {
    std::vector<std::uint64_t> numbers;
    const auto next = history_->follow(after_, {}, [&numbers](const StoredAlert& alert) {
      numbers.push_back(std::stoull(std::string(alert.body.substr(5))));
      return true;
    });
    EXPECT_TRUE(next) << next.error().text();
    after_ = next ? *next : after_;
    return numbers;
  }

  std::unique_ptr<History> history_;
  Position after_ = 0;
};

TEST_F(HistoryTest, WhatIsStoredLaterIsFollowedAcrossSegments) {
  options_.segment_size = 64 << 10U;
  open();
  put(0, 5);
  open_history();
  EXPECT_EQ(follow(), numbers(0, 0));
  put(5, 105, 1000);
  put(105, 110);
  ASSERT_GE(segments().size(), 2U);
  EXPECT_EQ(follow(), numbers(5, 110));
  put(110, 112);
  EXPECT_EQ(follow(), numbers(110, 112));
}

TEST_F(HistoryTest, AStoreThatNobodyWritesIsFollowedOnceSomebodyDoes) {
  open();
  put(0, 5);
  store_.reset();
  ASSERT_TRUE(files("-wal").empty());
  open_history();
  EXPECT_EQ(follow(), numbers(0, 0));
  open();
  put(5, 8);
  EXPECT_EQ(follow(), numbers(5, 8));
  put(8, 9);
  EXPECT_EQ(follow(), numbers(8, 9));
}

TEST_F(HistoryTest, WhatADaemonStoredWhileNobodyLookedIsThere) {
  open();
  put(0, 5);
  store_.reset();
  open_history();
  open();
  put(5, 8);
  store_.reset();
  ASSERT_TRUE(files("-wal").empty());
  EXPECT_EQ(follow(), numbers(5, 8));
}

TEST_F(HistoryTest, AStoreMadeAnewIsFollowedFromItsBeginningAndToldOnce) {
  open();
  put(0, 5);
  open_history();
  store_.reset();
  std::filesystem::remove_all(folder_.path("alerts"));
  EXPECT_EQ(follow(), numbers(0, 0));
  open();
  put(20, 22);
  EXPECT_EQ(follow(), numbers(20, 22));
  put(22, 23);
  EXPECT_EQ(follow(), numbers(22, 23));
  ASSERT_EQ(history_->complaints().size(), 1U);
  EXPECT_NE(history_->complaints()[0].find("made anew"), std::string::npos);
}

TEST_F(HistoryTest, AStoreMadeAnewWithLowerNumbersIsFollowedToo) {
  options_.segment_size = 64 << 10U;
  open();
  put(0, 100, 1000);
  put(100, 101);
  ASSERT_GE(segments().size(), 2U);
  open_history();
  store_.reset();
  std::filesystem::remove_all(folder_.path("alerts"));
  open();
  put(200, 202);
  EXPECT_EQ(follow(), numbers(200, 202));
  EXPECT_EQ(history_->complaints().size(), 1U);
}

TEST_F(HistoryTest, ASegmentRemovedWhileTheFolderIsReadIsNoDamage) {
  open();
  put(0, 5);
  // Listed, and not there when it is opened.
  std::filesystem::create_symlink(file("nowhere"), file("alerts-0000000002.db"));
  open_history();
  EXPECT_TRUE(history_->complaints().empty()) << history_->complaints()[0];
  std::filesystem::remove(file("alerts-0000000002.db"));
}

}  // namespace
}  // namespace tiercel::store
