#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store_fixture.h"

namespace tiercel::store {
namespace {

// A store at its size, and on a disk that takes no more.
class FullTest : public StoreTest {
 protected:
  /// To its size. Logs that are moved into their segments make room again for a while.
  [[nodiscard]] static bool fill(Store& store, std::uint64_t& next) {
    auto last = std::chrono::steady_clock::now();
    return eventually([&] {
      const auto now = std::chrono::steady_clock::now();
      if (append(store, make_batch(next, next + 10, 1000)) == AppendResult::kStored) {
        next += 10;
        last = now;
      }
      return now - last > std::chrono::seconds(1);
    });
  }
  [[nodiscard]] static AppendResult append_own(Store& store, std::uint64_t number) {
    RecordBatch batch = make_batch(number, number + 1, 1000);
    batch.is_own = true;
    return append(store, std::move(batch));
  }
};

TEST_F(FullTest, AFullDiskRefusesUntilThereIsRoomAndDeliveryGoesOn) {
  const int code = in_child([&] {
    ::signal(SIGXFSZ, SIG_IGN);
    auto opened = try_open();
    if (!opened) {
      return 2;
    }
    Store& store = **opened;
    if (append(store, make_batch(0, 50, 1000)) != AppendResult::kStored) {
      return 3;
    }
    rlimit limit{};
    ::getrlimit(RLIMIT_FSIZE, &limit);
    const rlim_t before = limit.rlim_cur;
    limit.rlim_cur = 300'000;
    ::setrlimit(RLIMIT_FSIZE, &limit);
    std::uint64_t next = 50;
    AppendResult result = AppendResult::kStored;
    while (result == AppendResult::kStored && next < 2000) {
      result = append(store, make_batch(next, next + 50, 1000));
      next += 50;
    }
    if (result != AppendResult::kFull || !store.status().is_full) {
      return 4;
    }
    if (append(store, make_batch(next, next + 50, 1000)) != AppendResult::kFull ||
        events_.count("store_full") != 1) {
      return 5;
    }
    auto feed = store.feed("out");
    if (read_numbers(*feed) != numbers(0, next - 50)) {
      return 6;
    }
    limit.rlim_cur = before;
    ::setrlimit(RLIMIT_FSIZE, &limit);
    if (append(store, make_batch(next - 50, next, 1000)) != AppendResult::kStored) {
      return 7;
    }
    clock_.pass_seconds(10);
    if (events_.wait("store_has_room").code.empty() || store.status().is_full) {
      return 8;
    }
    return read_numbers(*feed) == numbers(0, next) ? 0 : 9;
  });
  EXPECT_EQ(code, 0);
}

TEST_F(FullTest, AStoreAtItsSizeTakesAlertsOfOurOwnAndOnlyALittleOfThem) {
  options_.max_size = 1 << 20U;
  open({"stuck"});
  std::uint64_t next = 0;
  ASSERT_TRUE(fill(*store_, next));
  const std::size_t recovered = events_.count("store_has_room");
  const auto own = [&](std::uint64_t from) { return append_own(*store_, from); };
  EXPECT_EQ(own(next + 10), AppendResult::kStored);
  EXPECT_TRUE(store_->status().is_full);
  EXPECT_EQ(append(*store_, make_batch(next, next + 10, 1000)), AppendResult::kFull);
  EXPECT_EQ(events_.count("store_has_room"), recovered);
  std::uint64_t taken = 1;
  while (taken < 1000 && own(next + 10 + taken) == AppendResult::kStored) {
    ++taken;
  }
  EXPECT_LT(taken, 300U);
  auto expected = numbers(0, next);
  const auto ours = numbers(next + 10, next + 10 + taken);
  expected.insert(expected.end(), ours.begin(), ours.end());
  EXPECT_EQ(read_numbers(*store_->feed("stuck")), expected);
}

TEST_F(FullTest, OwnAlertsThatCouldNotBeStoredTakeNothingOfTheirRoom) {
  options_.max_size = 1 << 20U;
  const int code = in_child([&] {
    ::signal(SIGXFSZ, SIG_IGN);
    auto opened = try_open({"stuck"});
    std::uint64_t next = 0;
    if (!opened || !fill(**opened, next)) {
      return 2;
    }
    rlimit limit{};
    ::getrlimit(RLIMIT_FSIZE, &limit);
    const rlim_t before = limit.rlim_cur;
    limit.rlim_cur = 4096;
    ::setrlimit(RLIMIT_FSIZE, &limit);
    for (int i = 0; i < 400; ++i) {
      if (append_own(**opened, next) != AppendResult::kFull) {
        return 3;
      }
    }
    limit.rlim_cur = before;
    ::setrlimit(RLIMIT_FSIZE, &limit);
    return append_own(**opened, next) == AppendResult::kStored ? 0 : 4;
  });
  EXPECT_EQ(code, 0);
}

TEST_F(FullTest, AStoreOnAFullDiskOpensAndDelivers) {
  open();
  put(0, 50, 1000);
  store_.reset();
  const int code = in_child([&] {
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{20'000, 20'000};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    auto opened = try_open({"out", "new"});
    if (!opened) {
      return 2;
    }
    if (read_numbers(*(*opened)->feed("out")) != numbers(0, 50)) {
      return 3;
    }
    return append(**opened, make_batch(50, 60)) == AppendResult::kFull ? 0 : 4;
  });
  EXPECT_EQ(code, 0);
}

}  // namespace
}  // namespace tiercel::store
