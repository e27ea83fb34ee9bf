#include "tiercel/base/snapshot.h"

#include <atomic>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace tiercel::base {
namespace {

TEST(Snapshot, ReadersSeeOneWholeValueWhileItIsReplaced) {
  struct Pair {
    int a;
    int b;
  };
  Snapshot<Pair> snapshot(std::make_shared<const Pair>(Pair{0, 0}));
  std::atomic<bool> stop{false};
  std::atomic<int> torn{0};
  std::vector<std::thread> readers;
  for (int reader = 0; reader < 3; ++reader) {
    readers.emplace_back([&] {
      while (!stop) {
        const auto pair = snapshot.current();
        torn += pair->a == pair->b ? 0 : 1;
      }
    });
  }
  for (int value = 1; value <= 2'000; ++value) {
    snapshot.publish(std::make_shared<const Pair>(Pair{value, value}));
  }
  stop = true;
  for (std::thread& reader : readers) {
    reader.join();
  }
  EXPECT_EQ(torn, 0);
  EXPECT_EQ(snapshot.current()->a, 2'000);
}

}  // namespace
}  // namespace tiercel::base
