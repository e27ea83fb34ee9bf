#include "pressure.h"

#include <string>

#include <gtest/gtest.h>

#include "fake_clock.h"

namespace tiercel::source {
namespace {

using std::chrono::seconds;

std::string print(const http::Response& response) {
  std::string out = std::to_string(response.status);
  for (const http::Header& header : response.headers) {
    out += " " + header.name + ":" + header.value;
  }
  return out;
}

TEST(Pressure, AsksForMorePatienceAndThenGivesUp) {
  HandClock clock;
  Pressure pressure(clock, seconds{120});
  struct Step {
    int push;
    const char* want;
  };
  for (const Step& step : {
           Step{0, "429 Retry-After:1"},   // 0
           Step{9, "429 Retry-After:1"},   // 9
           Step{1, "429 Retry-After:2"},   // 10
           Step{19, "429 Retry-After:2"},  // 29
           Step{1, "429 Retry-After:3"},   // 30
           Step{30, "429 Retry-After:3"},  // 60
           Step{30, "429 Retry-After:3"},  // 90
           Step{29, "429 Retry-After:3"},  // 119
           Step{1, "503"},                 // 120
           Step{20, "503"},                // 140
           Step{31, "429 Retry-After:1"},  // a pause: nobody was refused
       }) {
    clock.push(seconds{step.push});
    EXPECT_EQ(print(pressure.refuse()), step.want) << clock.steady() / 1'000'000'000;
  }
}

TEST(Pressure, ForgetsWhenABatchWasTaken) {
  HandClock clock;
  Pressure pressure(clock, seconds{120});
  static_cast<void>(pressure.refuse());
  clock.push(seconds{20});
  EXPECT_EQ(print(pressure.refuse()), "429 Retry-After:2");
  pressure.took_one();
  EXPECT_EQ(print(pressure.refuse()), "429 Retry-After:1");
}

}  // namespace
}  // namespace tiercel::source
