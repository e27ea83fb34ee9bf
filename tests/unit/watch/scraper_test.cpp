#include "tiercel/watch/scraper.h"

#include <atomic>

#include <gtest/gtest.h>

#include "hand_clock.h"
#include "peer_server.h"
#include "read_file.h"
#include "temp_dir.h"

namespace tiercel::watch {
namespace {

class ScraperTest : public testing::Test {
 protected:
  void start() {
    reconciler_ = std::make_unique<Reconciler>(
        ReconcileOptions{.urls = {peer_.url("/metrics")}}, [](Finding) {}, clock_, metrics_);
    ScrapeOptions options;
    options.interval = std::chrono::milliseconds(5);
    options.client.bearer_token_file = token_;
    scraper_ = std::make_unique<Scraper>(options, std::vector{peer_.url("/metrics")}, *reconciler_,
                                         [] { return std::uint64_t{0}; });
    ASSERT_TRUE(scraper_->start());
  }

  support::HandClock clock_;
  base::Metrics metrics_;
  support::TempDir dir_;
  support::PeerServer peer_;
  std::string token_;
  std::unique_ptr<Reconciler> reconciler_;
  std::unique_ptr<Scraper> scraper_;
};

TEST_F(ScraperTest, ReadsTheCountersAgainAndAgain) {
  dir_.write("token", "s3cret\n");
  token_ = dir_.path("token");
  std::atomic<int> count{0};
  peer_.answer_with([&](const support::PeerRequest& request) {
    EXPECT_EQ(request.method, "GET");
    EXPECT_EQ(request.target, "/metrics");
    EXPECT_EQ(request.header("Authorization"), "Bearer s3cret");
    return support::PeerAnswer{.body = "apiserver_audit_event_total " +
                                       std::to_string(100 * ++count) + "\n"};
  });
  start();
  ASSERT_TRUE(peer_.wait_for(4));
  scraper_->stop();
  const ReconcileStatus status = reconciler_->status();
  EXPECT_GE(status.peers[0].scrapes, 3U);
  EXPECT_EQ(status.generated, status.peers[0].last.events - 100);
  EXPECT_EQ(status.peers[0].last_error, "");
}

TEST_F(ScraperTest, AnAnswerWithoutTheCountersIsAFailure) {
  peer_.answer_with([](const support::PeerRequest&) { return support::PeerAnswer{}; });
  start();
  ASSERT_TRUE(peer_.wait_for(2));
  scraper_->stop();
  EXPECT_NE(reconciler_->status().peers[0].last_error.find("apiserver_audit_event_total"),
            std::string::npos);
}

TEST_F(ScraperTest, AnAnswerWithoutEndIsAFailure) {
  peer_.answer_with([](const support::PeerRequest&) {
    return support::PeerAnswer{.body = "apiserver_audit_event_total 1\n" +
                                       std::string(std::size_t{5} << 20U, '#')};
  });
  start();
  ASSERT_TRUE(peer_.wait_for(2));
  scraper_->stop();
  EXPECT_EQ(reconciler_->status().peers[0].last_error, "its answer is too long");
}

TEST_F(ScraperTest, ARefusalSaysWhatTheUserNeeds) {
  peer_.answer_with(
      [](const support::PeerRequest&) { return support::PeerAnswer{.status = 403, .body = "no"}; });
  start();
  ASSERT_TRUE(peer_.wait_for(2));
  scraper_->stop();
  EXPECT_NE(reconciler_->status().peers[0].last_error.find("nonResourceURLs"), std::string::npos);
}

TEST_F(ScraperTest, AStopDoesNotWaitForAPeerThatHangs) {
  peer_.answer_with([](const support::PeerRequest&) { return support::PeerAnswer{.hang = true}; });
  start();
  ASSERT_TRUE(peer_.wait_for(1));
  const auto start = std::chrono::steady_clock::now();
  scraper_->stop();
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
  EXPECT_EQ(reconciler_->status().peers[0].last_error, "not asked yet");
}

TEST_F(ScraperTest, AFileThatCannotBeReadIsToldAtTheStart) {
  ScrapeOptions options;
  options.client.ca_cert = dir_.path("none.pem");
  Reconciler reconciler(
      {}, [](Finding) {}, clock_, metrics_);
  Scraper scraper(options, {}, reconciler, [] { return std::uint64_t{0}; });
  EXPECT_FALSE(scraper.start());
}

}  // namespace
}  // namespace tiercel::watch
