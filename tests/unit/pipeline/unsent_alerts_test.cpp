#include "unsent_alerts.h"

#include <deque>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace tiercel::pipeline {
namespace {

using store::AppendResult;
using Texts = std::vector<std::string>;

// Answers when it is told to, as the store's thread does.
class LateStore final : public store::AlertStore {
 public:
  void append(store::RecordBatch batch, Completion completion) override {
    in_hand_.push_back({std::move(batch), std::move(completion)});
  }
  std::size_t in_hand() const { return in_hand_.size(); }
  void answer(AppendResult result) {
    auto [batch, completion] = std::move(in_hand_.front());
    in_hand_.pop_front();
    if (result == AppendResult::kStored) {
      for (const store::Record& record : batch.records) {
        stored.emplace_back(batch.line(record));
        rules.emplace_back(record.rule);
        users.emplace_back(batch.key(record.user));
      }
    }
    EXPECT_TRUE(batch.is_own);
    completion(result);
  }

  Texts stored;
  Texts rules;
  Texts users;

 private:
  std::deque<std::pair<store::RecordBatch, Completion>> in_hand_;
};

store::RecordBatch alert(const std::string& text) {
  const auto rule = std::make_shared<const std::string>("rule of " + text);
  store::RecordBatch batch;
  batch.bytes = text;
  batch.owner = rule;
  store::Record record;
  record.length = text.size();
  record.rule = *rule;
  record.user = batch.add_key("user of " + text);
  batch.records.push_back(record);
  return batch;
}

class UnsentAlertsTest : public testing::Test {
 protected:
  void tell(const std::string& text, bool is_state = true) {
    dropped_ += unsent_->push(alert(text), is_state);
    unsent_->send();
  }

  LateStore store_;
  std::size_t dropped_ = 0;
  std::shared_ptr<UnsentAlerts> unsent_ = std::make_shared<UnsentAlerts>(store_);
};

TEST_F(UnsentAlertsTest, GoOnWhenTheStoreHasAnswered) {
  for (const char* const text : {"a", "b", "c"}) {
    tell(text);
  }
  ASSERT_EQ(store_.in_hand(), 1U) << "the others wait";
  store_.answer(AppendResult::kStored);
  EXPECT_EQ(store_.stored, Texts{"a"});
  ASSERT_EQ(store_.in_hand(), 1U);
  store_.answer(AppendResult::kStored);
  EXPECT_EQ(store_.stored, (Texts{"a", "b", "c"}));
  EXPECT_EQ(store_.rules, (Texts{"rule of a", "rule of b", "rule of c"}));
  EXPECT_EQ(store_.users, (Texts{"user of a", "user of b", "user of c"}));
  EXPECT_EQ(store_.in_hand(), 0U);
}

// The disk is back just when the first one is refused.
TEST_F(UnsentAlertsTest, NonePassesOneThatIsRefused) {
  tell("failed");
  tell("recovered");
  store_.answer(AppendResult::kFull);
  EXPECT_EQ(store_.in_hand(), 0U) << "the store is left alone for a while";
  unsent_->send();
  unsent_->send();
  ASSERT_EQ(store_.in_hand(), 1U);
  store_.answer(AppendResult::kStored);
  ASSERT_EQ(store_.in_hand(), 1U);
  store_.answer(AppendResult::kStored);
  EXPECT_EQ(store_.stored, (Texts{"failed", "recovered"}));
}

TEST_F(UnsentAlertsTest, AGroupIsBounded) {
  tell("first");
  for (std::size_t at = 0; at < UnsentAlerts::kMostAtOnce + 1; ++at) {
    tell(std::to_string(at));
  }
  store_.answer(AppendResult::kStored);
  store_.answer(AppendResult::kStored);
  EXPECT_EQ(store_.stored.size(), UnsentAlerts::kMostAtOnce + 1);
  store_.answer(AppendResult::kStored);
  EXPECT_EQ(store_.stored.size(), UnsentAlerts::kMostAtOnce + 2);
  store_.stored.clear();
  tell("first");
  for (int at = 0; at < 3; ++at) {
    tell(std::string(UnsentAlerts::kMostBytesAtOnce * 2 / 5, 'x'));
  }
  store_.answer(AppendResult::kStored);
  store_.answer(AppendResult::kStored);
  EXPECT_EQ(store_.stored.size(), 3U);
  store_.answer(AppendResult::kStored);
  EXPECT_EQ(store_.stored.size(), 4U);
}

TEST_F(UnsentAlertsTest, OfThoseThatWaitTheOldestAreDroppedAndStatesLast) {
  const std::size_t size = UnsentAlerts::kMostBytes / 20;  // it stands in the keys as well
  const auto long_text = [&](const std::string& name) { return name + std::string(size, '.'); };
  tell("in hand", false);
  tell("state");
  for (int at = 0; at < 12; ++at) {
    tell(long_text(std::to_string(at)), false);
  }
  EXPECT_EQ(dropped_, 3U);
  while (store_.in_hand() != 0) {
    store_.answer(AppendResult::kStored);
  }
  ASSERT_EQ(store_.stored.size(), 11U);
  EXPECT_EQ(store_.stored[0], "in hand") << "the store has it already";
  EXPECT_EQ(store_.stored[1], "state");
  EXPECT_EQ(store_.stored[2].front(), '3');
  tell("in hand");
  for (int at = 0; at < 12; ++at) {
    tell(long_text(std::to_string(at)));
  }
  EXPECT_EQ(dropped_, 6U) << "states too are bounded";
}

TEST_F(UnsentAlertsTest, OneThatIsLongerThanAllMayBeIsTaken) {
  tell(std::string(UnsentAlerts::kMostBytes + 1, 'x'));
  store_.answer(AppendResult::kStored);
  EXPECT_EQ(store_.stored.size(), 1U);
  EXPECT_EQ(dropped_, 0U);
}

// What it did not take can be told of at the end.
TEST_F(UnsentAlertsTest, AStoreThatStopsIsNotTriedAgain) {
  tell("a");
  tell("b");
  tell("c");
  EXPECT_EQ(unsent_->waiting(), 3U);
  store_.answer(AppendResult::kStored);
  EXPECT_EQ(unsent_->waiting(), 2U);
  store_.answer(AppendResult::kStopping);
  unsent_->send();
  EXPECT_EQ(store_.in_hand(), 0U);
  EXPECT_EQ(unsent_->waiting(), 2U);
}

TEST_F(UnsentAlertsTest, GoOnWithoutTheirMaker) {
  tell("a");
  tell("b");
  unsent_.reset();
  store_.answer(AppendResult::kStored);
  store_.answer(AppendResult::kStored);
  EXPECT_EQ(store_.stored, (Texts{"a", "b"}));
}

}  // namespace
}  // namespace tiercel::pipeline
