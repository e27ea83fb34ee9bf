#include "tiercel/base/nearest.h"

#include <array>

#include <gtest/gtest.h>

namespace tiercel::base {
namespace {

constexpr std::array<std::string_view, 5> kKnown{"ka.verb", "ka.user.name", "ka.uri", "enabled",
                                                 "webserver"};

TEST(Nearest, FindsWhatWasMeant) {
  EXPECT_EQ(nearest_name("ka.vreb", kKnown), "ka.verb");
  EXPECT_EQ(nearest_name("ka.username", kKnown), "ka.user.name");
  EXPECT_EQ(nearest_name("enable", kKnown), "enabled");
  EXPECT_EQ(nearest_name("web_server", kKnown), "webserver");
}

TEST(Nearest, SaysNothingWhereNothingIsNear) {
  EXPECT_EQ(nearest_name("proc.name", kKnown), "");
  EXPECT_EQ(nearest_name("x", kKnown), "");
  EXPECT_EQ(nearest_name(std::string(100'000, 'a'), kKnown), "");
}

}  // namespace
}  // namespace tiercel::base
