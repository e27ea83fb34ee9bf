#include "part_search.h"

#include <algorithm>
#include <chrono>
#include <random>

#include <gtest/gtest.h>

namespace tiercel::engine {
namespace {

using Parts = std::vector<std::string>;

std::vector<std::uint32_t> found(const PartSearch& search, std::string_view text,
                                 PartSearch::Scratch& scratch) {
  std::vector<std::uint32_t> numbers;
  search.begin(scratch);
  search.find(text, 0, scratch, numbers);
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

std::vector<std::uint32_t> found(const Parts& parts, std::string_view text) {
  PartSearch::Scratch scratch;
  return found(PartSearch(parts), text, scratch);
}

using Numbers = std::vector<std::uint32_t>;

TEST(PartSearch, FindsWhatATextHolds) {
  const Parts parts{"he", "she", "his", "hers"};
  EXPECT_EQ(found(parts, "ushers"), (Numbers{0, 1, 3}));
  EXPECT_EQ(found(parts, "this he"), (Numbers{0, 2}));
  EXPECT_EQ(found(parts, ""), Numbers{});
  EXPECT_EQ(found(parts, "hhhis"), Numbers{2});
  EXPECT_EQ(found(Parts{std::string("\0\xff", 2)}, std::string("a\0\xff", 3)), Numbers{0});
}

TEST(PartSearch, OfNoPartsFindsNone) {
  EXPECT_TRUE(PartSearch().empty());
  EXPECT_TRUE(PartSearch(Parts{}).empty());
}

TEST(PartSearch, FindsEachOnceUntilItBeginsAnew) {
  const PartSearch search(Parts{"a", "aa"});
  PartSearch::Scratch scratch;
  std::vector<std::uint32_t> numbers;
  search.begin(scratch);
  search.find("aaaa", 10, scratch, numbers);
  search.find("aaaa", 10, scratch, numbers);
  std::sort(numbers.begin(), numbers.end());
  EXPECT_EQ(numbers, (Numbers{10, 11}));
  EXPECT_EQ(found(search, "aa", scratch), (Numbers{0, 1}));
}

// Texts of two letters hold nearly everything in all its overlaps.
TEST(PartSearch, FindsWhatLookingForEachFinds) {
  std::mt19937 random(7);
  const auto text_of = [&](std::size_t size) {
    std::string text;
    for (std::size_t at = 0; at < size; ++at) {
      text += random() % 3 == 0 ? 'b' : 'a';
    }
    return text;
  };
  PartSearch::Scratch scratch;
  for (int round = 0; round < 300; ++round) {
    Parts parts;
    for (std::size_t count = 1 + random() % 30; count > 0; --count) {
      parts.push_back(text_of(1 + random() % 9));
    }
    std::sort(parts.begin(), parts.end());
    parts.erase(std::unique(parts.begin(), parts.end()), parts.end());
    std::shuffle(parts.begin(), parts.end(), random);
    const std::string text = text_of(random() % 40);
    Numbers wanted;
    for (std::uint32_t number = 0; number < parts.size(); ++number) {
      if (text.find(parts[number]) != std::string::npos) {
        wanted.push_back(number);
      }
    }
    EXPECT_EQ(found(PartSearch(parts), text, scratch), wanted) << text;
  }
}

// Parts each of which ends with all shorter ones, in a text made of them.
TEST(PartSearch, TakesTimeThatIsLinearInTheText) {
  Parts parts;
  for (std::size_t size = 1; size <= 2'000; ++size) {
    parts.push_back(std::string(size, 'a'));
  }
  const PartSearch search(parts);
  PartSearch::Scratch scratch;
  const std::string text(1'000'000, 'a');
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(found(search, text, scratch).size(), parts.size());
  // A look at each part at each byte would take seconds.
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(500));
}

}  // namespace
}  // namespace tiercel::engine
