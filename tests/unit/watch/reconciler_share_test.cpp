// Which share of a steady traffic may be lost unseen, and how soon a loss is seen.
#include <chrono>
#include <memory>

#include "reconciler_fixture.h"

namespace tiercel::watch {
namespace {

class ReconcilerShare : public ReconcilerTest {
 protected:
  static constexpr std::uint64_t kMinute = 60'000;  // events

  // A minute, of whose events so many are lost.
  void pass_minute(std::uint64_t lost) {
    generated_ += kMinute;
    lost_ += lost;
    clock_.pass_seconds(60);
    one_->take(0, of(generated_));
    one_->compare(generated_ - lost_);
  }
  // Minutes until something is told.
  int minutes_until_told(std::uint64_t lost_a_minute, int most) {
    for (int at = 1; at <= most; ++at) {
      pass_minute(lost_a_minute);
      if (!findings_.empty()) {
        return at;
      }
    }
    return 0;
  }
  void begin(std::chrono::nanoseconds grace) {
    one_ = std::make_unique<Reconciler>(
        ReconcileOptions{.urls = {"http://a/metrics"}, .grace = grace},
        [this](Finding one) { findings_.push_back(std::move(one)); }, clock_, metrics_);
    pass_minute(0);
  }

  std::uint64_t generated_ = 0;
  std::uint64_t lost_ = 0;
  std::unique_ptr<Reconciler> one_;
};

// As the header says it: grace / (share - 1/200), and a round.
TEST_F(ReconcilerShare, ASmallSteadyLossIsToldWithinTenHours) {
  begin(std::chrono::minutes(3));
  const int two_in_hundred = minutes_until_told(kMinute / 50, 600);
  EXPECT_EQ(told(), "events_missing");
  EXPECT_NEAR(two_in_hundred, 200, 2);

  begin(std::chrono::minutes(3));
  const int a_little_more_than_one = minutes_until_told(kMinute * 11 / 1000, 600);
  EXPECT_EQ(told(), "events_missing");
  EXPECT_NEAR(a_little_more_than_one, 500, 5);
}

TEST_F(ReconcilerShare, ASmallerOneIsNeverTold) {
  begin(std::chrono::minutes(3));
  EXPECT_EQ(minutes_until_told(kMinute / 250, 3000), 0);
  EXPECT_LE(one_->status().missing, Comparison::kTolerated);
}

// It would be a loss that is over for an hour, and one that is told anew, all the time.
TEST_F(ReconcilerShare, ASmallLossThatGoesOnIsNotToldAsOver) {
  begin(std::chrono::minutes(3));
  EXPECT_GT(minutes_until_told(kMinute / 50, 600), 0);
  EXPECT_EQ(told(), "events_missing");
  EXPECT_EQ(minutes_until_told(kMinute / 50, 3000), 0) << told();
  const int ends = minutes_until_told(0, 900);
  ASSERT_EQ(findings_.size(), 1U);
  EXPECT_NE(findings_[0].message.find("no other loss"), std::string::npos) << findings_[0].message;
  EXPECT_EQ(told(), "events_complete");
  EXPECT_GE(ends, 400) << "three times the 200 minutes it took, from when it was seen at last";
}

// The longest that may be set: it was never told at all.
TEST_F(ReconcilerShare, ALongGraceHidesNoLoss) {
  begin(std::chrono::hours(1));
  const int of_all = minutes_until_told(kMinute, 300);
  EXPECT_EQ(told(), "events_missing");
  EXPECT_NEAR(of_all, 60, 2);

  begin(std::chrono::hours(1));
  const int of_half = minutes_until_told(kMinute / 2, 300);
  EXPECT_EQ(told(), "events_missing");
  EXPECT_NEAR(of_half, 121, 2);

  begin(std::chrono::hours(1));
  EXPECT_NEAR(minutes_until_told(kMinute / 50, 12'000), 4000, 40);
}

// Hours of traffic before it do not hide it.
TEST_F(ReconcilerShare, ASuddenLossIsToldAtOnceWhateverCameBefore) {
  begin(std::chrono::minutes(3));
  EXPECT_EQ(minutes_until_told(0, 590), 0);
  EXPECT_LE(minutes_until_told(kMinute / 2, 60), 9);
  EXPECT_EQ(told(), "events_missing");
}

// Once an hour, with a grace of minutes: what is due was generated an hour ago.
TEST_F(ReconcilerShare, RoundsFarApartHideNoLoss) {
  begin(std::chrono::minutes(3));
  for (int at = 0; at < 10 && findings_.empty(); ++at) {
    generated_ += kMinute;
    lost_ += kMinute / 4;
    clock_.pass_seconds(3600);
    one_->take(0, of(generated_));
    one_->compare(generated_ - lost_);
  }
  EXPECT_EQ(told(), "events_missing");
}

}  // namespace
}  // namespace tiercel::watch
