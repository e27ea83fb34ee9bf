#include "sources.h"

#include <utility>

#include <gtest/gtest.h>

namespace tiercel::app {
namespace {

using std::chrono::milliseconds;
using Log = std::vector<std::pair<std::string, milliseconds>>;

// Writes down what it is told; what it had to finish is never taken.
class StuckSource final : public source::ThreadedSource {
 public:
  explicit StuckSource(Log& log) : log_(log) {}
  base::Result<void> start() override { return {}; }
  void ask_to_stop() override { log_.emplace_back("ask", milliseconds(0)); }
  bool stop(milliseconds deadline) override {
    log_.emplace_back("stop", deadline);
    return false;
  }

 private:
  Log& log_;
};

TEST(Sources, TellsAllToStopBeforeItWaitsForAny) {
  Log log;
  std::vector<Sources::Running> running;
  for (int at = 0; at < 3; ++at) {
    running.push_back({std::make_unique<StuckSource>(log), "not taken"});
  }
  Sources sources(std::move(running));
  sources.stop(milliseconds(1'000'000));
  ASSERT_EQ(log.size(), 6U);
  for (std::size_t at = 0; at < log.size(); ++at) {
    EXPECT_EQ(log[at].first, at < 3 ? "ask" : "stop");
    EXPECT_TRUE(at < 3 || (log[at].second > milliseconds(900'000) &&
                           log[at].second <= milliseconds(1'000'000)));
  }
}

}  // namespace
}  // namespace tiercel::app
