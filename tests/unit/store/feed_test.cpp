#include "store_fixture.h"

namespace tiercel::store {
namespace {

using FeedTest = StoreTest;

TEST_F(FeedTest, PagesStopAtTheirLimitsAndGoOnWhereTheyEnded) {
  open();
  put(0, 25, 200);
  auto feed = store_->feed("out");
  Page page;
  ASSERT_TRUE(feed->read(0, {10, 1 << 20U}, page));
  EXPECT_EQ(page.alerts.size(), 10U);
  EXPECT_TRUE(page.more);
  ASSERT_TRUE(feed->read(page.end, {100, 700}, page));
  EXPECT_GE(page.alerts.size(), 2U);
  EXPECT_LE(page.bytes.size(), 700U);
  EXPECT_TRUE(page.more);
  ASSERT_TRUE(feed->read(page.end, {100, 1}, page));
  EXPECT_EQ(page.alerts.size(), 1U);  // One is read however long it is.
  Position after = 0;
  EXPECT_EQ(read_numbers(*feed, after, {3, 1 << 20U}), numbers(0, 25));
}

TEST_F(FeedTest, APageCrossesIntoTheNextSegment) {
  options_.segment_size = 64 << 10U;
  open();
  put(0, 100, 1000);
  put(100, 200, 1000);
  put(200, 210, 1000);
  ASSERT_GE(segments().size(), 3U);
  auto feed = store_->feed("out");
  Page page;
  ASSERT_TRUE(feed->read(feed->cursor(), {1000, 4 << 20U}, page));
  EXPECT_EQ(page.alerts.size(), 210U);
  EXPECT_FALSE(page.more);
  EXPECT_EQ(page.alerts.back().body, body_of(209, 1000));
  EXPECT_EQ(page.alerts.front().body, body_of(0, 1000));
}

TEST_F(FeedTest, TheEndMovesPastASegmentThatEnded) {
  options_.segment_size = 64 << 10U;
  open();
  put(0, 100, 1000);
  ASSERT_TRUE(eventually([&] { return store_->status().segments == 2; }));
  auto feed = store_->feed("out");
  Page page;
  ASSERT_TRUE(feed->read(feed->cursor(), {}, page));
  EXPECT_EQ(page.alerts.size(), 100U);
  EXPECT_EQ(page.end, Position{2} << 32U);
}

TEST_F(FeedTest, WaitEndsWithACommitAWakeOrTheTime) {
  open();
  auto feed = store_->feed("out");
  const Position after = feed->cursor();
  const auto begun = std::chrono::steady_clock::now();
  feed->wait(after, std::chrono::milliseconds(30));
  EXPECT_GE(std::chrono::steady_clock::now() - begun, std::chrono::milliseconds(30));
  feed->wake();  // Ends the next one.
  feed->wait(after, std::chrono::seconds(60));
  std::thread writer([&] { put(0, 1); });
  feed->wait(after, std::chrono::seconds(60));
  writer.join();
  EXPECT_EQ(read_numbers(*feed), numbers(0, 1));
  std::thread waker([&] { feed->wake(); });
  feed->wait((Position{9} << 32U), std::chrono::seconds(60));
  waker.join();
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(50));
}

TEST_F(FeedTest, TheCursorSurvivesARestart) {
  open({"a", "b"});
  put(0, 10);
  auto feed = store_->feed("a");
  Page page;
  ASSERT_TRUE(feed->read(feed->cursor(), {4, 1 << 20U}, page));
  feed->advance(page.end);
  EXPECT_EQ(feed->cursor(), page.end);
  feed.reset();
  open({"a", "b"});
  feed = store_->feed("a");
  EXPECT_EQ(feed->cursor(), page.end);
  EXPECT_EQ(read_numbers(*feed), numbers(4, 10));
  EXPECT_EQ(read_numbers(*store_->feed("b")), numbers(0, 10));
}

TEST_F(FeedTest, ACursorReachesTheDiskWithoutAnotherAppend) {
  open();
  put(0, 10);
  const std::uint64_t commits = store_->status().commits;
  auto feed = store_->feed("out");
  feed->advance((Position{1} << 32U) | 4U);
  EXPECT_TRUE(eventually([&] { return store_->status().commits > commits; }));
}

TEST_F(FeedTest, TheCursorNeverGoesBack) {
  open();
  put(0, 10);
  auto feed = store_->feed("out");
  feed->advance((Position{1} << 32U) | 6U);
  feed->advance((Position{1} << 32U) | 2U);
  EXPECT_EQ(read_numbers(*feed), numbers(6, 10));
}

TEST_F(FeedTest, ANewOutputBeginsBehindEverythingStored) {
  options_.segment_size = 64 << 10U;
  open({"old"});
  put(0, 100, 1000);
  put(100, 105);
  open({"old", "new"});
  auto fresh = store_->feed("new");
  EXPECT_TRUE(read_numbers(*fresh).empty());
  EXPECT_EQ(fresh->lag().alerts, 0U);
  put(200, 203);
  EXPECT_EQ(read_numbers(*fresh), numbers(200, 203));
  // Where it began is on disk.
  fresh.reset();
  open({"old", "new"});
  EXPECT_EQ(read_numbers(*store_->feed("new")), numbers(200, 203));
  EXPECT_EQ(read_numbers(*store_->feed("old")).size(), 108U);
}

TEST_F(FeedTest, TheCursorOfAnOutputThatIsGoneIsRemovedAndToldOf) {
  open({"a", "gone"});
  put(0, 10);
  store_->feed("gone")->advance((Position{1} << 32U) | 3U);
  open({"a"});
  const StoreEvent event = events_.wait("store_cursor_removed");
  ASSERT_EQ(event.fields.size(), 2U);
  EXPECT_EQ(event.fields[0].second, "gone");
  EXPECT_EQ(event.fields[1].second, "7");
  // Come back, it is a new one.
  open({"a", "gone"});
  EXPECT_EQ(events_.count("store_cursor_removed"), 1U);
  EXPECT_TRUE(read_numbers(*store_->feed("gone")).empty());
}

TEST_F(FeedTest, AnOutputThatComesBackGetsNothingOfOlderSegments) {
  options_.segment_size = 64 << 10U;
  open({"a", "b"});
  put(0, 100, 1000);
  put(100, 200, 1000);
  open({"a"});
  put(200, 300, 1000);
  open({"a", "b"});
  EXPECT_TRUE(read_numbers(*store_->feed("b")).empty());
  EXPECT_EQ(read_numbers(*store_->feed("a")), numbers(0, 300));
}

TEST_F(FeedTest, AnOutputAddedLaterBeginsBehindEverythingStored) {
  options_.segment_size = 64 << 10U;
  open({"old"});
  put(0, 100, 1000);
  put(100, 105);
  ASSERT_TRUE(store_->change_outputs({"new"}, {}));
  auto fresh = store_->feed("new");
  EXPECT_TRUE(read_numbers(*fresh).empty());
  EXPECT_EQ(fresh->lag().alerts, 0U);
  put(200, 203);
  EXPECT_EQ(read_numbers(*fresh), numbers(200, 203));
  // Where it began is on disk.
  fresh.reset();
  open({"old", "new"});
  EXPECT_EQ(read_numbers(*store_->feed("new")), numbers(200, 203));
  EXPECT_EQ(read_numbers(*store_->feed("old")).size(), 108U);
}

// Where it begins is known even if that is the first alert.
TEST_F(FeedTest, AnOutputAddedToAnEmptyStoreIsKnownAfterARestart) {
  open({"old"});
  ASSERT_TRUE(store_->change_outputs({"new"}, {}));
  put(0, 3);
  open({"old", "new"});
  EXPECT_EQ(read_numbers(*store_->feed("new")), numbers(0, 3));
}

TEST_F(FeedTest, AnOutputRemovedLaterHoldsNothingBackAndIsToldOf) {
  options_.segment_size = 64 << 10U;
  open({"a", "gone"});
  put(0, 10);
  store_->feed("gone")->advance((Position{1} << 32U) | 3U);
  ASSERT_TRUE(store_->change_outputs({}, {"gone"}));
  const StoreEvent event = events_.wait("store_cursor_removed");
  ASSERT_EQ(event.fields.size(), 2U);
  EXPECT_EQ(event.fields[0].second, "gone");
  EXPECT_EQ(event.fields[1].second, "7");
  // Come back, it is a new one; and the next start knows that already.
  put(10, 20);
  ASSERT_TRUE(store_->change_outputs({"gone"}, {}));
  put(20, 22);
  EXPECT_EQ(read_numbers(*store_->feed("gone")), numbers(20, 22));
  ASSERT_TRUE(store_->change_outputs({}, {"gone"}));
  open({"a"});
  EXPECT_EQ(events_.count("store_cursor_removed"), 2U);
}

TEST_F(FeedTest, SeveralOutputsComeAndGoAtOnce) {
  open({"a", "gone", "lost"});
  put(0, 10);
  ASSERT_TRUE(store_->change_outputs({"new", "other"}, {"gone", "lost"}));
  EXPECT_EQ(events_.count("store_cursor_removed"), 2U);
  put(10, 12);
  EXPECT_EQ(read_numbers(*store_->feed("new")), numbers(10, 12));
  EXPECT_EQ(read_numbers(*store_->feed("other")), numbers(10, 12));
  EXPECT_EQ(read_numbers(*store_->feed("a")), numbers(0, 12));
  ASSERT_TRUE(store_->change_outputs({}, {}));
}

TEST_F(FeedTest, LagTellsHowManyAndSinceWhen) {
  options_.segment_size = 64 << 10U;
  open();
  auto feed = store_->feed("out");
  EXPECT_EQ(feed->lag().alerts, 0U);
  EXPECT_EQ(feed->lag().oldest, 0);
  put(0, 100, 1000);
  clock_.pass_seconds(60);
  put(100, 110);
  EXPECT_EQ(feed->lag().alerts, 110U);
  EXPECT_EQ(feed->lag().oldest, support::HandClock::kStart);
  feed->advance((Position{1} << 32U) | 100U);
  EXPECT_EQ(feed->lag().alerts, 10U);
  EXPECT_EQ(feed->lag().oldest, support::HandClock::kStart + 60'000'000'000);
}

}  // namespace
}  // namespace tiercel::store
