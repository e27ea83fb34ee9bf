#include "tiercel/base/network.h"

#include <gtest/gtest.h>

namespace tiercel::base {
namespace {

bool lies_in(const char* address, const char* network) {
  const auto parsed = Network::parse(network);
  EXPECT_TRUE(parsed) << network;
  return parsed && parsed->contains(address);
}

TEST(Network, HoldsTheAddressesOfItsRange) {
  EXPECT_TRUE(lies_in("10.0.0.0", "10.0.0.0/8"));
  EXPECT_TRUE(lies_in("10.255.255.255", "10.0.0.0/8"));
  EXPECT_FALSE(lies_in("11.0.0.0", "10.0.0.0/8"));
  EXPECT_TRUE(lies_in("192.168.6.7", "192.168.4.0/22"));
  EXPECT_FALSE(lies_in("192.168.8.0", "192.168.4.0/22"));
  EXPECT_TRUE(lies_in("10.1.2.3", "10.1.2.3"));
  EXPECT_FALSE(lies_in("10.1.2.4", "10.1.2.3"));
  EXPECT_FALSE(lies_in("10.1.2.2", "10.1.2.3/32"));
  EXPECT_TRUE(lies_in("fd12::1", "fd00::/8"));
  EXPECT_FALSE(lies_in("fe80::1", "fd00::/8"));
  EXPECT_TRUE(lies_in("2001:db8:0:7fff::1", "2001:db8::/49"));
  EXPECT_FALSE(lies_in("2001:db8:0:8000::1", "2001:db8::/49"));
  EXPECT_TRUE(lies_in("::1", "::1"));
  EXPECT_TRUE(lies_in("fe80::1%eth0", "fe80::/10"));
}

TEST(Network, TakesBothNotationsOfIpv4AsOneAndNeverForIpv6) {
  EXPECT_TRUE(lies_in("::ffff:10.0.0.1", "10.0.0.0/8"));
  EXPECT_TRUE(lies_in("10.0.0.1", "0.0.0.0/0"));
  EXPECT_FALSE(lies_in("10.0.0.1", "::/0"));
  EXPECT_TRUE(lies_in("fd00::1", "::/0"));
  EXPECT_FALSE(lies_in("fd00::1", "0.0.0.0/0"));
  EXPECT_FALSE(lies_in("unknown", "0.0.0.0/0"));
  EXPECT_FALSE(lies_in("", "::/0"));
}

TEST(Network, MadeOfNothingHoldsNoAddress) {
  EXPECT_FALSE(Network().contains("::1"));
  EXPECT_FALSE(Network().contains("fd00::1"));
  EXPECT_FALSE(Network().contains("10.0.0.1"));
}

TEST(Network, RefusesWhatIsNone) {
  for (const char* const text :
       {"", "/", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/8x", "10.0.0/8",
        "10.0.0.1/8", "fd00::/129", "fd00::1/8", "example.com", "10.0.0.0/8/8", " 10.0.0.0/8"}) {
    EXPECT_FALSE(Network::parse(text)) << text;
  }
}

}  // namespace
}  // namespace tiercel::base
