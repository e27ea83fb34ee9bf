// Each kind of output that speaks HTTP, and each way in which its peer can fail: nothing is lost,
// and an output beside it does not notice.
#include <algorithm>
#include <filesystem>
#include <mutex>
#include <set>
#include <thread>

#include <gtest/gtest.h>

#include "http_support.h"
#include "recording_output.h"
#include "runner_rig.h"

namespace tiercel::output {
namespace {

using std::chrono::milliseconds;
using support::PeerAnswer;
using support::PeerRequest;

constexpr std::uint64_t kAlerts = 7;
constexpr std::int64_t kRetryAfter = 90;

struct Trouble {
  std::string_view name;
  /// Instead of what the vendor answers when all is well; null: nothing listens.
  PeerAnswer (*answer)(PeerAnswer well);
  bool fails = true;

  friend void PrintTo(const Trouble& trouble, std::ostream* out) { *out << trouble.name; }
};

constexpr std::array kTroubles{
    Trouble{"down", nullptr},
    Trouble{"slow",
            [](PeerAnswer well) {
              well.delay = milliseconds(20);
              return well;
            },
            false},
    Trouble{"too_slow",
            [](PeerAnswer well) {
              well.delay = milliseconds(400);
              return well;
            }},
    Trouble{"500",
            [](PeerAnswer) { return PeerAnswer{.status = 500, .body = "<html>oops</html>"}; }},
    Trouble{"429",
            [](PeerAnswer) {
              return PeerAnswer{.status = 429,
                                .headers = {{"Retry-After", std::to_string(kRetryAfter)}}};
            }},
    Trouble{"reset", [](PeerAnswer) { return PeerAnswer{.reset = true}; }},
    Trouble{"never_answers", [](PeerAnswer) { return PeerAnswer{.hang = true}; }},
    Trouble{"closes_half_way", [](PeerAnswer well) {
              well.status = 200;
              well.body += std::string(1000, ' ');
              well.cut = true;
              return well;
            }}};

class FailingPeer : public testing::TestWithParam<std::tuple<HttpKind, Trouble>> {
 protected:
  [[nodiscard]] static const HttpKind& kind() { return std::get<0>(GetParam()); }
  [[nodiscard]] static const Trouble& trouble() { return std::get<1>(GetParam()); }

  PeerAnswer answer(const PeerRequest& request) {
    const std::lock_guard lock(mutex_);
    times_.push_back(clock_.now());
    const support::Complaints complaints = kind().check(request);
    EXPECT_TRUE(complaints.empty()) << support::joined(complaints) << "\n" << request.body;
    if (is_well_ || !trouble().fails) {
      taken_ += request.body;
    }
    return is_well_ ? kind().takes(request) : trouble().answer(kind().takes(request));
  }
  void recover(support::PeerServer& peer) {
    {
      const std::lock_guard lock(mutex_);
      is_well_ = true;
    }
    if (trouble().answer == nullptr) {
      peer.listen();
    }
  }
  // Between two requests that were refused.
  [[nodiscard]] std::int64_t least_pause() const {
    const std::lock_guard lock(mutex_);
    std::int64_t least = std::numeric_limits<std::int64_t>::max();
    for (std::size_t at = 1; at < times_.size(); ++at) {
      least = std::min(least, times_[at] - times_[at - 1]);
    }
    return least;
  }
  [[nodiscard]] bool is_taken(std::uint64_t number) const {
    const std::lock_guard lock(mutex_);
    return taken_.find(RunnerRig::mark(number)) != std::string::npos;
  }

  support::HandClock clock_;

 private:
  mutable std::mutex mutex_;
  bool is_well_ = false;
  std::string taken_;
  std::vector<std::int64_t> times_;
};

TEST_P(FailingPeer, CostsNothing) {
  support::PeerServer peer({.listens = trouble().answer != nullptr});
  peer.answer_with([this](const PeerRequest& request) { return answer(request); });
  base::Metrics metrics;
  support::Peer other;
  const auto options =
      kind().options_for(peer.url(""), {{"timeout", "100ms"}, {"connect_timeout", "100ms"}});
  RunnerRig failing(std::string(kind().name),
                    support::configured_output(*find_output_type(kind().name), options,
                                               {"failing", clock_, metrics}),
                    kAlerts, clock_);
  RunnerRig healthy("healthy", other.output(), kAlerts, clock_);
  const auto started = failing.start();
  ASSERT_TRUE(started) << started.error().text();
  ASSERT_TRUE(healthy.start());

  if (trouble().fails) {
    EXPECT_TRUE(eventually_with_time(clock_, [&] { return failing.failures() >= 2; }));
    EXPECT_FALSE(failing.is_done());
    EXPECT_FALSE(failing.runner().status().last_error.empty());
    if (trouble().name == "429") {
      EXPECT_GE(least_pause(), kRetryAfter * 1'000'000'000);
    }
  }
  EXPECT_TRUE(eventually_with_time(clock_, [&] { return healthy.is_done(); }));
  EXPECT_EQ(other.taken_count(), kAlerts);
  EXPECT_EQ(healthy.failures(), 0U);

  recover(peer);
  EXPECT_TRUE(eventually_with_time(clock_, [&] { return failing.is_done(); }))
      << failing.runner().status().last_error;
  EXPECT_EQ(failing.lost(), 0U);
  for (std::uint64_t number = 1; number <= kAlerts; ++number) {
    EXPECT_TRUE(is_taken(number)) << number;
  }
}

std::string name_of(const testing::TestParamInfo<std::tuple<HttpKind, Trouble>>& info) {
  return std::get<0>(info.param).label() + "_" + std::string(std::get<1>(info.param).name);
}

INSTANTIATE_TEST_SUITE_P(All, FailingPeer,
                         testing::Combine(testing::ValuesIn(http_kinds().begin(),
                                                            http_kinds().end()),
                                          testing::ValuesIn(kTroubles)),
                         name_of);

// A kind that is added has a row there, or says where else it is tested.
TEST(FailingPeers, AreTestedForEveryKind) {
  std::set<std::string_view> known;
  for (const HttpKind& kind : http_kinds()) {
    EXPECT_NE(find_output_type(kind.name), nullptr) << kind.name;
    known.insert(kind.name);
  }
  for (const OtherKind& kind : other_kinds()) {
    EXPECT_TRUE(known.insert(kind.name).second) << kind.name << " is listed twice";
    EXPECT_TRUE(
        std::filesystem::exists(std::string(TIERCEL_SOURCE_DIR) + "/" + std::string(kind.tests)))
        << kind.tests;
  }
  for (const OutputType* const type : output_types()) {
    EXPECT_TRUE(known.contains(type->name))
        << "no test says what output `" << type->name
        << "` does when its peer fails: give it a row in tests/unit/output/http_kinds.cpp, in "
           "table() where it speaks HTTP, in kOthers with the place of its tests where not";
  }
}

}  // namespace
}  // namespace tiercel::output
